import { describe, expect, it } from 'vitest'
import { tilt, told } from './edit.fixture.ts'
import { Hand, START } from './hand.fixture.ts'
import { rejudge } from './rejudge.ts'
import { freeze } from './snapshot.ts'

describe('S6 late data and edits', () => {
  it('late data after an edit that changed nothing is judged as if there had been none', () => {
    const run = (edit: boolean): string[] => {
      const hand = new Hand()
      hand.rule('r', tilt(15))
      hand.cover('c', 0, { tiltDeg: 1 })
      hand.cover('c', 100, { tiltDeg: 1 })
      if (edit) hand.rule('r', tilt(15), 2, 150)
      hand.cover('c', 50, { tiltDeg: 40 }, 200)
      return hand.transitions.map(({ what, openedAt, resolvedAt }) => `${what} ${openedAt} ${resolvedAt}`)
    }
    expect(run(true)).toEqual(run(false))
    expect(run(true)).toHaveLength(2)
  })

  it('late data from before an edit is judged by the rules that stayed, and leaves the edited one alone', () => {
    const hand = new Hand()
    hand.rule('r', tilt(15))
    hand.rule('s', tilt(15).replace('rule: r', 'rule: s'))
    hand.cover('c', 0, { tiltDeg: 1 })
    hand.cover('c', 100, { tiltDeg: 1 })
    hand.rule('r', tilt(20), 2, 150)
    hand.cover('c', 200, { tiltDeg: 1 })
    expect(hand.cover('c', 50, { tiltDeg: 40 }, 210).map(({ what, rule }) => `${what} ${rule}`)).toEqual(['raised s', 'resolved s'])
    expect(hand.cover('c', 160, { tiltDeg: 40 }, 220).map(({ what, rule }) => `${what} ${rule}`)).toEqual(['raised r', 'resolved r', 'raised s', 'resolved s'])
  })

  it('what late data found to be true is known to an edit right after it', () => {
    const hand = new Hand()
    hand.rule('r', tilt(15, 'for: 1h'))
    hand.cover('c', 0, { tiltDeg: 1 }, 0)
    hand.cover('c', 1000, { tiltDeg: 40 }, 1000)
    hand.cover('c', 400, { tiltDeg: 40 }, 1010)
    hand.cover('c', 300, { tiltDeg: 40 }, 1010.5)
    expect(told(hand.rule('r', tilt(15, 'for: 5m'), 2, 1010.6))).toEqual(['raised 300 v2 edited'])
  })
})

describe('S14 a restart around an edit does not show', () => {
  it.each([0, 1, 2, 3])('restarted after %i edits', (when) => {
    const run = (restart: number | undefined): string => {
      const hand = new Hand()
      const edits = [tilt(15, 'for: 1h'), tilt(12), tilt(60), tilt(20)]
      hand.cover('c', 0, { tiltDeg: 1 })
      for (let i = 1; i < 300; i++) hand.cover('c', i * 60, { tiltDeg: i % 50 })
      edits.forEach((words, i) => {
        hand.rule('r', words, i + 1, 18_000 + i)
        hand.cover('c', 17_900 - i * 1000, { tiltDeg: 55 }, 18_000 + i + 0.5)
        if (restart === i) hand.restart()
      })
      hand.tick(30_000)
      return JSON.stringify([hand.transitions, freeze(hand.engine.state).hash])
    }
    expect(run(when)).toBe(run(undefined))
  })
})

describe('an edit that would look back on too much', () => {
  it('judges the newest values and counts it', () => {
    const hand = new Hand()
    hand.rule('r', tilt(15))
    hand.cover('c', 0, { tiltDeg: 40 })
    hand.cover('c', 50, { tiltDeg: 20 })
    hand.tick(60)
    const { state, history } = hand.engine
    const [asset] = state.assets.values()
    const rule = state.rules.get('r')?.live
    if (!asset || !rule) throw new Error('there is an asset and a rule')
    const keys = rejudge(state, history, asset, rule, undefined, { left: 1 })
    expect([...keys].map(([name, { hold }]) => [name, hold.phase, (hold.since - START) / 1000])).toEqual([['r', 'firing', 50]])
    expect(state.counts.notRejudged).toBe(1)
  })

  it('looks as far back as it must where an asset says much', () => {
    const hand = new Hand()
    hand.rule('r', tilt(45))
    const say = (from: number, to: number, deg: number): void => {
      for (let at = from; at < to; at += 10) hand.cover('c', at, { tiltDeg: deg })
    }
    say(0, 20_000, 1)
    say(20_000, 45_000, 40)
    expect(told(hand.rule('r', tilt(30), 2, 45_000))).toEqual(['raised 20000 v2 edited'])
  })
})
