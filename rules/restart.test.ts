import { describe, expect, it } from 'vitest'
import { bookRule, Hand } from './hand.fixture.ts'
import { freeze } from './snapshot.ts'

/** The same records with and without a restart in between must give the same transitions and the same snapshot. */
function bothWays(before: (hand: Hand) => void, after: (hand: Hand) => void): void {
  const [straight, restarted] = [new Hand(), new Hand()]
  before(straight)
  before(restarted)
  restarted.restart()
  after(straight)
  after(restarted)
  expect(restarted.transitions).toEqual(straight.transitions)
  expect(freeze(restarted.engine.state).hash).toBe(freeze(straight.engine.state).hash)
  expect(straight.transitions.length).toBeGreaterThan(0)
}

const HOUR = 3600

describe('S14 a restart does not show', () => {
  it('in the order in which long silent assets wake after a stop', () =>
    bothWays(
      (hand) => {
        hand.rule('cover-silent')
        hand.cover('a', 0, { batteryPct: 80 })
        hand.cover('b', 0.5 * HOUR, { batteryPct: 80 })
        hand.cover('a', HOUR, { batteryPct: 80 })
      },
      (hand) => hand.tick(200 * HOUR),
    ))

  it('in when a calendar is asked again that never turns', () =>
    bothWays(
      (hand) => {
        hand.rule('cover-silent')
        hand.feed(0, { type: 'calendar', by: 't', id: 'never', calendar: { hours: [] } })
        hand.rule('r', "rule: r\ntitle: { zh: 规则, en: Rule }\non: cover\nwhen: tiltDeg > 15 && !during('never')\nfor: 1h\nseverity: minor\n")
        hand.cover('a', 0, { tiltDeg: 40 })
        for (let day = 1; day <= 20; day++) hand.cover('a', day * 24 * HOUR, { tiltDeg: 40 })
      },
      (hand) => hand.tick(50 * 24 * HOUR),
    ))

  it('in when a hold ends whose length was edited while it ran', () =>
    bothWays(
      (hand) => {
        hand.rule('cover-displaced', bookRule('cover-displaced').replace('for: params.hold', 'for: 1h'))
        hand.cover('a', 0, { tiltDeg: 40 })
        hand.rule('cover-displaced', bookRule('cover-displaced'), 2, 10)
      },
      (hand) => hand.tick(20),
    ))

  it('in what a gateway’s draining does to the order', () =>
    bothWays(
      (hand) => {
        hand.rule('cover-silent')
        hand.cover('a', 0, { batteryPct: 80 }, 0, 'gw1')
        hand.cover('b', 10, { batteryPct: 80 }, 10, 'gw2')
        hand.feed(20, { type: 'gateway', by: 'gw1', gateway: 'gw1', state: 'draining', at: 0, oldest: null })
      },
      (hand) => {
        hand.tick(200 * HOUR)
        hand.feed(201 * HOUR, { type: 'gateway', by: 'gw1', gateway: 'gw1', state: 'online', at: 0, oldest: null })
      },
    ))
})
