import { describe, expect, it } from 'vitest'
import type { Box } from '../../domain/observation.ts'
import { averagePrecision, type Found, type Judged, meanPrecision, type Truth } from './average-precision.ts'

const there = (box: Box, faint = false): Truth => ({ label: 'car', box, faint })
const seen = (score: number, box: Box, label = 'car'): Found => ({ label, score, box })
const A: Box = [0, 0, 0.2, 0.2]
const B: Box = [0.5, 0.5, 0.2, 0.2]
const NOWHERE: Box = [0.8, 0, 0.1, 0.1]

describe('averagePrecision', () => {
  it.each<[string, Judged[], number | null]>([
    ['all found, nothing else', [{ truths: [there(A), there(B)], found: [seen(0.9, A), seen(0.8, B)] }], 1],
    ['one of two found', [{ truths: [there(A), there(B)], found: [seen(0.9, A)] }], 0.5],
    ['a stronger find is wrong', [{ truths: [there(A)], found: [seen(0.9, NOWHERE), seen(0.8, A)] }], 0.5],
    ['the second of the same thing is wrong', [{ truths: [there(A), there(B)], found: [seen(0.9, A), seen(0.8, A), seen(0.7, B)] }], (1 + 2 / 3) / 2],
    ['wrong ones weaker than all right ones cost nothing', [{ truths: [there(A)], found: [seen(0.9, A), seen(0.1, NOWHERE)] }], 1],
    ['what is faint counts neither way', [{ truths: [there(A), there(B, true)], found: [seen(0.95, B), seen(0.9, A)] }], 1],
    [
      'another picture, another label',
      [
        { truths: [there(A)], found: [seen(0.9, A, 'bus')] },
        { truths: [], found: [seen(0.8, A)] },
      ],
      0,
    ],
    ['a box that overlaps too little', [{ truths: [there(A)], found: [seen(0.9, [0.1, 0, 0.2, 0.2])] }], 0],
    ['nothing there', [{ truths: [], found: [seen(0.9, A)] }], null],
  ])('%s', (_, pictures, expected) => {
    const { ap50 } = averagePrecision(pictures, 'car', 0.35)
    if (expected === null) expect(ap50).toBeNull()
    else expect(ap50).toBeCloseTo(expected, 10)
  })

  it('tells precision and recall at the threshold', () => {
    const pictures = [{ truths: [there(A), there(B)], found: [seen(0.9, A), seen(0.5, NOWHERE), seen(0.3, B)] }]
    expect(averagePrecision(pictures, 'car', 0.35)).toMatchObject({ precision: 0.5, recall: 0.5, truths: 2 })
  })

  it('means over labels that occur', () => {
    const pictures = [{ truths: [there(A)], found: [seen(0.9, A)] }]
    expect(meanPrecision([averagePrecision(pictures, 'car', 0.35), averagePrecision(pictures, 'bus', 0.35)])).toBe(1)
    expect(meanPrecision([])).toBeNull()
  })
})
