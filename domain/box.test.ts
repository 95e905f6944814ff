import { expect, it } from 'vitest'
import { zonesOf } from './box.ts'
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
