import { describe, expect, it } from 'vitest'
import { DAY, HOUR } from '../domain/time.ts'
import { Hand, START } from './hand.fixture.ts'
import { ruleText } from './rule.fixture.ts'

const SILENT = ruleText({ on: 'cover', when: "absent('48h') && !openCase('maintenance')" })

function city(source: string): Hand {
  const hand = new Hand()
  hand.rule('r', source)
  hand.cover('c', 0, { tiltDeg: 1, displaced: true })
  return hand
}

const order = (hand: Hand, clock: number, open: boolean, window: { from?: number; to?: number } = {}) => {
  const [from, to] = [window.from, window.to].map((hours) => (hours === undefined ? null : START + hours * HOUR))
  return hand.feed(clock * 3600, { type: 'case', by: 't', id: 'C1', case: 'maintenance', asset: 'c', open, from, to })
}
const told = (hand: Hand): [string, number][] => hand.transitions.map(({ what, at }) => [what, Math.round((at - START) / HOUR)])

/** A tick wherever the engine asks for one, or only every so many hours. */
function pass(hand: Hand, hours: number, everyHours = 0): void {
  for (let wake = hand.engine.nextWake; wake <= START + hours * HOUR; wake = hand.engine.nextWake)
    hand.tick((Math.max(wake, hand.engine.state.clock + everyHours * HOUR) - START) / 1000)
}

describe('a condition that asks for an order', () => {
  it('is judged when the order closes, of a cover that says nothing', () => {
    const hand = city(SILENT)
    order(hand, 1, true)
    pass(hand, 60)
    expect(told(hand)).toEqual([])
    order(hand, 60, false)
    pass(hand, 72)
    expect(told(hand)).toEqual([['raised', 60]])
  })

  it('and when one opens', () => {
    const hand = city(SILENT)
    pass(hand, 50)
    order(hand, 50, true)
    expect(told(hand)).toEqual([
      ['raised', 48],
      ['resolved', 50],
    ])
  })

  it.each([
    ['a tick at every wake', 0, false],
    ['a tick that comes hours late', 5, false],
    ['a restart before it begins', 0, true],
  ])('and when its own time begins and ends: %s', (_what, everyHours, restart) => {
    const hand = city(SILENT)
    order(hand, 1, true, { from: 55, to: 60 })
    pass(hand, 49)
    if (restart) hand.restart()
    pass(hand, DAY / HOUR + 50, everyHours)
    expect(told(hand)).toEqual([
      ['raised', 48],
      ['resolved', 55],
      ['raised', 60],
    ])
  })

  it('a value that stands is judged by it too, and its severity', () => {
    const hand = city(ruleText({ on: 'cover', when: "displaced && !openCase('police')", more: `severity: 'openCase("maintenance") ? "minor" : "critical"'` }))
    order(hand, 1, true)
    order(hand, 2, false)
    expect(hand.transitions.map(({ what, severity }) => [what, severity])).toEqual([
      ['raised', 'critical'],
      ['severity', 'minor'],
      ['severity', 'critical'],
    ])
  })
})
