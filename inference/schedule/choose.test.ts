import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Budget } from './budget.ts'
import { choose, type Waiting } from './choose.ts'

interface Camera extends Waiting {
  /** Longest time that it went without a look. */
  gap: number
  looks: number
}

const camera = (every: number, weight = 1, last = 0): Camera => ({ last, every, weight, gap: 0, looks: 0 })

/** One model, one look at a time; every camera always has a frame. Virtual time. */
function run(cameras: Camera[], costMs: number, forMs: number): void {
  for (let now = 0; now < forMs; now += costMs) {
    const next = cameras[choose(cameras, now, costMs)] as Camera
    const looked = now + costMs
    next.gap = Math.max(next.gap, looked - next.last)
    next.last = looked
    next.looks++
  }
  for (const each of cameras) each.gap = Math.max(each.gap, forMs - each.last)
}

describe('choose', () => {
  it.each<[string, Waiting[], number]>([
    ['nobody, when nobody waits', [], -1],
    ['the one that waits', [camera(1000)], 0],
    ['of two on time the one that is due first', [camera(3000), camera(2000)], 1],
    ['an alert before a closer deadline, while there is time for both', [camera(20_000), camera(30_000, 4)], 1],
    ['the closer deadline, when the alert would make it late', [camera(150), camera(500, 4)], 0],
    ['what is past its interval before everything else', [camera(30_000, 4), { last: -40_000, every: 10_000, weight: 1 }], 1],
    [
      'of what is past its interval whoever waits longest for its weight',
      [
        { last: -12_000, every: 10_000, weight: 1 },
        { last: -11_000, every: 10_000, weight: 4 },
      ],
      1,
    ],
  ])('%s', (_, waiting, index) => {
    expect(choose(waiting, 0, 100)).toBe(index)
  })

  it('keeps every interval as long as all can be kept', () => {
    fc.assert(
      fc.property(fc.array(fc.record({ every: fc.integer({ min: 2000, max: 60_000 }), weight: fc.constantFrom(1, 1.5, 2, 4) }), { minLength: 1, maxLength: 40 }), (given) => {
        const costMs = 25
        fc.pre(given.reduce((load, { every }) => load + costMs / every, 0) < 0.9)
        const cameras = given.map(({ every, weight }) => camera(every, weight))
        run(cameras, costMs, 200_000)
        for (const { gap, every } of cameras) expect(gap).toBeLessThanOrEqual(every + costMs)
      }),
      { numRuns: 50 },
    )
  })

  it('starves nobody where there is too little time for all', () => {
    fc.assert(
      fc.property(fc.array(fc.record({ every: fc.integer({ min: 100, max: 5000 }), weight: fc.constantFrom(1, 2, 4) }), { minLength: 2, maxLength: 40 }), (given) => {
        const costMs = 1000
        const cameras = given.map(({ every, weight }) => camera(every, weight))
        run(cameras, costMs, 400_000)
        // Before one that waits each other goes as often as its shorter wish fits into the difference, and once more.
        const most = Math.max(...given.map(({ every }) => every))
        for (const { gap } of cameras) expect(gap).toBeLessThanOrEqual(most + costMs * (given.length + 1) + most)
      }),
      { numRuns: 50 },
    )
  })

  it('gives a camera with an alert more of what is to spare', () => {
    const cameras = [camera(30_000, 4), ...Array.from({ length: 9 }, () => camera(30_000))]
    run(cameras, 500, 600_000)
    const [alerting, ...others] = cameras as [Camera, ...Camera[]]
    for (const { looks, gap } of others) {
      expect(alerting.looks).toBeGreaterThan(2 * looks)
      expect(gap).toBeLessThanOrEqual(30_500)
    }
  })
})

describe('Budget', () => {
  it('lets so many looks a second begin, whenever they are asked for', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.5, max: 50, noNaN: true }), fc.array(fc.integer({ min: 0, max: 400 }), { minLength: 50, maxLength: 300 }), (looksPerSecond, pauses) => {
        const budget = new Budget({ looksPerSecond, cores: null }, 0)
        let now = 0
        let looks = 0
        for (const pause of pauses) {
          now += pause
          if (budget.waitMs(now, 0) > 0) continue
          budget.begin(now)
          looks++
        }
        expect(looks).toBeLessThanOrEqual(Math.max(1, looksPerSecond) + (looksPerSecond * now) / 1000 + 1)
      }),
    )
  })

  it('uses no more of a core than it may, and says when the next look may begin', () => {
    const budget = new Budget({ looksPerSecond: null, cores: 0.5 }, 0)
    let now = 0
    let busy = 0
    while (now < 60_000) {
      now += budget.waitMs(now, 40)
      budget.begin(now)
      now += 40
      busy += 40
      budget.spend(now, 40)
    }
    expect(busy / now).toBeGreaterThan(0.49)
    expect(busy / now).toBeLessThan(0.52)
    expect(budget.looksPerSecond(40, 40)).toBe(12.5)
    expect(budget.looksPerSecond(100, 20)).toBe(10)
  })

  it('without limits never waits', () => {
    const budget = new Budget({ looksPerSecond: null, cores: null }, 0)
    for (let look = 0; look < 1000; look++) {
      expect(budget.waitMs(0, 100)).toBe(0)
      budget.begin(0)
      budget.spend(0, 100)
    }
  })
})
