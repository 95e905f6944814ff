import { describe, expect, it } from 'vitest'
import { CalendarSchema } from '../domain/calendar.ts'
import type { HistoryReader } from '../domain/ports/history.ts'
import { DAY, HOUR } from '../domain/time.ts'
import { explainAsset } from './explain.ts'
import type { OrderRecord } from './explain-past.ts'
import { Hand, START } from './hand.fixture.ts'
import { ruleText } from './rule.fixture.ts'

const HOURS = HOUR / 1000
const explain = (hand: Hand, hours: number, { orders, history = hand.history }: { orders?: OrderRecord[]; history?: HistoryReader } = {}) =>
  explainAsset(hand.engine.state, history, { asset: 'c', rule: 'r', at: START + hours * HOUR, ...(orders && { orders }) })?.keys[0]

function hand(source: string): Hand {
  const made = new Hand()
  made.rule('r', source)
  return made
}

describe('a camera that serves by a calendar', () => {
  const bound = (): Hand => {
    const made = hand(ruleText({ on: 'scene', when: "objects('car') > 0" }))
    made.feed(0, { type: 'camera', by: 't', id: 'c', version: 1, config: { algorithms: [{ rule: 'r', schedule: 'day' }] } })
    made.observe('scene', 'c', 60, { objects: [{ label: 'car', score: 0.9, box: [0.1, 0.1, 0.1, 0.1] }] })
    return made
  }
  // START is 08:00 in Shanghai.
  const day = CalendarSchema.parse({ hours: [{ days: ['work', 'rest'], from: '09:00', to: '17:00' }] })

  it.each([
    ['off duty until it opens', 0.1, { id: 'day', on: false, until: START + HOUR }],
    ['on duty until it closes', 2, { id: 'day', on: true, until: START + 9 * HOUR }],
  ] as const)('is %s', (_what, hours, schedule) => {
    const made = bound()
    made.feed(70, { type: 'calendar', by: 't', id: 'day', calendar: day })
    const key = explain(made, hours)
    expect(key?.schedule).toEqual(schedule)
    expect(key?.clauses.map(({ holds }) => holds)).toEqual([true])
  })

  it('is neither while nobody knows the calendar', () => {
    expect(explain(bound(), 0.1)?.schedule).toEqual({ id: 'day', on: null, until: null })
  })
})

describe('orders of the time', () => {
  function ordered(source: string, hours: readonly number[]): { made: Hand; orders: OrderRecord[] } {
    const made = hand(source)
    made.cover('c', 0, { displaced: true })
    const orders = hours.map((at, index) => {
      const record = { type: 'case', by: 't', id: 'C1', case: 'maintenance', asset: 'c', open: index % 2 === 0, from: null, to: null }
      made.feed(at * HOURS, record)
      return { ...record, offset: made.engine.state.offset, receivedAt: START + at * HOUR } as OrderRecord
    })
    made.cover('c', 5 * HOURS, { displaced: true })
    return { made, orders }
  }

  it.each([
    [1, false],
    [2.5, true],
    [4, false],
    [5, false],
  ])('at %s h it informs: %s, whatever is open now', (at, informed) => {
    const { made, orders } = ordered(ruleText({ on: 'cover', when: 'displaced', more: 'inform: openCase("maintenance")' }), [2, 3])
    expect(explain(made, at, { orders })?.informed).toBe(informed)
  })

  it.each([
    [1, 'firing'],
    [2.5, 'idle'],
    [4, 'firing'],
    [4.5, 'firing'],
  ])('at %s h a condition that asks for them is %s', (at, phase) => {
    const { made, orders } = ordered(ruleText({ on: 'cover', when: "displaced && !openCase('maintenance')" }), [2, 3])
    // A day of reports later no checkpoint is old enough: all is gone through again.
    for (let hour = 6; hour < 60; hour++) made.cover('c', hour * HOURS, { displaced: true })
    expect(explain(made, at, { orders })?.hold.phase).toBe(phase)
  })
})

describe('far back', () => {
  /** Silent for a day and a half from its second report on, and heard each hour afterwards. */
  function silent(): Hand {
    const made = hand(ruleText({ on: 'cover', when: "absent('48h')" }))
    made.asset(0, { id: 'c' })
    made.cover('c', 0, { tiltDeg: 1 })
    made.cover('c', 36 * HOURS, { tiltDeg: 1 })
    for (let hour = 80; hour < 150; hour++) made.cover('c', hour * HOURS, { tiltDeg: 1 })
    return made
  }

  it('it begins where the rule looks back to, not a day before', () => {
    expect(explain(silent(), 75)).toMatchObject({ hold: { phase: 'idle' }, unknownBefore: null })
  })

  it('says from where on it knows anything when that is too much to go through', () => {
    const made = silent()
    const read: HistoryReader['read'] = (query) =>
      query.limit === undefined ? made.history.read(query) : Array.from({ length: query.limit }, () => made.history.read({ ...query, limit: 1 })).flat()
    expect(explain(made, 75, { history: { read } })?.unknownBefore).toBe(START + 75 * HOUR - DAY)
  })
})

describe('an area', () => {
  const AREA = '370602001'
  const FLOOD = ruleText({ id: 'flood', on: 'cover', when: 'waterMm > 800.0', more: 'gather: { by: street, count: 3, within: 10m }' })
  const at = (hand: Hand, seconds: number, asset = AREA) => explainAsset(hand.engine.state, hand.history, { asset, at: START + seconds * 1000 })

  it('names who counts, how many it takes, and the alert that they make', () => {
    const made = hand('')
    made.rule('flood', FLOOD)
    for (const id of ['a', 'b', 'c']) made.asset(1, { id, area: '370602001002' })
    for (const [second, id] of ['a', 'b', 'c'].entries()) made.cover(id, 10 + 10 * second, { waterMm: 900 })
    made.tick(60)
    expect(at(made, 25)?.keys).toMatchObject([
      { key: AREA, hold: { phase: 'idle' }, alert: null, gathers: { count: 3, members: [{ asset: 'a', from: START + 10_000, to: null }, { asset: 'b' }] } },
    ])
    const [alert] = made.transitions
    expect(at(made, 40)?.keys).toMatchObject([
      { hold: { phase: 'firing', since: START + 30_000 }, alert: alert?.alert, gathers: { members: [{ asset: 'a' }, { asset: 'b' }, { asset: 'c' }] } },
    ])
  })

  it('where nobody was true yet has none, and a code of another level nothing to say', () => {
    const made = hand('')
    made.rule('flood', FLOOD)
    expect(at(made, 5)?.keys).toMatchObject([{ rule: 'flood', gathers: { members: [] } }])
    expect(at(made, 5, '370602')).toBeUndefined()
  })
})
