import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { anySize, beats, delaysUpTo, LATEST_S } from './delays.fixture.ts'
import { city, HIGH, source } from './gather.fixture.ts'
import type { Hand } from './hand.fixture.ts'
import { freeze } from './snapshot.ts'

interface Sent {
  device: string
  at: number
  fields: object
  receivedAt: number
}

const COVERS = [1, 2, 3, 4, 5, 6]
const gap = fc.oneof({ weight: 5, arbitrary: fc.integer({ min: 1, max: 200 }) }, { weight: 1, arbitrary: anySize(12 * 3600, 1) })
const steps = fc.array(fc.record({ cover: fc.constantFrom(...COVERS), gap, waterMm: fc.constantFrom(100, HIGH, 1000) }), { minLength: 1, maxLength: 60 })

/** Delays that keep each cover's readings in order; their clocks are known to be right by what else they say (S7). */
function deliveries(list: readonly { cover: number; gap: number; waterMm: number }[], late: readonly number[]): Sent[] {
  let at = 0
  const latest = new Map<number, number>()
  const readings = list.map(({ cover, gap, waterMm }, i): Sent => {
    at += gap
    const receivedAt = Math.max(latest.get(cover) ?? 0, at + (late[i % late.length] ?? 0))
    latest.set(cover, receivedAt)
    return { device: `c-${cover}`, at, fields: { waterMm }, receivedAt }
  })
  const prompt = COVERS.flatMap((cover) => beats(0, at * 1000).map((ms): Sent => ({ device: `c-${cover}`, at: ms / 1000, fields: { batteryPct: 80 }, receivedAt: ms / 1000 })))
  return [...readings, ...prompt].sort((a, b) => a.receivedAt - b.receivedAt)
}

/** Runs to well after the end with the ticks that the engine asks for; `restarts`: after which deliveries it starts again. */
function live(sent: readonly Sent[], restarts: ReadonlySet<number> = new Set()): Hand {
  const hand = city(source({ more: 'keepFiringFor: 30s' }), 6)
  const ticks = (to: number): void => {
    for (let wake = hand.seconds(hand.engine.nextWake); wake < to; wake = hand.seconds(hand.engine.nextWake)) hand.tick(wake)
  }
  sent.forEach(({ device, at, fields, receivedAt }, i) => {
    ticks(receivedAt)
    hand.cover(device, at, fields, receivedAt)
    if (restarts.has(i)) hand.restart()
  })
  ticks(Math.max(...sent.map(({ at }) => at)) + LATEST_S + 3600)
  return hand
}

function outcome(hand: Hand): string[] {
  const last = new Map(hand.transitions.map((transition) => [transition.alert, transition]))
  return [...last.values()]
    .filter(({ amended }) => amended !== 'disproved' && amended !== 'merged')
    .map(({ key, openedAt, resolvedAt }) => `${key} ${hand.seconds(openedAt)} ${resolvedAt === null ? 'open' : hand.seconds(resolvedAt)}`)
    .sort()
}

const RUNS = Number(process.env.RUNS ?? 60)
const TIMEOUT = 30_000 + RUNS * 400

describe('S15 order', { timeout: TIMEOUT }, () => {
  it.each([
    ['within a minute', 60],
    ['as late as may be', LATEST_S],
  ])('any permutation between devices ends in the same alerts: %s', (_what, most) => {
    fc.assert(
      fc.property(steps, delaysUpTo(most), (list, late) => {
        expect(outcome(live(deliveries(list, late)))).toEqual(outcome(live(deliveries(list, [0]))))
      }),
      { numRuns: RUNS },
    )
  })
})

describe('S14 replay', { timeout: TIMEOUT }, () => {
  it('restarts anywhere change nothing, and end in the same state', () => {
    fc.assert(
      fc.property(steps, delaysUpTo(LATEST_S), fc.array(fc.nat({ max: 60 }), { maxLength: 6 }), (list, late, restarts) => {
        const sent = deliveries(list, late)
        const straight = live(sent)
        const restarted = live(sent, new Set(restarts))
        expect(restarted.transitions).toEqual(straight.transitions)
        expect(freeze(restarted.engine.state).hash).toBe(freeze(straight.engine.state).hash)
      }),
      { numRuns: RUNS },
    )
  })
})
