import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { beats, delaysUpTo, gapS, LATEST_S } from './delays.fixture.ts'
import { Hand, START } from './hand.fixture.ts'

/** A cover with two sensors that have both reported for a while; `behind`: by how many seconds the ring's clock is slow. */
class Pair extends Hand {
  readonly behind: number

  constructor(behind: number) {
    super()
    this.behind = behind
    this.rule('cover-displaced')
    this.asset(0, { id: 'c', devices: ['lid', 'ring'] })
    for (let at = 0; at <= 60; at += 10) {
      this.lid(at, { tiltDeg: 1, displaced: false })
      this.ring(at, { batteryPct: 80 })
    }
  }

  /** `at` is the true time; so is the time of receipt, `delay` seconds later. */
  lid(at: number, fields: object, delay = 0): void {
    this.cover('lid', at, fields, at + delay)
  }

  ring(at: number, fields: object, delay = 0): void {
    this.cover('ring', at - this.behind, fields, at + delay)
  }

  /** All ticks that the engine asks for by then. */
  tickUntil(clock: number): number {
    let ticks = 0
    for (let wake = this.seconds(this.engine.nextWake); wake < clock; wake = this.seconds(this.engine.nextWake)) {
      this.tick(wake)
      ticks++
    }
    return ticks
  }

  story(): [string, number][] {
    return this.transitions.map(({ what, at }) => [what, this.seconds(at)])
  }
}

interface Step {
  device: 'lid' | 'ring'
  gap: number
  tiltDeg: number
}

/** When alerts began and ended, in seconds; the ring's clock is `behind` seconds slow. */
function told(steps: readonly Step[], delays: readonly number[], behind: number): string[] {
  const pair = new Pair(behind)
  let at = 100
  const facts = steps.map(({ device, gap, tiltDeg }, i) => {
    at += gap
    return {
      clock: at + (delays[i % delays.length] ?? 0),
      say: (
        (when) => () =>
          pair[device](when, { tiltDeg }, delays[i % delays.length])
      )(at),
    }
  })
  const prompt = beats(60_000, at * 1000).flatMap((ms) => [
    { clock: ms / 1000 + 0.25, say: () => pair.lid(ms / 1000 + 0.25, { batteryPct: 80 }) },
    { clock: ms / 1000 + 0.5, say: () => pair.ring(ms / 1000 + 0.5, { batteryPct: 80 }) },
  ])
  for (const { clock, say } of [...facts, ...prompt].sort((a, b) => a.clock - b.clock)) {
    pair.tickUntil(clock)
    say()
  }
  pair.tickUntil(at + LATEST_S + 3600)
  const last = new Map(pair.transitions.map((each) => [each.alert, each]))
  return [...last.values()]
    .filter(({ amended }) => amended !== 'disproved' && amended !== 'merged')
    .map(({ openedAt, resolvedAt }) => `${pair.seconds(openedAt)} ${resolvedAt === null ? 'open' : pair.seconds(resolvedAt)}`)
    .sort()
}

/** A longer search: RUNS=5000 npx vitest run rules/skew. */
const RUNS = Number(process.env.RUNS ?? 60)

