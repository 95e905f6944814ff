import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { Transition } from '../domain/alert.ts'
import { CalendarSchema } from '../domain/calendar.ts'
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
const sent: fc.Arbitrary<Sent[]> = fc
  .array(fc.tuple(fc.integer({ min: 1, max: 90 }), fc.option(fc.integer({ min: 0, max: 900 }), { nil: 0 }), fields), { minLength: 1, maxLength: 25 })
  .map((steps) => {
    let at = 0
    return steps.map(([gap, delay, each]) => {
      at += gap
      return { at, received: at + delay, fields: each }
    })
  })
const UNTIL = 3 * 3600

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
  pass(UNTIL)
  return hand
}

function outcome(transitions: readonly Transition[]): string[] {
  const last = new Map(transitions.map((each) => [each.alert, each]))
  return [...last.values()]
    .filter(({ amended }) => amended !== 'disproved' && amended !== 'merged')
    .map((each) => `${each.rule} ${each.openedAt - START} ${each.resolvedAt === null ? 'open' : each.resolvedAt - START}`)
    .sort()
}

const byReceipt = (deliveries: readonly Sent[]): Sent[] => [...deliveries].sort((a, b) => a.received - b.received)
const prompt = (deliveries: readonly Sent[]): Sent[] => deliveries.map((each) => ({ ...each, received: each.at }))
/** A longer search: RUNS=5000 npx vitest run rules/time-order. */
const RUNS = Number(process.env.RUNS ?? 100)

it('S15 whatever overtakes what, what is remembered ends in the same alerts', () => {
  fc.assert(
    fc.property(sent, (deliveries) => {
      expect(outcome(play(byReceipt(deliveries)).transitions)).toEqual(outcome(play(prompt(deliveries)).transitions))
    }),
    { numRuns: RUNS },
  )
})

it('S14 restarts from snapshots anywhere change nothing', () => {
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
