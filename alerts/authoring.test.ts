import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { AlertId, RuleId } from '../domain/ids.ts'
import type { Register } from '../domain/ports/register.ts'
import type { Control } from '../domain/record.ts'
import type { Principal } from '../domain/role.ts'
import { GuardSchema, type RuleFile } from '../domain/rule.ts'
import { DAY, HOUR, MINUTE } from '../domain/time.ts'
import { createLoopbackJournal, type LoopbackJournal } from '../fixtures/loopback-journal.ts'
import { NINE, transitionOf } from '../fixtures/records.ts'
import { parseRuleFile } from '../rules/file.ts'
import { openPlaces } from '../store/book/places.ts'
import { createProjector, type Projector } from '../store/book/projector.ts'
import { createRegister } from '../store/book/register.ts'
import { registerApplier } from '../store/book/register-applier.ts'
import { type TemporaryBook, temporaryBook } from '../store/book/temporary-book.ts'
import { alertsApplier } from './applier.ts'
import { type AuthoringRoom, createAuthoring } from './authoring.ts'
import { checkGuards } from './guard.ts'

const [WEST, EAST] = ['310104', '310115']
const zhao: Principal = { name: 'zhao', role: 'author', area: '' }
const lin: Principal = { ...zhao, name: 'lin' }
const ofWest: Principal = { ...zhao, name: 'west', area: WEST }

const rule = (tilt: number, more = '') => `# ours\nrule: tilted
title: { zh: 倾斜, en: Tilted }
on: cover
params:
  tiltDeg: { value: ${tilt}, unit: deg, min: 2, max: 90 } # of the standard
when: tiltDeg > params.tiltDeg
severity: major
${more}`

let at: TemporaryBook
let projector: Projector
let journal: LoopbackJournal
let register: Register
let room: AuthoringRoom
let clock: number

function parse(source: string): RuleFile {
  const parsed = parseRuleFile(source)
  if ('errors' in parsed) throw new Error(parsed.errors[0]?.why)
  return parsed.file
}

beforeEach(async () => {
  at = await temporaryBook()
  clock = NINE
  const places = await openPlaces(at.book)
  await places.replace([WEST, EAST].map((code) => ({ code, level: 'district', name: code, polygon: [] })))
  projector = await createProjector(at.book, [registerApplier(places, parse), alertsApplier(places)], async () => undefined)
  journal = createLoopbackJournal(projector.apply, () => clock)
  register = createRegister({ book: at.book, places, journal, reached: projector.reached, latest: () => undefined })
  room = createAuthoring({ book: at.book, journal, reached: projector.reached })
})
afterEach(() => at.remove())

const saved = (version: number, source: string, to?: Parameters<AuthoringRoom['save']>[1]['to']) =>
  room.save('tilted', { version, source, note: `after ${version}`, ...(to && { to }) }, zhao)
const states = async () => Object.fromEntries((await register.ruleVersions('tilted')).map(({ version, state, areas }) => [version, areas ? `${state} in ${areas}` : state]))
const whatIs = async (work: Promise<unknown>) => work.then(() => expect.unreachable()).catch((error: unknown) => error)

/** Alerts of one version, one per minute from now on. */
async function raise(version: number, count: number, given: Partial<ReturnType<typeof transitionOf>> = {}): Promise<void> {
  const offset = journal.head()
  const entries = Array.from({ length: count }, (_, i) =>
    transitionOf(offset + 1, {
      n: i,
      rule: 'tilted' as RuleId,
      ruleVersion: version,
      alert: `a-${offset}-${i}` as AlertId,
      key: `c-${i}`,
      raisedAt: clock + i,
      openedAt: clock,
      ...given,
    }),
  )
  await journal.append([{ type: 'tick' }])
  await journal.settled()
  await at.book.transaction(async (tables) => {
    for (const entry of entries) await alertsApplier({ at: () => ({ area: null, grid: null }) })(tables, entry)
  })
}

