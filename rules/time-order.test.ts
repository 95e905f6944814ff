import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { Transition } from '../domain/alert.ts'
import { CalendarSchema } from '../domain/calendar.ts'
import { anySize, gapS, LATEST_S } from './delays.fixture.ts'
import { Hand, START } from './hand.fixture.ts'
import { freeze } from './snapshot.ts'

/** S14 and S15 for all that remembers: windows, memories, calendars, cool-downs. */
const conditions: Record<string, string> = {
  averaging: "when: avg(waterMm, '2m') > 500\nfor: 5s",
  counting: "when: count(displaced, '3m') >= 2.0\nkeepFiringFor: 20s",
  falling: "when: delta(waterMm, '1m') < -100\ncoolDown: 4m",
  remembering: "when: happened(displaced, '2m') && tiltDeg > 10",
  changing: 'when: changed(displaced)\nfor: 10s',
  looking: 'when: ofLast(tiltDeg > 10, 2, 3)\ncoolDown: 10m',
  scheduled: "when: tiltDeg > 10 && during('open')\nfor: 15s\ncoolDown: 1m",
}
const rule = (id: string): string => `rule: ${id}\ntitle: { zh: 判, en: Judged }\non: cover\n${conditions[id]}\nseverity: minor\n`
const minutes = (count: number): object => ({ days: ['work', 'rest'], from: `08:${String(count).padStart(2, '0')}`, to: `08:${String(count + 3).padStart(2, '0')}` })
const OPEN = CalendarSchema.parse({ hours: [minutes(4), minutes(10), minutes(20)] })

const fields = fc.oneof(
  fc.record({ waterMm: fc.constantFrom(100, 300, 700, 900) }),
  fc.record({ tiltDeg: fc.constantFrom(1, 20), displaced: fc.boolean() }),
  fc.record({ batteryPct: fc.constant(50) }),
)
interface Sent {
  at: number
  received: number
  fields: object
}
const sent: fc.Arbitrary<Sent[]> = fc.array(fc.tuple(gapS, anySize(LATEST_S), fields), { minLength: 1, maxLength: 25 }).map((steps) => {
  let at = 0
  return steps.map(([gap, delay, each]) => {
    at += gap
    return { at, received: at + delay, fields: each }
  })
})
/** What the last message began is over, or will not end, so long after it, in seconds. */
const AFTER_S = 3 * 3600
const endOf = (deliveries: readonly Sent[]): number => Math.max(...deliveries.map(({ at }) => at)) + AFTER_S

function play(deliveries: readonly Sent[], restarts: readonly number[] = []): Hand {
  const hand = new Hand()
  hand.feed(0, { type: 'calendar', by: 't', id: 'open', calendar: OPEN })
  for (const id of Object.keys(conditions)) hand.rule(id, rule(id))
  const pass = (until: number): void => {
    for (let wake = hand.engine.nextWake; wake < START + until * 1000; wake = hand.engine.nextWake) hand.tick((wake - START) / 1000)
  }
  deliveries.forEach(({ at, received, fields: each }, index) => {
    pass(received)
    hand.cover('c', at, each, received)
    if (restarts.includes(index)) hand.restart()
  })
  // A device of which all is late has come so far in event time only that much later (S3).
  pass(endOf(deliveries) + LATEST_S)
  return hand
}

/** What stands of it up to `end` in event time, in seconds. */
function outcome(transitions: readonly Transition[], end: number): string[] {
  const last = new Map(transitions.map((each) => [each.alert, each]))
  return [...last.values()]
    .filter(({ amended, openedAt }) => amended !== 'disproved' && amended !== 'merged' && openedAt < START + end * 1000)
    .map((each) => `${each.rule} ${each.openedAt - START} ${each.resolvedAt === null || each.resolvedAt >= START + end * 1000 ? 'open' : each.resolvedAt - START}`)
    .sort()
}

const byReceipt = (deliveries: readonly Sent[]): Sent[] => [...deliveries].sort((a, b) => a.received - b.received)
const prompt = (deliveries: readonly Sent[]): Sent[] => deliveries.map((each) => ({ ...each, received: each.at }))
/** A longer search: RUNS=5000 npx vitest run rules/time-order. */
const RUNS = Number(process.env.RUNS ?? 60)
const TIMEOUT = 30_000 + RUNS * 400

it('S15 whatever overtakes what, what is remembered ends in the same alerts', { timeout: TIMEOUT }, () => {
  fc.assert(
    fc.property(sent, (deliveries) => {
      const ends = (sent: readonly Sent[]): string[] => outcome(play(sent).transitions, endOf(deliveries))
      expect(ends(byReceipt(deliveries))).toEqual(ends(prompt(deliveries)))
    }),
    { numRuns: RUNS },
  )
})

it('S14 restarts from snapshots anywhere change nothing', { timeout: TIMEOUT }, () => {
  fc.assert(
    fc.property(sent, fc.array(fc.integer({ min: 0, max: 24 }), { maxLength: 5 }), (deliveries, restarts) => {
      const whole = play(byReceipt(deliveries))
      const restarted = play(byReceipt(deliveries), restarts)
      expect(restarted.transitions).toEqual(whole.transitions)
      expect(freeze(restarted.engine.state).hash).toBe(freeze(whole.engine.state).hash)
    }),
    { numRuns: RUNS },
  )
})