describe('S7 several devices of one asset are merged in order of corrected time', () => {
  it.each([
    ['behind', 40],
    ['ahead', -40],
    ['right', 0],
  ])('one clock is %s', (_what, behind) => {
    const pair = new Pair(behind)
    pair.lid(100, { tiltDeg: 40 })
    // It stands up again three seconds later, says the other one.
    pair.ring(103, { tiltDeg: 1 })
    for (let at = 110; at <= 300; at += 10) {
      pair.lid(at, { batteryPct: 80 })
      pair.ring(at, { batteryPct: 80 })
    }
    expect(pair.story()).toEqual([
      ['raised', 102],
      ['recovering', 103],
      ['resolved', 163],
    ])
  })

  it('a first message that was long under way is no skew', () => {
    const hand = new Hand()
    hand.rule('cover-displaced')
    hand.asset(0, { id: 'c', devices: ['lid', 'ring'] })
    for (let at = 0; at < 100; at += 10) hand.cover('ring', at, { batteryPct: 80 }, 100)
    expect(hand.engine.state.assets.get('c' as never)?.skews).toEqual([])
  })

  it('nor is a day of which all came late', () => {
    const pair = new Pair(0)
    for (const hours of [9, 22, 35]) pair.ring(hours * 3600, { batteryPct: 80 }, 5 * 3600)
    expect(pair.engine.state.assets.get('c' as never)?.skews).toEqual([])
  })

  it('a clock that drifts stays corrected while it is measured anew', () => {
    const pair = new Pair(40)
    const ms = (): number | undefined => pair.engine.state.assets.get('c' as never)?.skews.at(-1)?.ms
    for (let hours = 1; hours <= 72; hours++) {
      pair.cover('ring', hours * 3600 - 40 + hours * 0.3, { batteryPct: 80 }, hours * 3600)
      expect(ms()).toBeGreaterThan(40_000 - hours * 300 - 1500)
    }
  })

  it('late data is merged as the live engine merged, and a restart does not show (S6, S14)', () => {
    const settled = (restart: boolean): [string, number][] => {
      const pair = new Pair(40)
      pair.lid(100, { tiltDeg: 40 })
      for (let at = 110; at <= 200; at += 10) {
        pair.lid(at, { batteryPct: 80 })
        pair.ring(at, { batteryPct: 80 })
      }
      if (restart) pair.restart()
      pair.ring(103, { tiltDeg: 1 }, 110)
      pair.lid(300, { batteryPct: 80 })
      pair.ring(300, { batteryPct: 80 })
      const last = pair.transitions.at(-1)
      return [...pair.story(), ['ends', pair.seconds(last?.resolvedAt ?? 0)]]
    }
    expect(settled(true)).toEqual(settled(false))
    expect(settled(false).at(-1)).toEqual(['ends', 163])
  })

  it('whatever the clocks are off by and whatever comes late, the alerts are those of right clocks and prompt messages', { timeout: 30_000 + RUNS * 400 }, () => {
    const Step = fc.record({ device: fc.constantFrom('lid', 'ring'), gap: gapS, tiltDeg: fc.constantFrom(1, 10, 40) })
    fc.assert(
      fc.property(fc.array(Step, { minLength: 1, maxLength: 30 }), delaysUpTo(LATEST_S), fc.integer({ min: -100, max: 100 }), (steps, delays, behind) => {
        // A skew of a second or less is the network's.
        fc.pre(Math.abs(behind) > 1)
        expect(told(steps, delays, behind)).toEqual(told(steps, [0], 0))
      }),
      { numRuns: RUNS },
    )
  })

  it('what comes out of a gateway’s store is corrected by what was known of the clock before', () => {
    const pair = new Pair(40)
    pair.lid(1000, { tiltDeg: 40 })
    pair.lid(1010, { batteryPct: 80 })
    pair.feed(5000, { type: 'gateway', by: 'gw', gateway: 'gw', state: 'draining', at: START, oldest: null })
    pair.ring(1003, { tiltDeg: 1 }, 3997)
    pair.feed(5001, { type: 'gateway', by: 'gw', gateway: 'gw', state: 'online', at: START, oldest: null })
    pair.lid(5002, { batteryPct: 80 })
    pair.ring(5003, { batteryPct: 80 })
    pair.tick(5100)
    expect(pair.transitions.at(-1)).toMatchObject({ openedAt: START + 1_000_000, resolvedAt: START + 1_063_000 })
  })

  it('a device that was idle is waited for as long as the grace: what it says then amends nothing (S15)', () => {
    const hand = new Pair(0)
    hand.rule('cover-water-high')
    hand.lid(700, { batteryPct: 80 })
    hand.lid(800, { waterMm: 900 })
    hand.ring(799.5, { waterMm: 900 }, 1)
    hand.tick(900)
    expect(hand.transitions).toMatchObject([{ what: 'raised', openedAt: START + 799_500, late: false, amended: null }])
  })

  it('when all fall silent the engine asks for no more ticks than it needs', () => {
    const hand = new Pair(0)
    hand.rule('cover-silent')
    const ticks = hand.tickUntil(4 * 86_400)
    expect(hand.story().map(([what]) => what)).toEqual(['raised'])
    expect(ticks).toBeLessThan(5)
  })
})
