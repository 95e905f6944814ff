import { expect, it } from 'vitest'
import { liesIn } from './area.ts'

const GRID = '370602001001001'

it.each([
  ['', null, null, true],
  ['370602', '370602001001', GRID, true],
  [GRID, '370602001001', GRID, true],
  ['370611', '370602001001', GRID, false],
  // A grid that bears an id of the city's own lies where its asset's area says.
  ['370602', '370602001', 'g-1', true],
  ['g-1', '370602001', 'g-1', true],
  ['g-1', null, 'g-1', true],
  // Such an id is a name, not the beginning of one.
  ['g-1', null, 'g-10', false],
  ['g', '370602001', 'g-1', false],
  ['370602', null, 'g-1', false],
  ['370602', null, null, false],
] as const)('in %j lies %j, grid %j: %s', (area, own, grid, expected) => {
  expect(liesIn(area, { area: own, grid })).toBe(expected)
})