describe('saving', () => {
  it('makes a draft with author, time and note, and a new rule after version 0', async () => {
    expect(await saved(0, rule(15))).toMatchObject({ version: 1, state: 'draft', author: 'zhao', at: NINE, note: 'after 0', file: { params: { tiltDeg: { value: 15 } } } })
    expect(await saved(1, rule(20), { state: 'live' })).toMatchObject({ version: 2, state: 'live', areas: null })
    expect(await register.rule('tilted')).toMatchObject({ version: 2, newest: 2, inForce: [{ version: 2 }] })
    expect(journal.records.map((record) => (record.type === 'rule' ? [record.by, record.version, record.state] : []))).toEqual([
      ['zhao', 1, 'draft'],
      ['zhao', 2, 'live'],
    ])
  })

  it('of two authors at once keeps one version and tells the other who, when and why; nothing is overwritten', async () => {
    await saved(0, rule(15), { state: 'live' })
    const both = await Promise.allSettled([
      room.save('tilted', { version: 1, source: rule(20), note: 'mine' }, zhao),
      room.save('tilted', { version: 1, source: rule(25), note: 'too' }, lin),
    ])
    expect(both.map(({ status }) => status)).toEqual(['fulfilled', 'rejected'])
    expect(both[1]).toMatchObject({ reason: { code: 'version.stale', extra: { version: 2, by: 'zhao', at: new Date(NINE).toISOString(), note: 'mine' } } })
    expect((await register.ruleVersions('tilted')).map(({ version, source }) => [version, source])).toEqual([
      [2, rule(20)],
      [1, rule(15)],
    ])
  })

  it.each([
    ['an id that is not the path', rule(15).replace('rule: tilted', 'rule: other'), ['rule']],
    ['two errors at once, by line and column', rule(15).replace('tiltDeg > params', 'tilt > params').replace('severity: major', 'severity: loud'), ['7:7', '8:11']],
    ['a parent that nobody knows, and what is wrong besides', `${rule(1)}extends: nobody\n`, ['extends', '6:12']],
    ['itself as its parent', `${rule(15)}extends: tilted\n`, ['extends']],
    ['what is no YAML', 'rule: [', [expect.stringMatching(/^\d+:\d+$/)]],
    ['aliases that multiply', `a: &a [1,1,1,1,1,1,1,1,1]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: [*c,*c,*c,*c]`, [expect.anything()]],
  ])('refuses %s, and keeps nothing', async (_, source, where) => {
    const error = (await whatIs(saved(0, source))) as { code: string; details: { where: string }[] }
    expect([error.code, error.details.map((each) => each.where)]).toEqual(['rules.invalid', where])
    expect(journal.records).toEqual([])
  })

  it('an edit by params keeps comments and layout; of which version, the author says', async () => {
    await saved(0, rule(15), { state: 'live' })
    await saved(1, rule(30, '# unfinished\n'))
    const edited = await room.save('tilted', { version: 2, from: 1, set: { tiltDeg: 20 }, overrides: [{ area: WEST, params: { tiltDeg: 10 } }], note: 'fewer' }, lin)
    expect(edited.source).toBe(rule(20, `overrides:\n  - area: "${WEST}"\n    params:\n      tiltDeg: 10\n`))
    expect(edited).toMatchObject({ version: 3, author: 'lin', file: { overrides: [{ area: WEST, params: { tiltDeg: 10 } }] } })
    expect(await room.diff('tilted', 1, 3)).toMatchObject({ sentence: { en: expect.stringMatching(/^tiltDeg 15 → 20 deg; overrides added/) } })
    await expect(room.diff('tilted', 1, 9)).rejects.toMatchObject({ code: 'not_found' })
  })

  it('says of every param what is wrong with its value', async () => {
    await saved(0, rule(15))
    const error = await whatIs(room.save('tilted', { version: 1, set: { tiltDeg: 91, hold: '2s', constructor: 1 }, note: '' }, zhao))
    expect(error).toMatchObject({ code: 'rules.invalid', details: [{ where: 'set.tiltDeg' }, { where: 'set.hold' }, { where: 'set.constructor' }] })
    expect(await whatIs(room.save('tilted', { version: 1, set: { tiltDeg: '20' }, note: '' }, zhao))).toMatchObject({
      details: [{ where: 'set.tiltDeg', why: 'must be a number' }],
    })
  })

  it('keeps what a rule extends as it was then, and says when that has changed', async () => {
    await room.save('base', { version: 0, source: rule(15).replace('rule: tilted', 'rule: base'), note: '', to: { state: 'live' } }, zhao)
    const child = await saved(0, rule(20, 'extends: base\n'), { state: 'live' })
    expect(child).toMatchObject({ base: expect.stringContaining('value: 15'), baseOutdated: false })
    await room.save('base', { version: 1, set: { tiltDeg: 16 }, note: '' }, zhao)
    expect(await register.rule('tilted')).toMatchObject({ baseOutdated: false })
    await room.move('base', 2, { state: 'live', note: '' }, zhao)
    expect(await register.rule('tilted')).toMatchObject({ baseOutdated: true, base: expect.stringContaining('value: 15') })
    expect((await register.rules({ limit: 10 })).items.map(({ id, baseOutdated }) => [id, baseOutdated])).toEqual([
      ['base', false],
      ['tilted', true],
    ])
    expect(await whatIs(room.save('third', { version: 0, source: rule(1).replace('rule: tilted', 'rule: third\nextends: tilted'), note: '' }, zhao))).toMatchObject({
      details: [{ where: 'extends', why: 'tilted extends a rule itself' }, {}],
    })
    expect((await saved(1, rule(21, 'extends: base\n'))).baseOutdated).toBe(false)
  })
})

