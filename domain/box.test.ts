import { expect, it } from 'vitest'
import { zoneShare, zonesOf } from './box.ts'
import type { Box } from './observation.ts'

const zones = [
  {
    id: 'kerb',
    type: 'no-parking',
    polygon: [
      [0, 0.5],
      [0.5, 0.5],
      [0.5, 1],
      [0, 1],
    ] as [number, number][],
  },
  {
    id: 'gate',
    type: 'no-parking',
    polygon: [
      [0.4, 0.4],
      [0.9, 0.4],
      [0.6, 0.9],
    ] as [number, number][],
  },
]

it.each<[string, Box, string[]]>([
  ['stands in it though its middle is outside', [0.1, 0.1, 0.2, 0.5], ['kerb']],
  ['is above it', [0.1, 0.1, 0.2, 0.3], []],
  ['stands in two', [0.43, 0.3, 0.1, 0.25], ['kerb', 'gate']],
  ['stands on the edge', [0.4, 0.4, 0.2, 0.2], ['kerb', 'gate']],
  ['stands on the lower edge of the picture', [0, 0.8, 0.2, 0.2], ['kerb']],
  ['is in the corner that a slanted edge cuts off', [0.8, 0.5, 0.1, 0.3], []],
])('a box that %s', (_, box, expected) => {
  expect(zonesOf(box, zones)).toEqual(expected)
})

const SQUARE: [number, number][] = [
  [0, 0.5],
  [1, 0.5],
  [1, 1],
  [0, 1],
]
const BAND: [number, number][] = [
  [0, 0.9],
  [0.9, 0],
  [1, 0],
  [1, 0.1],
  [0.1, 1],
  [0, 1],
]

it.each<[string, Box, [number, number][], number | undefined]>([
  ['lies in it whole', [0, 0.8, 0.25, 0.1], SQUARE, 0.05],
  ['hangs over its edge', [0.5, 0.4, 0.25, 0.2], SQUARE, 0.05],
  ['hangs over the picture too', [-0.25, 0.9, 0.5, 0.5], SQUARE, 0.05],
  ['covers all of it', [-0.5, 0, 2, 2], SQUARE, 1],
  ['lies beside it', [0.2, 0.1, 0.3, 0.3], SQUARE, 0],
  ['lies across a slanting band', [0.45, 0.45, 0.1, 0.1], BAND, 0.01 / 0.19],
  ['is asked of a line', [0.2, 0.1, 0.3, 0.3], [], undefined],
])('the share of a zone of a box that %s', (_, box, polygon, expected) => {
  const share = zoneShare(box, polygon)
  if (expected === undefined) expect(share).toBe(undefined)
  else expect(share).toBeCloseTo(expected, 8)
})
