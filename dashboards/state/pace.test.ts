import { describe, expect, it } from 'vitest'
import { createPace } from './pace.ts'

/** A clock that a test turns by hand. */
function handClock() {
  let now = 0
  let waiting: { due: number; run: () => void }[] = []
  return {
    world: {
      now: () => now,
      later: (ms: number, run: () => void) => {
        const entry = { due: now + ms, run }
        waiting.push(entry)
        return () => {
          waiting = waiting.filter((other) => other !== entry)
        }
      },
    },
    turn: (ms: number) => {
      now += ms
      const due = waiting.filter((entry) => entry.due <= now)
      waiting = waiting.filter((entry) => entry.due > now)
      for (const entry of due) entry.run()
    },
    waiting: () => waiting.length,
  }
}

describe('the pace of batches', () => {
  it('hands the first over at once and the rest together', () => {
    const clock = handClock()
    const batches: number[][] = []
    const pace = createPace<number>(250, (batch) => batches.push(batch), clock.world)
    for (let n = 0; n < 1000; n++) pace.add(n)
    expect(batches).toEqual([[0]])
    clock.turn(249)
    expect(batches).toHaveLength(1)
    clock.turn(1)
    expect(batches).toHaveLength(2)
    expect(batches[1]).toHaveLength(999)
  })

  it('never hands over more often than it may', () => {
    const clock = handClock()
    const times: number[] = []
    const pace = createPace<number>(250, () => times.push(clock.world.now()), clock.world)
    for (let tick = 0; tick < 300; tick++) {
      pace.add(tick)
      clock.turn(10)
    }
    const gaps = times.slice(1).map((time, index) => time - (times[index] ?? 0))
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(250)
    expect(times).toHaveLength(1 + 3000 / 250)
  })

  it('keeps nothing running after its end', () => {
    const clock = handClock()
    const batches: number[][] = []
    const pace = createPace<number>(250, (batch) => batches.push(batch), clock.world)
    pace.add(1)
    pace.add(2)
    pace.close()
    clock.turn(1000)
    expect(batches).toEqual([[1]])
    expect(clock.waiting()).toBe(0)
  })
})
