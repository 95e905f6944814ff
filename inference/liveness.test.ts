import { describe, expect, it } from 'vitest'
import { Liveness, probes } from './liveness.ts'

const picture = (level: number) => new Uint8Array(3000).fill(level)
const scores = (...values: number[]) => Float32Array.from(values)

describe('Liveness', () => {
  it.each<[string, [level: number, scores: Float32Array][], number]>([
    ['pictures that differ and scores that do not', [[0, scores(0.1, 0)], [50, scores(0.1, 0)], [0, scores(0.1, 0)], [99, scores(0.1, 0)]], 3], // biome-ignore format: one row
    ['a score that differs a little', [[0, scores(0.1, 0)], [50, scores(0.1, 0)], [0, scores(0.1, 0.002)]], 0], // biome-ignore format: one row
    ['one that differs by less than counts', [[0, scores(0.1, 0)], [50, scores(0.1, 0.0005)], [0, scores(0.1, 0)]], 2], // biome-ignore format: one row
    ['pictures that hardly differ', [[0, scores(0.1)], [5, scores(0.1)], [0, scores(0.1)]], 0], // biome-ignore format: one row
    ['scores that drift', [[0, scores(0.1)], [50, scores(0.1004)], [0, scores(0.1008)], [50, scores(0.1012)]], 0], // biome-ignore format: one row
    ['scores that are no numbers', [[0, scores(Number.NaN)], [50, scores(Number.NaN)], [0, scores(Number.NaN)]], 2], // biome-ignore format: one row
    ['another number of boxes', [[0, scores(0)], [50, scores(0, 0)], [0, scores(0)]], 0], // biome-ignore format: one row
    ['life after a while', [[0, scores(0)], [50, scores(0)], [0, scores(0)], [50, scores(0.9)], [0, scores(0.9)]], 1], // biome-ignore format: one row
  ])('%s', (_, looks, still) => {
    const liveness = new Liveness()
    for (const [level, best] of looks) liveness.look(picture(level), best)
    expect(liveness.still).toBe(still)
  })
})

it('probes differ from one another, and are the same each time', () => {
  const size = { width: 64, height: 48 }
  const made = probes(size)
  const liveness = new Liveness()
  for (const rgb of made) {
    expect(rgb).toHaveLength(64 * 48 * 3)
    liveness.look(rgb, scores(0))
  }
  expect(liveness.still).toBe(made.length - 1)
  expect(probes(size)).toEqual(made)
  // Red, green, blue side by side: a rectangle is of one colour.
  expect(new Set(made[3]).size).toBeGreaterThan(20)
})
