import { describe, expect, it } from 'vitest'
import { Random } from '../../domain/random.ts'
import { lineOf } from './calibrate.ts'

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x))

describe('lineOf', () => {
  it.each([
    [1, 0],
    [2, 1.5],
    [0.6, -1],
  ])('finds the line of slope %f and shift %f by which scores were too modest or too bold', (slope, shift) => {
    const random = new Random(`calibration/${slope}`)
    const finds = Array.from({ length: 20_000 }, () => {
      const x = random.gauss() * 1.5 - 1
      return { score: sigmoid(x), hit: random.chance(sigmoid(slope * x + shift)) }
    })
    const [a, b] = lineOf(finds)
    expect(Math.abs(a - slope)).toBeLessThan(0.1)
    expect(Math.abs(b - shift)).toBeLessThan(0.1)
  })

  it('leaves scores alone of which it has seen nothing', () => {
    expect(lineOf([])).toEqual([1, 0])
  })

  it('does not break on scores of exactly one', () => {
    const [a, b] = lineOf([{ score: 1, hit: true }])
    expect(Number.isFinite(a) && Number.isFinite(b)).toBe(true)
  })
})