describe('moving', () => {
  beforeEach(async () => {
    await saved(0, rule(15), { state: 'live' })
    await saved(1, rule(20))
    await saved(2, rule(25))
  })

  it('puts any version back; the one that was live goes out with the same record', async () => {
    await room.move('tilted', 2, { state: 'live', note: 'try' }, zhao)
    clock += HOUR
    const back = await room.move('tilted', 1, { state: 'live', note: 'worse' }, lin)
    expect(back).toMatchObject({ version: 1, state: 'live', author: 'zhao', at: NINE, since: clock, movedBy: 'lin', why: 'worse' })
    expect(await states()).toEqual({ 1: 'live', 2: 'draft', 3: 'draft' })
    const [, second] = await register.ruleVersions('tilted')
    expect(second?.moves.map(({ by, state, note }) => [by, state, note])).toEqual([
      ['zhao', 'draft', 'after 1'],
      ['zhao', 'live', 'try'],
      ['lin', 'draft', 'version 1 is live: worse'],
    ])
  })

  it('a version is live in some areas first: the one before stays elsewhere until the new one is live everywhere', async () => {
    await room.move('tilted', 2, { state: 'live', areas: [WEST], note: '' }, zhao)
    expect(await states()).toEqual({ 1: 'live', 2: `live in ${WEST}`, 3: 'draft' })
    expect(await register.rule('tilted')).toMatchObject({ version: 1, inForce: [{ version: 2, areas: [WEST] }, { version: 1 }] })
    await room.move('tilted', 3, { state: 'live', areas: [EAST], note: '' }, zhao)
    expect(await states()).toEqual({ 1: 'live', 2: 'draft', 3: `live in ${EAST}` })
    await room.move('tilted', 3, { state: 'live', note: '' }, zhao)
    expect(await states()).toEqual({ 1: 'draft', 2: 'draft', 3: 'live' })
  })

  it('one version runs in shadow beside the live one', async () => {
    await room.move('tilted', 2, { state: 'shadow', note: '' }, zhao)
    await room.move('tilted', 3, { state: 'shadow', note: '' }, zhao)
    expect(await states()).toEqual({ 1: 'live', 2: 'draft', 3: 'shadow' })
    expect(await register.rule('tilted')).toMatchObject({ version: 1, inForce: [{ version: 3, state: 'shadow' }, { version: 1 }] })
  })

  it('a version that was quarantined says why, and the next one that is live ends it', async () => {
    const quarantined: Control = { type: 'rule', by: 'platform', id: 'tilted', version: 1, state: 'quarantined', source: rule(15), note: 'took 5 s', from: 4 }
    await journal.append([quarantined])
    await journal.settled()
    expect(await register.rule('tilted')).toMatchObject({ version: 1, state: 'quarantined', why: 'took 5 s', movedBy: 'platform' })
    await room.move('tilted', 2, { state: 'live', note: '' }, zhao)
    expect(await states()).toEqual({ 1: 'draft', 2: 'live', 3: 'draft' })
  })

  it.each([
    ['a version that is not there', 9, { state: 'live' }, 'not_found'],
    ['an area that is not there', 2, { state: 'live', areas: [WEST, '999999'] }, 'request.invalid'],
    ['the version that is live everywhere into some areas', 1, { state: 'live', areas: [WEST] }, 'request.invalid'],
  ] as const)('refuses %s', async (_, version, to, code) => {
    expect(await whatIs(room.move('tilted', version, { ...to, note: '' }, zhao))).toMatchObject({ code })
    expect(await states()).toEqual({ 1: 'live', 2: 'draft', 3: 'draft' })
  })

  it.each([
    ['try a version there', 2, { state: 'live', areas: [`${WEST}`] }, undefined],
    ['try one elsewhere', 2, { state: 'live', areas: [EAST] }, 'auth.forbidden'],
    ['put one in force everywhere', 2, { state: 'live' }, 'auth.forbidden'],
    ['take the live one out', 1, { state: 'draft' }, 'auth.forbidden'],
    ['let one run in shadow', 2, { state: 'shadow' }, undefined],
  ] as const)('an author of one district: may they %s', async (_, version, to, code) => {
    const work = room.move('tilted', version, { ...to, note: '' }, ofWest)
    if (code) expect(await whatIs(work)).toMatchObject({ code })
    else expect(await work).toMatchObject({ version, state: to.state })
  })

  it("does not end another district's trial", async () => {
    await room.move('tilted', 2, { state: 'live', areas: [EAST], note: '' }, zhao)
    expect(await whatIs(room.move('tilted', 3, { state: 'live', areas: [WEST], note: '' }, ofWest))).toMatchObject({ code: 'auth.forbidden' })
  })
})

