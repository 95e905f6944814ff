import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { AssetId, RuleId } from '../domain/ids.ts'
import { GuardSchema } from '../domain/rule.ts'
import { DAY, HOUR, MINUTE } from '../domain/time.ts'
import { assetOf, NINE } from '../fixtures/records.ts'
import { type AuthoringRoom, createAuthoring } from './authoring.ts'
import { checkGuards } from './guard.ts'
import { EAST, openRuleRoom, type RuleRoom, rule, WEST, zhao } from './rule-room.fixture.ts'

/** How versions fare once they run: what is counted of them, and what guards make of it. */
let at: RuleRoom
let room: AuthoringRoom
beforeEach(async () => {
  at = await openRuleRoom()
  room = at.room
})
afterEach(() => at.remove())

const saved: RuleRoom['saved'] = (...given) => at.saved(...given)
const raise: RuleRoom['raise'] = (...given) => at.raise(...given)
const states = () => at.states()

describe('a trial', () => {
  it('may be in a grid with an id of the city’s own once something stands there', async () => {
    await saved(0, rule(15), { state: 'live' })
    const trial = () => saved(1, rule(5), { state: 'live', areas: ['g-1'] })
    await expect(trial()).rejects.toMatchObject({ details: [{ why: 'there is no area g-1' }] })
    await at.register.putAsset(assetOf({ id: 'c-1', area: WEST, grid: 'g-1' }), zhao)
    expect(await trial()).toMatchObject({ areas: ['g-1'] })
  })
})

describe('guards', () => {
  const guard = GuardSchema.parse({ alertsPerHour: 3 })
  const check = () => checkGuards({ book: at.book, putBack: room.putBack }, at.clock.now)

  it('put the version before back when the new one floods, with the numbers, and once', async () => {
    await saved(0, rule(15), { state: 'live' })
    await saved(1, rule(5), { state: 'live', guard })
    await raise(1, 20)
    await raise(2, 3)
    at.clock.now += MINUTE
    expect(await check()).toEqual([])
    await raise(2, 1, { raisedAt: at.clock.now })
    expect(await check()).toEqual([{ rule: 'tilted', version: 2, now: 1, why: expect.stringContaining('4 alerts within an hour, limit 3') }])
    expect(await states()).toEqual({ 1: 'live', 2: 'draft' })
    expect(await at.register.rule('tilted')).toMatchObject({ version: 1, movedBy: 'guard', why: expect.stringContaining('limit 3') })
    expect(await check()).toEqual([])
  })

  it('count the last hour only', async () => {
    await saved(0, rule(15), { state: 'live', guard })
    await raise(1, 3)
    at.clock.now += HOUR + MINUTE
    await raise(1, 3)
    expect(await check()).toEqual([])
  })

  it('end a trial in areas by what is live elsewhere, and a first version with nothing', async () => {
    await saved(0, rule(15), { state: 'live' })
    await saved(1, rule(5), { state: 'live', areas: [WEST], guard })
    await raise(2, 4)
    expect(await check()).toMatchObject([{ version: 2, now: 1 }])
    expect(await states()).toEqual({ 1: 'live', 2: 'draft' })

    await room.save('new', { version: 0, source: rule(5).replace('rule: tilted', 'rule: new'), note: '', to: { state: 'live', guard } }, zhao)
    await raise(1, 4, { rule: 'new' as RuleId })
    expect(await check()).toMatchObject([{ rule: 'new', version: 1, now: null }])
    expect(await at.register.rule('new')).toMatchObject({ state: 'draft', movedBy: 'guard' })
  })

  it('judge by what operators said', async () => {
    await saved(0, rule(15), { state: 'live' })
    await saved(1, rule(5), { state: 'live', guard: GuardSchema.parse({ falseAlarmShare: 0.5, judged: 2 }) })
    await raise(2, 3)
    const { items } = { items: await at.book.alerts.list({ limit: 10, rule: 'tilted' }, '') }
    const judge = (index: number) =>
      at.journal.append([{ type: 'verdict', by: 'op', alert: items[index]?.id ?? '', rule: 'tilted', key: items[index]?.key ?? '', verdict: 'false_alarm', reason: '' }])
    await judge(0)
    await at.journal.settled()
    expect(await check()).toEqual([])
    await judge(1)
    await at.journal.settled()
    expect(await check()).toMatchObject([{ version: 2, now: 1, why: expect.stringContaining('2 of 2 judged') }])
  })

  it('leave on trial what is so elsewhere', async () => {
    await saved(0, rule(15), { state: 'live', guard })
    await saved(1, rule(5), { state: 'live', areas: [EAST], guard })
    await raise(2, 4)
    expect(await check()).toMatchObject([{ version: 2, now: 1 }])
    await raise(1, 4)
    expect(await check()).toMatchObject([{ version: 1, now: null }])
  })

  it('stand over a version again that was on trial when another took its place', async () => {
    await saved(0, rule(15), { state: 'live' })
    await saved(1, rule(10), { state: 'live', guard })
    await saved(2, rule(5), { state: 'live', guard: GuardSchema.parse({ alertsPerHour: 1 }) })
    await raise(3, 2)
    expect(await check()).toMatchObject([{ version: 3, now: 2 }])
    await raise(2, 4, { raisedAt: at.clock.now })
    expect(await check()).toMatchObject([{ version: 2, now: 1 }])
    expect(await states()).toEqual({ 1: 'live', 2: 'draft', 3: 'draft' })
  })

  it('leave alone what somebody has moved meanwhile', async () => {
    await saved(0, rule(15), { state: 'live', guard })
    await room.move('tilted', 1, { state: 'live', note: 'it may' }, zhao)
    expect(await room.putBack('tilted', 1, 'late')).toBeUndefined()
    expect(await states()).toEqual({ 1: 'live' })
  })
})

