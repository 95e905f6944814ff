import { describe, expect, it } from 'vitest'
import { shareOf, spell } from './ctc.ts'

const ABC = ['A', 'B', 'C']
/** Rows in which one index has the share and the others have the rest. */
const rows = (...places: [index: number, share: number][]): Float32Array =>
  Float32Array.from(places.flatMap(([index, share]) => Array.from({ length: 4 }, (_, i) => (i === index ? share : (1 - share) / 3))))

describe('spell', () => {
  it.each<[string, [number, number][], number, string, number[]]>([
    ['characters and blanks', [[0, 0.9], [1, 0.8], [0, 0.9], [2, 0.7]], 0, 'AB', [0.8, 0.7]], // biome-ignore format: one row
    ['what is repeated is one, as certain as its best place', [[1, 0.6], [1, 0.9], [1, 0.7]], 0, 'A', [0.9]], // biome-ignore format: one row
    ['a blank parts what is repeated', [[1, 0.6], [0, 0.9], [1, 0.7]], 0, 'AA', [0.6, 0.7]], // biome-ignore format: one row
    ['a blank at the end of the characters', [[3, 0.9], [0, 0.8], [2, 0.7], [3, 0.9]], 3, 'AC', [0.8, 0.7]], // biome-ignore format: one row
    ['nothing', [[0, 0.9], [0, 0.9]], 0, '', []], // biome-ignore format: one row
  ])('%s', (_, places, blank, text, certainties) => {
    const spelling = spell(rows(...places), places.length, ABC, blank)
    expect(spelling.text).toBe(text)
    expect(spelling.certainties.map((share) => Math.round(share * 1000) / 1000)).toEqual(certainties)
  })
})

describe('shareOf', () => {
  it('takes shares as they stand and makes others to shares', () => {
    expect(shareOf(Float32Array.from([0.25, 0.75]), 1)).toBe(0.75)
    expect(shareOf(Float32Array.from([0, Math.log(3)]), 1)).toBeCloseTo(0.75, 5)
    expect(shareOf(Float32Array.from([1000, 0]), 0)).toBe(1)
  })
})