describe('guards', () => {
  const guard = GuardSchema.parse({ alertsPerHour: 3 })
  const check = () => checkGuards({ book: at.book, putBack: room.putBack }, clock)

  it('put the version before back when the new one floods, with the numbers, and once', async () => {
    await saved(0, rule(15), { state: 'live' })
    await saved(1, rule(5), { state: 'live', guard })
    await raise(1, 20)
    await raise(2, 3)
    clock += MINUTE
    expect(await check()).toEqual([])
    await raise(2, 1, { raisedAt: clock })
    expect(await check()).toEqual([{ rule: 'tilted', version: 2, now: 1, why: expect.stringContaining('4 alerts within an hour, limit 3') }])
    expect(await states()).toEqual({ 1: 'live', 2: 'draft' })
    expect(await register.rule('tilted')).toMatchObject({ version: 1, movedBy: 'guard', why: expect.stringContaining('limit 3') })
    expect(await check()).toEqual([])
  })

  it('count the last hour only', async () => {
    await saved(0, rule(15), { state: 'live', guard })
    await raise(1, 3)
    clock += HOUR + MINUTE
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
    expect(await register.rule('new')).toMatchObject({ state: 'draft', movedBy: 'guard' })
  })

  it('judge by what operators said', async () => {
    await saved(0, rule(15), { state: 'live' })
    await saved(1, rule(5), { state: 'live', guard: GuardSchema.parse({ falseAlarmShare: 0.5, judged: 2 }) })
    await raise(2, 3)
    const { items } = { items: await at.book.alerts.list({ limit: 10, rule: 'tilted' }, '') }
    const judge = (index: number) =>
      journal.append([{ type: 'verdict', by: 'op', alert: items[index]?.id ?? '', rule: 'tilted', key: items[index]?.key ?? '', verdict: 'false_alarm', reason: '' }])
    await judge(0)
    await journal.settled()
    expect(await check()).toEqual([])
    await judge(1)
    await journal.settled()
    expect(await check()).toMatchObject([{ version: 2, now: 1, why: expect.stringContaining('2 of 2 judged') }])
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
    const none = await room.stats(['tilted', 'nobody'], NINE)
    expect(none.get('nobody')).toEqual({ firing: 0, perDay: Array(14).fill(0), judged: 0, falseAlarmShare: null, shadow: null, reminders: null })
    expect(none.get('tilted')).toMatchObject({ firing: 2, perDay: [1, ...Array(12).fill(0), 2], judged: 0, falseAlarmShare: null, shadow: null })

    const alerts = await at.book.alerts.list({ limit: 10, rule: 'tilted' }, '')
    for (const [index, verdict] of (['false_alarm', 'confirmed', 'false_alarm', 'benign'] as const).entries())
      await journal.append([{ type: 'verdict', by: 'op', alert: alerts[index]?.id ?? '', rule: 'tilted', key: '', verdict, reason: '' }])
    await journal.settled()
    expect((await room.stats(['tilted'], NINE)).get('tilted')).toMatchObject({ judged: 4, falseAlarmShare: 0.5 })
  })

  it('compares a version in shadow by key and time, from when it went into shadow', async () => {
    await saved(0, rule(15), { state: 'live' })
    await saved(1, rule(5))
    await raise(2, 3, { shadow: true })
    await room.move('tilted', 2, { state: 'shadow', note: '' }, zhao)
    expect((await room.stats(['tilted'], NINE)).get('tilted')?.shadow).toEqual({ version: 2, raised: 0, same: 0 })
    await raise(1, 2, { openedAt: NINE + MINUTE, resolvedAt: NINE + HOUR, condition: 'resolved' })
    // c-0 and c-1 stood at that time too, under another beginning; c-2 the live version never saw.
    await raise(2, 3, { shadow: true, openedAt: NINE, resolvedAt: NINE + 30 * MINUTE, condition: 'resolved' })
    await raise(2, 1, { shadow: true, openedAt: NINE + 2 * HOUR })
    await raise(2, 1, { shadow: true, key: 'wrong', amended: 'disproved' })
    expect((await room.stats(['tilted'], NINE)).get('tilted')?.shadow).toEqual({ version: 2, raised: 4, same: 2 })
    expect((await at.book.alerts.list({ limit: 100 }, '')).filter(({ ruleVersion }) => ruleVersion === 2)).toEqual([])
  })
})
