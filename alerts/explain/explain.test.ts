import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Explanation } from '../../domain/authoring.ts'
import type { Principal } from '../../domain/role.ts'
import { HOUR, type Instant, MINUTE } from '../../domain/time.ts'
import { DISPATCHER, NINE } from '../../fixtures/records.ts'
import type { KeyTrace } from '../../rules/explain.ts'
import type { ExplainQuery } from '../engine/messages.ts'
import { QuietCity, RESOLVED } from '../quiet-city.fixture.ts'
import { createExplainer } from './explain.ts'

let city: QuietCity
beforeEach(async () => {
  city = await QuietCity.build()
})
afterEach(() => city.at.remove())

/** What the engine would say of a key that fires; only its part is played here. */
const firing = (part: Partial<KeyTrace> = {}): KeyTrace => ({
  ...{ rule: 'cover-displaced', version: 1, state: 'live', sinceAt: 0, title: { zh: '', en: '' }, key: 'c-1', forMs: 0, clearMs: 0, informed: false, clauses: [], stale: [] },
  ...{ hold: { phase: 'firing', since: NINE, clearSince: 0 }, schedule: null, gathers: undefined, unknownBefore: null, observation: null, alert: null },
  ...part,
})

let asked: ExplainQuery | undefined
function explain(at: Instant, key: Partial<KeyTrace> = {}, { asset = 'c-1', who = DISPATCHER }: { asset?: string; who?: Principal } = {}): Promise<Explanation> {
  const trace = async (query: ExplainQuery) => {
    asked = query
    return { asset, at: query.at, values: {}, keys: [firing(key)], notSelected: [] }
  }
  return createExplainer({ book: city.at.book, trace, now: () => city.now }).explain({ asset, at }, who)
}
const ways = async (minutes: number): Promise<string[]> => (await explain(NINE + minutes * MINUTE)).rules[0]?.inTheWay.map(({ what }) => what) ?? []

describe('what was in the way at a time', () => {
  it('is the silence of that time, not of today', async () => {
    await city.happens('a-1', 0)
    city.now += 10 * MINUTE
    await city.silences.create(city.order(), DISPATCHER)
    city.now += 10 * MINUTE
    await city.silences.end('s-1', DISPATCHER)
    city.now += 10 * MINUTE
    expect([await ways(5), await ways(15), await ways(25), await ways(30)]).toEqual([[], ['silence'], [], []])
    const [then] = (await explain(NINE + 15 * MINUTE)).rules
    expect(then).toMatchObject({ outcome: 'quiet', alert: 'a-1', inTheWay: [{ detail: 'kept quiet: silence s-1 by lin: roadworks', until: '2026-11-21T09:20:00.000Z' }] })
  })

  it('is the alert that explained it then', async () => {
    await city.happens('g-1', 0, { rule: 'gateway-silent', asset: 'far' })
    await city.happens('a-1', 5)
    await city.happens('g-1', 5, RESOLVED)
    city.now += 10 * MINUTE
    expect([await ways(7), await ways(15)]).toEqual([['inhibited'], []])
  })

  it('is the verdict from when it was given', async () => {
    await city.happens('a-1', 0)
    city.now += 10 * MINUTE
    await city.alerts.judge('a-1', { verdict: 'benign', reason: 'works' }, DISPATCHER)
    city.now += 10 * MINUTE
    expect([await ways(5), await ways(15)]).toEqual([[], ['verdict']])
  })

  it('is the schedule of its camera, and it says so first', async () => {
    const schedule = { id: 'day', on: false, until: NINE + HOUR }
    const [rule] = (await explain(NINE, { schedule, hold: { phase: 'idle', since: 0, clearSince: 0 } })).rules
    expect(rule?.because.en).toBe('The camera is off duty by the calendar day until 2026-11-21T10:00:00.000Z.')
    expect(rule?.inTheWay).toEqual([{ what: 'schedule', detail: 'the camera is off duty by the calendar day', until: '2026-11-21T10:00:00.000Z' }])
  })
})

it('asks the engine with the orders of the asset', async () => {
  await city.happens('a-1', 0)
  await explain(NINE)
  expect(asked?.orders).toEqual([])
})

describe('an area', () => {
  const gathers = { area: '370602001', count: 3, members: [{ asset: 'c-1', from: NINE, to: null, severity: 'major' as const }] }
  const members = [{ asset: 'c-1', since: '2026-11-21T09:00:00.000Z', until: null, severity: 'major' }]

  it('is explained to whoever sees it, by who counts in it', async () => {
    const { rules } = await explain(
      NINE,
      { key: '370602001', gathers, hold: { phase: 'idle', since: 0, clearSince: 0 } },
      { asset: '370602001', who: { ...DISPATCHER, area: '370602' } },
    )
    expect(rules).toMatchObject([{ outcome: 'idle', because: { en: '1 of 3 assets count in 370602001.' }, members }])
  })

  it.each([
    ['an area', '370602001'],
    ['an asset', 'c-1'],
  ])('nobody elsewhere is told of %s', async (_what, asset) => {
    await expect(explain(NINE, {}, { asset, who: { ...DISPATCHER, area: '370611' } })).rejects.toMatchObject({ code: 'not_found' })
  })
})

it('tells a viewer nothing of the vehicles in a picture that no alert names, and no plate', async () => {
  const viewer: Principal = { ...DISPATCHER, role: 'viewer' }
  const operand = { text: 'plate', value: '鲁FA0001', ageMs: null }
  const clause = { text: 'plate != ""', part: 'when', holds: true, operands: [operand], margin: null }
  const seen = async (key: Partial<KeyTrace>, who: Principal) =>
    (await explain(NINE, { clauses: [clause], ...key }, { who })).rules.map((rule) => [rule.key, rule.clauses[0]?.operands.length])
  expect(await seen({ key: 'c-1/kerb/鲁FA0001' }, DISPATCHER)).toEqual([['c-1/kerb/鲁FA0001', 1]])
  expect(await seen({ key: 'c-1/kerb/鲁FA0001' }, viewer)).toEqual([])
  expect(await seen({}, viewer)).toEqual([['c-1', 0]])
})
