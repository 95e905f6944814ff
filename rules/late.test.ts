import { describe, expect, it } from 'vitest'
import type { Transition } from '../domain/alert.ts'
import { Hand, START } from './hand.fixture.ts'
import { freeze } from './snapshot.ts'

const RULE = `rule: r
title: { zh: 规则, en: Rule }
on: cover
when: tiltDeg > 15
for: 30s
clear: { when: tiltDeg < 5, for: 10s }
severity: major
`
const N = 500
const tiltAt = (i: number): number => (Math.floor(i / 40) % 2 === 0 ? 1 : 20)

/** The alerts that stand or stood in the end, by their times. */
function outcome(transitions: readonly Transition[]): string[] {
  const last = new Map(transitions.map((each) => [each.alert, each]))
  return [...last.values()]
    .filter(({ amended }) => amended !== 'disproved' && amended !== 'merged')
    .map(({ openedAt, resolvedAt }) => `${openedAt} ${resolvedAt}`)
    .sort()
}

/** `N` reports ten seconds apart; the order in which all but the newest come, and how many come in one second. */
function emptied(order: readonly number[], perSecond: number, restartAt = -1): Hand {
  const hand = new Hand()
  hand.rule('r', RULE)
  hand.cover('c', 0, { tiltDeg: 1 })
  hand.cover('c', (N + 1) * 10, { tiltDeg: 1 })
  const begin = (N + 1) * 10 + 1
  order.forEach((i, n) => {
    hand.cover('c', (i + 1) * 10, { tiltDeg: tiltAt(i) }, begin + n / perSecond)
    if (n === restartAt) hand.restart()
  })
  hand.tick(begin + N / perSecond + 100)
  return hand
}

const newestFirst = Array.from({ length: N }, (_, i) => N - 1 - i)
const oldestFirst = newestFirst.toReversed()

describe('S6 an outbox that is emptied newest first', () => {
  it('ends in the same alerts as any other order, in as many backfills as seconds that it took', () => {
    const wanted = outcome(emptied(oldestFirst, 1).transitions)
    expect(wanted.length).toBeGreaterThan(5)
    for (const perSecond of [1, 20, 100, 10_000]) {
      const { engine, transitions } = emptied(newestFirst, perSecond)
      expect(outcome(transitions)).toEqual(wanted)
      expect(engine.state.counts.backfills).toBeLessThanOrEqual(Math.ceil(N / perSecond) + 2)
    }
  })

  it('what waits survives a restart', () => {
    const result = (restartAt: number): string => {
      const { engine, transitions } = emptied(newestFirst, 100, restartAt)
      return JSON.stringify([transitions, freeze(engine.state).hash])
    }
    expect(result(30)).toBe(result(-1))
  })

  it('a single late report is judged at once', () => {
    const hand = new Hand()
    hand.rule('r', RULE)
    hand.cover('c', 0, { tiltDeg: 1 })
    hand.cover('c', 100, { tiltDeg: 1 })
    expect(hand.cover('c', 50, { tiltDeg: 20 }, 101).map(({ what }) => what)).toEqual(['raised'])
  })

  it('what waits is judged before checkpoints are let go that reach back to it', () => {
    const hand = new Hand()
    hand.rule('r', RULE)
    // Its outbox is found after a day.
    hand.cover('c', 0, { tiltDeg: 1 }, 90_000)
    hand.cover('c', 1000, { tiltDeg: 1 }, 90_001)
    hand.cover('c', 500, { tiltDeg: 2 }, 90_001)
    hand.cover('c', 400, { tiltDeg: 20 }, 90_001.2)
    hand.cover('c', 90_000, { tiltDeg: 1 }, 90_001.5)
    expect(hand.transitions.map(({ what }) => what)).toContain('raised')
    expect(hand.engine.state.counts.tooLateForRules).toBe(0)
  })
})

it('S6 what an asset that was silent for days then says late brings no old alert again', () => {
  const hand = new Hand()
  hand.rule('r', RULE)
  hand.cover('c', 0, { tiltDeg: 20 })
  hand.cover('c', 100, { tiltDeg: 1 })
  hand.tick(200)
  expect(hand.transitions.map(({ what }) => what)).toEqual(['raised', 'recovering', 'resolved'])
  const days = 3 * 86_400
  hand.cover('c', days + 60, { tiltDeg: 1 })
  expect(hand.cover('c', days, { tiltDeg: 1 }, days + 61)).toEqual([])
  expect(hand.engine.state.counts).toMatchObject({ backfills: 1, tooLateForRules: 0 })
})

it('S6 a batch of late reports is judged to its newest, though the oldest changes nothing for long', () => {
  const hand = new Hand()
  hand.rule('r', RULE)
  hand.cover('c', 0, { tiltDeg: 20 })
  // Further apart than checkpoints are.
  for (const hours of [7, 14, 21]) hand.cover('c', hours * 3600, { batteryPct: 80 })
  hand.cover('c', 22 * 3600, { batteryPct: 80 })
  hand.cover('c', 21 * 3600 + 10, { batteryPct: 80 }, 22 * 3600 + 1)
  hand.cover('c', 10, { batteryPct: 80 }, 22 * 3600 + 1.2)
  hand.cover('c', 15 * 3600, { tiltDeg: 1 }, 22 * 3600 + 1.4)
  hand.tick(22 * 3600 + 10)
  expect(hand.transitions.at(-1)).toMatchObject({ openedAt: START, resolvedAt: START + (15 * 3600 + 10) * 1000 })
})