describe('how rules fare', () => {
  it('is counted by rule: firing, per day, judged, and what a version in shadow would have said', async () => {
    await saved(0, rule(15), { state: 'live' })
    await raise(1, 1, { raisedAt: NINE - 13 * DAY - HOUR, condition: 'resolved', key: 'old', resolvedAt: NINE - 13 * DAY, openedAt: NINE - 13 * DAY - HOUR })
    await raise(1, 1, { raisedAt: NINE - 14 * DAY, condition: 'resolved', key: 'older' })
    await raise(1, 2, { raisedAt: NINE })
    const none = await room.stats(['tilted', 'nobody'], NINE, zhao)
    expect(none.get('nobody')).toEqual({ firing: 0, perDay: Array(14).fill(0), judged: 0, falseAlarmShare: null, rejections: [], shadow: null, reminders: null })
    expect(none.get('tilted')).toMatchObject({ firing: 2, perDay: [1, ...Array(12).fill(0), 2], judged: 0, falseAlarmShare: null, shadow: null })

    const alerts = await at.book.alerts.list({ limit: 10, rule: 'tilted' }, '')
    for (const [index, verdict] of (['false_alarm', 'confirmed', 'false_alarm', 'benign'] as const).entries())
      await at.journal.append([{ type: 'verdict', by: 'op', alert: alerts[index]?.id ?? '', rule: 'tilted', key: '', verdict, reason: '' }])
    await at.journal.settled()
    expect((await room.stats(['tilted'], NINE, zhao)).get('tilted')).toMatchObject({ judged: 4, falseAlarmShare: 0.5 })
  })

  it('names the assets at which verdicts suggest another threshold: two false alarms within a week (B.5)', async () => {
    await saved(0, rule(15), { state: 'live' })
    for (const [asset, ago] of [
      ['noisy', 1],
      ['noisy', 6],
      ['noisy', 8],
      ['once', 1],
      ['once', 8],
    ] as const)
      await raise(1, 1, { asset: asset as AssetId, key: `${asset} ${ago}`, raisedAt: NINE - ago * DAY, openedAt: NINE - ago * DAY })
    const rejections = async () => (await room.stats(['tilted'], NINE, zhao)).get('tilted')?.rejections
    expect(await rejections()).toEqual([])
    for (const { id } of await at.book.alerts.list({ limit: 10, rule: 'tilted' }, ''))
      await at.journal.append([{ type: 'verdict', by: 'op', alert: id, rule: 'tilted', key: '', verdict: 'false_alarm', reason: '' }])
    await at.journal.settled()
    expect(await rejections()).toEqual([{ asset: 'noisy', rejected: 2 }])
  })

  it('compares a version in shadow by key and time, from when it went into shadow', async () => {
    await saved(0, rule(15), { state: 'live' })
    await saved(1, rule(5))
    await raise(2, 3, { shadow: true })
    await room.move('tilted', 2, { state: 'shadow', note: '' }, zhao)
    expect((await room.stats(['tilted'], NINE, zhao)).get('tilted')?.shadow).toEqual({ version: 2, raised: 0, same: 0 })
    await raise(1, 2, { openedAt: NINE + MINUTE, resolvedAt: NINE + HOUR, condition: 'resolved' })
    // c-0 and c-1 stood at that time too, under another beginning; c-2 the live version never saw.
    await raise(2, 3, { shadow: true, openedAt: NINE, resolvedAt: NINE + 30 * MINUTE, condition: 'resolved' })
    await raise(2, 1, { shadow: true, openedAt: NINE + 2 * HOUR })
    await raise(2, 1, { shadow: true, key: 'wrong', amended: 'disproved' })
    expect((await room.stats(['tilted'], NINE, zhao)).get('tilted')?.shadow).toEqual({ version: 2, raised: 4, same: 2 })
    expect((await at.book.alerts.list({ limit: 100 }, '')).filter(({ ruleVersion }) => ruleVersion === 2)).toEqual([])
  })

  it('of an area is counted of its own alerts only', async () => {
    const ofEast = { ...zhao, area: EAST }
    await saved(0, rule(15), { state: 'live' })
    await saved(1, rule(5), { state: 'shadow' })
    for (const [id, area] of [
      ['c-0', WEST],
      ['c-1', EAST],
    ] as const)
      await at.register.putAsset(assetOf({ id, area }), zhao)
    for (const [id, count] of [
      ['c-0', 2],
      ['c-1', 1],
    ] as const) {
      await raise(1, count, { asset: id as AssetId, lon: null, lat: null })
      await raise(2, count, { asset: id as AssetId, lon: null, lat: null, shadow: true, key: `${id} in shadow` })
    }
    expect((await room.stats(['tilted'], NINE, zhao)).get('tilted')).toMatchObject({ firing: 3, shadow: { raised: 3 } })
    expect((await room.stats(['tilted'], NINE, ofEast)).get('tilted')).toMatchObject({ firing: 1, perDay: [...Array(13).fill(0), 1], shadow: { raised: 1 } })
    const counted = createAuthoring({ ...at, reached: at.projector.reached, reminders: () => ({ tilted: { sent: 3, left: 2, stayed: 1 } }) })
    expect((await counted.stats(['tilted'], NINE, zhao)).get('tilted')?.reminders).toEqual({ sent: 3, left: 2, stayed: 1 })
    expect((await counted.stats(['tilted'], NINE, ofEast)).get('tilted')?.reminders).toBeNull()
  })
})
