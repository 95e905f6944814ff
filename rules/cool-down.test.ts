import { describe, expect, it } from 'vitest'
import { Hand, START } from './hand.fixture.ts'
import { dueAt, elapse, type Hold, type HoldEvent, type HoldTimes, IDLE, observe } from './hold.ts'

const TIMES: HoldTimes = { forMs: 5, clearMs: 10, coolMs: 100 }
type Step = [at: number, when: boolean | undefined | 'time passes', phase: Hold['phase']]

/** `when` judged in turn; clearing is the opposite of it. */
function play(steps: readonly Step[], times = TIMES): { phases: string[]; events: string[] } {
  let hold = IDLE
  const events: HoldEvent[] = []
  const phases = steps.map(([at, when]) => {
    hold = elapse(hold, times, at, events)
    if (when !== 'time passes') hold = elapse(observe(hold, at, { when, clear: when === undefined ? undefined : !when }, events), times, at, events)
    return hold.phase
  })
  return { phases, events: events.map((event) => `${event.what} ${event.at}${'since' in event ? ` since ${event.since}` : ''}`) }
}

/** Raised at 5, resolved at 20: cools until 120. */
const RESOLVED: Step[] = [
  [0, true, 'pending'],
  [5, 'time passes', 'firing'],
  [10, false, 'recovering'],
  [20, 'time passes', 'cooling'],
]

describe('a hold after its alert has resolved', () => {
  it.each<[string, Step[], string[]]>([
    [
      'is idle when the cool-down is over',
      [
        [119, false, 'cooling'],
        [120, 'time passes', 'idle'],
        [130, true, 'pending'],
      ],
      [],
    ],
    [
      'waits while the condition is true again, and begins at the end',
      [
        [60, true, 'waiting'],
        [120, 'time passes', 'pending'],
        [125, 'time passes', 'firing'],
      ],
      ['raised 125 since 120'],
    ],
    [
      'does both at once when time leaps',
      [
        [60, true, 'waiting'],
        [500, 'time passes', 'firing'],
      ],
      ['raised 125 since 120'],
    ],
    [
      'does not begin when the condition was false again by then',
      [
        [60, true, 'waiting'],
        [80, false, 'cooling'],
        [120, 'time passes', 'idle'],
      ],
      [],
    ],
    [
      'goes on waiting while the condition is unknown',
      [
        [60, true, 'waiting'],
        [80, undefined, 'waiting'],
        [120, 'time passes', 'pending'],
      ],
      [],
    ],
    [
      'does not begin with what is unknown',
      [
        [60, undefined, 'cooling'],
        [120, undefined, 'idle'],
      ],
      [],
    ],
    ['begins where the condition comes true at the very end', [[120, true, 'pending']], []],
  ])('%s', (_what, steps, more) => {
    const all = [...RESOLVED, ...steps]
    const { phases, events } = play(all)
    expect(phases).toEqual(all.map(([, , phase]) => phase))
    expect(events).toEqual(['raised 5 since 0', 'recovering 10', 'resolved 20', ...more])
  })

  it('without a cool-down is idle at once', () => {
    expect(play(RESOLVED, { ...TIMES, coolMs: 0 }).phases.at(-1)).toBe('idle')
    expect(dueAt(IDLE, TIMES)).toBe(Infinity)
  })
})

const RULE = `rule: cover-tilted
title: { zh: 倾斜, en: Tilted }
on: cover
params:
  rest: { value: 10m, unit: duration }
when: tiltDeg > 15
for: 10s
coolDown: params.rest
severity: major
`

describe('a cool-down in the engine', () => {
  const times = (hand: Hand): unknown[] => hand.transitions.map(({ what, at, openedAt, values }) => [what, (at - START) / 1000, (openedAt - START) / 1000, values.tiltDeg])
  const resolved = (): Hand => {
    const hand = new Hand()
    hand.rule('cover-tilted', RULE)
    hand.cover('c', 0, { tiltDeg: 40 })
    hand.cover('c', 20, { tiltDeg: 1 })
    return hand
  }
  const FIRST = [
    ['raised', 10, 0, 40],
    ['resolved', 20, 0, 40],
  ]

  it('the next alert opens at its end, by a timer, with what was seen last, across a restart', () => {
    const hand = resolved()
    hand.cover('c', 100, { tiltDeg: 50 })
    hand.cover('c', 200, { tiltDeg: 60 })
    hand.restart()
    expect(hand.engine.nextWake).toBe(START + 622_000)
    hand.tick(622)
    hand.tick(640)
    expect(times(hand)).toEqual([...FIRST, ['raised', 630, 620, 60]])
    expect(hand.transitions.at(-1)?.observations).toEqual([5])
  })

  it('and none opens when the condition is over by then', () => {
    const hand = resolved()
    hand.cover('c', 100, { tiltDeg: 50 })
    hand.cover('c', 300, { tiltDeg: 1 })
    hand.tick(1000)
    expect(times(hand)).toEqual(FIRST)
  })

  it('S6 late data that ends the first alert earlier moves the end of its cool-down too', () => {
    const hand = resolved()
    hand.cover('c', 100, { tiltDeg: 50 })
    hand.cover('c', 15, { tiltDeg: 1 }, 101)
    hand.tick(700)
    expect(hand.transitions.filter(({ what }) => what === 'raised').map(({ openedAt }) => (openedAt - START) / 1000)).toEqual([0, 615])
  })
})
