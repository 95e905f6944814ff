import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
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

  story(): [string, number][] {
    return this.transitions.map(({ what, at }) => [what, this.seconds(at)])
  }
}

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

  it('whatever the clocks are off by, the alerts are those of right clocks', () => {
    const Step = fc.record({ device: fc.constantFrom('lid', 'ring'), gap: fc.integer({ min: 1, max: 20 }), tiltDeg: fc.constantFrom(1, 10, 40) })
    fc.assert(
      fc.property(fc.array(Step, { minLength: 1, maxLength: 30 }), fc.integer({ min: -100, max: 100 }), (steps, behind) => {
        const run = (off: number): [string, number][] => {
          const pair = new Pair(off)
          let at = 100
          for (const { device, gap, tiltDeg } of steps) {
            at += gap
            if (device === 'lid') pair.lid(at, { tiltDeg })
            else pair.ring(at, { tiltDeg })
          }
          pair.tick(at + 600)
          return pair.story()
        }
        // A skew of a second or less is the network's.
        if (Math.abs(behind) > 1) expect(run(behind)).toEqual(run(0))
      }),
      { numRuns: 100 },
    )
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
    let ticks = 0
    for (let wake = hand.seconds(hand.engine.nextWake); wake < 4 * 86_400; wake = hand.seconds(hand.engine.nextWake)) {
      hand.tick(wake)
      ticks++
    }
    expect(hand.story().map(([what]) => what)).toEqual(['raised'])
    expect(ticks).toBeLessThan(5)
  })
})
