import { describe, expect, it } from 'vitest'
import { calibrationOf, fitOf, newPins, type Pins, type Prick, prick } from './pins.ts'

const play = (...pricks: Prick[]): Pins => pricks.reduce(prick, newPins(null))
const pair = (x: number, y: number, east: number, north: number): Prick[] => [
  { do: 'picture', at: [x, y] },
  { do: 'map', at: [121.39 + east * 1e-5, 37.54 + north * 1e-5] },
]
const FOUR = [...pair(0.1, 0.9, 0, 0), ...pair(0.9, 0.9, 100, 0), ...pair(0.7, 0.3, 100, 200), ...pair(0.3, 0.3, 0, 200)]

describe('pairing points of the picture with places', () => {
  it('takes a click in the picture and one on the map, in either order, and the last of several', () => {
    const pins = play({ do: 'map', at: [1, 2] }, { do: 'map', at: [3, 4] }, { do: 'picture', at: [0.5, 1.2] })
    expect(pins).toEqual({ points: [{ picture: [0.5, 1], lon: 3, lat: 4 }], picture: null, place: null })
    expect(prick(pins, { do: 'remove', index: 0 }).points).toEqual([])
  })

  it('without a point there is no calibration', () => {
    expect(calibrationOf(play({ do: 'picture', at: [0.5, 0.5] }))).toBeNull()
    expect(calibrationOf(play(...FOUR))?.points).toHaveLength(4)
    expect(calibrationOf(prick(play(...FOUR), { do: 'clear' }))).toBeNull()
  })

  it.each<[string, Prick[], object]>([
    ['how many more are needed', FOUR.slice(0, 4), { is: 'few', more: 2 }],
    ['how far each misses', FOUR, { is: 'fits', residualsM: [expect.closeTo(0, 3), expect.closeTo(0, 3), expect.closeTo(0, 3), expect.closeTo(0, 3)] }],
    ['why there is no plane', [...FOUR.slice(0, 6), ...pair(0.7, 0.3, 0, 200)], { is: 'refused', why: 'points 3, 4 are the same on the picture' }],
  ])('tells %s', (_, pricks, fit) => {
    expect(fitOf(play(...pricks))).toMatchObject(fit)
  })
})
