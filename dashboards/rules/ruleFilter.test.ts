import { expect, it } from 'vitest'
import { perDayText } from './ruleFilter.ts'

it.each<[number[], string]>([
  [[], '0'],
  [[0, 0], '0'],
  [[...Array(13).fill(0), 1], '< 0.1'],
  [[0, 0, 0, 0, 1], '0.2'],
  [[4, 4], '4'],
  [[9, 10, 10], '9.7'],
  [[9.96], '10'],
  [[12, 13], '13'],
  [[1204, 1205, 1205], '1205'],
])('%j alerts a day are %s', (counts, text) => {
  expect(perDayText(counts)).toBe(text)
})
