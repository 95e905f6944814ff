import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Budget, type BudgetLimits } from './budget.ts'
import { type Desk, Scheduler } from './scheduler.ts'
import { VirtualClock } from './virtual-clock.fixture.ts'

const MODEL = {}
const FREE: BudgetLimits = { looksPerSecond: null, cores: null }

interface Parts {
  clock: VirtualClock
  scheduler: Scheduler
  model: object
  costMs: number
}

/** A camera that always has a newest frame; the model takes `costMs`. */
class Camera implements Desk {
  last: number
  looks: number[] = []
  readonly every: number
  readonly weight: number
  readonly #parts: Parts

  constructor(parts: Parts, every: number, weight = 1) {
    this.#parts = parts
    this.every = every
    this.weight = weight
    this.last = parts.clock.now()
    parts.scheduler.want(this, parts.model)
  }

  async look(): Promise<void> {
    const { clock, scheduler, model, costMs } = this.#parts
    await clock.sleep(costMs)
    this.last = clock.now()
    this.looks.push(this.last)
    scheduler.want(this, model)
  }

  get gap(): number {
    const times = [0, ...this.looks, this.#parts.clock.now()]
    return Math.max(...times.slice(1).map((at, index) => at - (times[index] ?? 0)))
  }
}

function open(limits: BudgetLimits, costMs: number, slots = 1) {
  const clock = new VirtualClock()
  const scheduler = new Scheduler({ budget: new Budget(limits, 0), now: clock.now, later: clock.later })
  const leave = scheduler.join(MODEL, () => slots)
  return { clock, scheduler, leave, parts: { clock, scheduler, model: MODEL, costMs } }
}

describe('Scheduler', () => {
  it('keeps the model busy, one look after another, and knows its speed', async () => {
    const { clock, scheduler, parts } = open(FREE, 40)
    const cameras = Array.from({ length: 10 }, () => new Camera(parts, 5000))
    await clock.advance(8000)
    expect(cameras.reduce((sum, { looks }) => sum + looks.length, 0)).toBe(200)
    for (const { looks } of cameras) expect(looks.length).toBe(20)
    expect(scheduler.looksPerSecond()).toBe(25)
    expect(clock.set).toBe(0)
  })

  it.each([
    ['looks a second', { looksPerSecond: 5, cores: null }, 5],
    ['a share of a core', { looksPerSecond: null, cores: 0.25 }, 6.25],
  ] as const)('stays within a budget of %s', async (_, limits, perSecond) => {
    const { clock, scheduler, parts } = open(limits, 40)
    const cameras = Array.from({ length: 10 }, () => new Camera(parts, 5000))
    await clock.advance(60_000)
    const looks = cameras.reduce((sum, camera) => sum + camera.looks.length, 0)
    expect(looks / 60).toBeGreaterThan(perSecond * 0.97)
    expect(looks).toBeLessThanOrEqual(perSecond * 60 + Math.max(1, perSecond) + 1)
    expect(scheduler.looksPerSecond()).toBe(perSecond)
  })

  it('keeps every interval that can be kept, however many cameras, speeds and weights', async () => {
    const given = fc.array(fc.record({ every: fc.integer({ min: 3000, max: 60_000 }), weight: fc.constantFrom(1, 1.5, 2, 4) }), { minLength: 1, maxLength: 20 })
    await fc.assert(
      fc.asyncProperty(given, fc.integer({ min: 20, max: 100 }), async (wishes, costMs) => {
        fc.pre(wishes.reduce((load, { every }) => load + costMs / every, 0) < 0.8)
        const { clock, parts } = open(FREE, costMs)
        const cameras = wishes.map(({ every, weight }) => new Camera(parts, every, weight))
        await clock.advance(60_000)
        for (const { gap, every } of cameras) expect(gap).toBeLessThanOrEqual(every + 2 * costMs)
      }),
      { numRuns: 15 },
    )
  })

  it('serves two models side by side, and one that a slot is free for before one that waits', async () => {
    const { clock, scheduler, parts } = open(FREE, 1000)
    const other = {}
    scheduler.join(other, () => 1)
    const slow = [new Camera(parts, 1000), new Camera(parts, 1000)]
    const quick = new Camera({ ...parts, model: other, costMs: 50 }, 1000)
    await clock.advance(10_000)
    expect(slow.map(({ looks }) => looks.length)).toEqual([5, 5])
    expect(quick.looks.length).toBe(200)
  })

  it('forgets who no longer wants to', async () => {
    const { clock, scheduler, parts, leave } = open(FREE, 100)
    const [first, second] = [new Camera(parts, 1000), new Camera(parts, 1000)]
    scheduler.unwant(second)
    await clock.advance(1000)
    expect([first.looks.length, second.looks.length]).toEqual([10, 0])
    leave()
    expect(scheduler.looksPerSecond()).toBe(0)
  })
})
