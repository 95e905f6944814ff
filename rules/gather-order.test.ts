import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { city, HIGH, source } from './gather.fixture.ts'
import type { Hand } from './hand.fixture.ts'
import { freeze } from './snapshot.ts'

interface Sent {
  device: string
  at: number
  waterMm: number
  receivedAt: number
}

const steps = fc.array(fc.record({ cover: fc.integer({ min: 1, max: 6 }), gap: fc.integer({ min: 1, max: 200 }), waterMm: fc.constantFrom(100, HIGH, 1000) }), {
  minLength: 1,
  maxLength: 60,
})
const delays = (most: number): fc.Arbitrary<number[]> => fc.array(fc.integer({ min: 0, max: most }), { minLength: 1, maxLength: 60 })

function deliveries(list: readonly { cover: number; gap: number; waterMm: number }[], late: readonly number[]): Sent[] {
  let at = 0
  const latest = new Map<number, number>()
  return list
    .map(({ cover, gap, waterMm }, i) => {
      at += gap
      const receivedAt = Math.max(latest.get(cover) ?? 0, at + (late[i % late.length] ?? 0))
      latest.set(cover, receivedAt)
      return { device: `c-${cover}`, at, waterMm, receivedAt }
    })
    .sort((a, b) => a.receivedAt - b.receivedAt)
}

/** Runs to well after the end with the ticks that the engine asks for; `restarts`: after which deliveries it starts again. */
function live(sent: readonly Sent[], restarts: ReadonlySet<number> = new Set()): Hand {
  const hand = city(source({ more: 'keepFiringFor: 30s' }), 6)
  const ticks = (to: number): void => {
    for (let wake = hand.seconds(hand.engine.nextWake); wake < to; wake = hand.seconds(hand.engine.nextWake)) hand.tick(wake)
  }
  sent.forEach(({ device, at, waterMm, receivedAt }, i) => {
    ticks(receivedAt)
    hand.cover(device, at, { waterMm }, receivedAt)
    if (restarts.has(i)) hand.restart()
  })
  ticks(30_000)
  return hand
}

function outcome(hand: Hand): string[] {
  const last = new Map(hand.transitions.map((transition) => [transition.alert, transition]))
  return [...last.values()]
    .filter(({ amended }) => amended !== 'disproved' && amended !== 'merged')
    .map(({ key, openedAt, resolvedAt }) => `${key} ${hand.seconds(openedAt)} ${resolvedAt === null ? 'open' : hand.seconds(resolvedAt)}`)
    .sort()
}

const RUNS = Number(process.env.RUNS ?? 100)

describe('S15 order', () => {
  it.each([
    ['within a minute', 60],
    ['hours late', 7200],
  ])('any permutation between devices ends in the same alerts: %s', (_what, most) => {
    fc.assert(
      fc.property(steps, delays(most), (list, late) => {
        expect(outcome(live(deliveries(list, late)))).toEqual(outcome(live(deliveries(list, [0]))))
      }),
      { numRuns: RUNS },
    )
  })
})

describe('S14 replay', () => {
  it('restarts anywhere change nothing, and end in the same state', () => {
    fc.assert(
      fc.property(steps, delays(300), fc.array(fc.nat({ max: 60 }), { maxLength: 6 }), (list, late, restarts) => {
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
