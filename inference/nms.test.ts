import { describe, expect, it } from 'vitest'
import { type Candidate, suppress } from './nms.ts'

const box = (x1: number, score: number, cls = 0): Candidate => ({ x1, y1: 0, x2: x1 + 10, y2: 10, score, cls })

describe('suppress', () => {
  const strong = box(0, 0.9)
  it.each<[string, Candidate[], Candidate[]]>([
    ['keeps the stronger of two that overlap', [box(1, 0.5), strong], [strong]],
    ['keeps both when they overlap little', [strong, box(5, 0.5)], [strong, box(5, 0.5)]],
    ['keeps both when they are of different classes', [strong, box(0, 0.5, 1)], [strong, box(0, 0.5, 1)]],
    ['lets a suppressed box suppress nothing', [strong, box(3, 0.6), box(6, 0.5)], [strong, box(6, 0.5)]],
    ['keeps the first of equals', [{ ...box(0, 0.5), y2: 9 }, box(0, 0.5)], [{ ...box(0, 0.5), y2: 9 }]],
    [
      'keeps boxes without area apart',
      [
        { ...strong, x2: 0 },
        { ...strong, x2: 0 },
      ],
      [
        { ...strong, x2: 0 },
        { ...strong, x2: 0 },
      ],
    ],
  ])('%s', (_, candidates, kept) => {
    expect(suppress(candidates, 0.45, 300)).toEqual(kept)
  })

  it('stops at the most that a scene may hold, with the strongest', () => {
    const many = Array.from({ length: 50 }, (_, i) => box(i * 20, i / 50))
    expect(suppress(many, 0.45, 3).map(({ score }) => score)).toEqual([49 / 50, 48 / 50, 47 / 50])
  })
})
