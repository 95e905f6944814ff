import { describe, expect, it } from 'vitest'
import { frameFor, gapOf, pathThrough, samplesOf, ticksOf, yOf } from './scale.ts'

const SIZE = { width: 100, height: 50, from: 0, to: 1000 }

describe('the frame of a chart', () => {
  it('has room for the limit even when no value came near it', () => {
    const frame = frameFor(
      [
        [0, 1],
        [10, 3],
      ],
      [15],
      SIZE,
    )
    expect(frame.high).toBeGreaterThan(15)
    expect(yOf(frame, 15)).toBeGreaterThan(0)
    expect(frame.low).toBeGreaterThanOrEqual(0)
  })

  it('gives a flat line a height, and nothing a frame', () => {
    const flat = frameFor([[0, 7]], [], SIZE)
    expect(flat.high).toBeGreaterThan(flat.low)
    expect(Number.isFinite(yOf(frameFor([], [], SIZE), 0.5))).toBe(true)
  })
})

it('leaves a gap open where nothing was measured', () => {
  const samples = [
    [0, 0],
    [60_000, 1],
    [120_000, 0],
    [600_000, 1],
    [660_000, 0],
  ] as const
  const path = pathThrough(frameFor(samples, [], SIZE), samples, gapOf(samples))
  expect(path.match(/M/g)).toHaveLength(2)
  expect(path.match(/L/g)).toHaveLength(3)
})

it.each([
  [0, 10, [0, 5, 10]],
  [0, 33, [0, 20]],
  [-2, 2, [-2, 0, 2]],
  [5, 5, [5]],
])('ticks from %i to %i are round', (low, high, expected) => {
  expect(ticksOf(low, high)).toEqual(expected)
})

it('reads samples out of observations, nested values included, in order of time', () => {
  const observations = [
    { at: '1970-01-01T00:00:02.000Z', tiltDeg: 2 },
    { at: 1000, values: { tiltDeg: 1 } },
    { at: 'never', tiltDeg: 9 },
    { at: 3000, tiltDeg: 'much' },
  ]
  expect(samplesOf(observations, 'tiltDeg')).toEqual([
    [1000, 1],
    [2000, 2],
  ])
})
