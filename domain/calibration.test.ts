import { describe, expect, it } from 'vitest'
import { Random } from '../fixtures/city/random.ts'
import { type CalibrationPoint, groundAt, homographyOf, pictureAt, placeOfBox } from './calibration.ts'
import { CodedError } from './errors.ts'
import { distanceM, type Position } from './geo.ts'

const HOME: Position = [121.39, 37.54]
const DEGREE_M = 111_195.08
const place = (east: number, north: number): Position => [HOME[0] + east / (DEGREE_M * Math.cos((HOME[1] * Math.PI) / 180)), HOME[1] + north / DEGREE_M]

/** A camera on a pole of 8 m that looks north-east and 12° down: where it sees a place on the ground. */
function seen(east: number, north: number): readonly [x: number, y: number] {
  const [height, tilt, turn, focal] = [8, (12 * Math.PI) / 180, Math.PI / 4, 0.9]
  const [right, ahead] = [east * Math.cos(turn) - north * Math.sin(turn), east * Math.sin(turn) + north * Math.cos(turn)]
  const depth = ahead * Math.cos(tilt) + height * Math.sin(tilt)
  const down = height * Math.cos(tilt) - ahead * Math.sin(tilt)
  return [0.5 + (focal * right) / depth, 0.5 + (focal * (16 / 9) * down) / depth]
}

/** Places on the ground ahead of the camera by metres to the right and ahead. */
const ahead = (right: number, far: number): readonly [east: number, north: number] => {
  const turn = Math.PI / 4
  return [right * Math.cos(turn) + far * Math.sin(turn), -right * Math.sin(turn) + far * Math.cos(turn)]
}
const GRID = [
  [-6, 14],
  [6, 14],
  [-8, 22],
  [8, 22],
  [-12, 35],
  [12, 35],
  [0, 50],
  [3, 18],
] as const

const pointAt = (right: number, far: number, off: readonly [number, number] = [0, 0]): CalibrationPoint => {
  const [east, north] = ahead(right, far)
  const [lon, lat] = place(east + off[0], north + off[1])
  return { picture: [...seen(east, north)], lon, lat }
}
const all = GRID.map(([right, far]) => pointAt(right, far))

describe('a calibrated camera', () => {
  it.each([
    ['four points', all.slice(0, 4)],
    ['eight points', all],
  ])('%s put every place of the ground where it is, and back', (_, points) => {
    const homography = homographyOf({ points })
    expect(Math.max(...homography.residualsM)).toBeLessThan(0.01)
    for (let far = 12; far < 60; far += 4)
      for (const right of [-5, 0, 5]) {
        const [east, north] = ahead(right, far)
        const position = place(east, north)
        const back = pictureAt(homography, position) as readonly [number, number]
        expect(Math.hypot(back[0] - seen(east, north)[0], back[1] - seen(east, north)[1])).toBeLessThan(1e-6)
        const found = groundAt(homography, seen(east, north))
        if (found) expect(distanceM([found.lon, found.lat], position)).toBeLessThan(0.05)
      }
  })

  it('knows nothing of the sky', () => {
    const homography = homographyOf({ points: all })
    expect(groundAt(homography, [0.5, 0.1])).toBeUndefined()
    expect(groundAt(homography, [0.5, 0.2], [0.05, 0.05])).toBeUndefined()
  })

  it('says an error that is one: of many calibrations by an unsure hand about two thirds of the places lie within it', () => {
    const random = new Random('hand')
    let [within, tries, sum, told] = [0, 0, 0, 0]
    for (let round = 0; round < 60; round++) {
      const points = GRID.map(([right, far]) => pointAt(right, far, [random.gauss(), random.gauss()]))
      const homography = homographyOf({ points })
      for (const [right, far] of [
        [-4, 16],
        [5, 20],
        [0, 28],
        [6, 40],
      ] as const) {
        const [east, north] = ahead(right, far)
        const [x, y] = seen(east, north)
        // A box whose foot trembles by as much as a foot does.
        const [w, h] = [0.08, 0.1]
        const box = [x - w / 2 + random.gauss() * 0.05 * w, y - h + random.gauss() * 0.05 * h, w, h] as const
        const found = placeOfBox(homography, box)
        if (!found) continue
        const off = distanceM([found.lon, found.lat], place(east, north))
        tries++
        sum += off * off
        told += found.errorM * found.errorM
        if (off <= found.errorM) within++
      }
    }
    expect(tries).toBeGreaterThan(200)
    expect(within / tries).toBeGreaterThan(0.55)
    expect(within / tries).toBeLessThan(0.8)
    expect(Math.sqrt(told / sum)).toBeGreaterThan(0.8)
    expect(Math.sqrt(told / sum)).toBeLessThan(1.25)
  })

  it('is surer near the points than far from them', () => {
    const homography = homographyOf({ points: GRID.map(([right, far], i) => pointAt(right, far, [i % 2 ? 0.5 : -0.5, i % 3 ? 0.4 : -0.6])) })
    const errors = [20, 35, 50].map((far) => groundAt(homography, seen(...ahead(0, far)))?.errorM ?? Infinity)
    expect(errors).toEqual([...errors].sort((a, b) => a - b))
  })
})

describe('a calibration is refused, and it is said why', () => {
  const exchanged = all.map((point, i) => ({ ...point, picture: i === 0 ? all[5]?.picture : i === 5 ? all[0]?.picture : point.picture })) as CalibrationPoint[]
  it.each<[string, CalibrationPoint[], RegExp]>([
    ['three points', all.slice(0, 3), /four points, there are 3/],
    ['the same place twice', [...all.slice(0, 3), all[0] as CalibrationPoint], /points 1, 4 are the same on the picture/],
    [
      'one place on the map for two of the picture',
      [...all.slice(0, 3), { ...(all[3] as CalibrationPoint), lon: all[1]?.lon as number, lat: all[1]?.lat as number }],
      /points 2, 4 are the same on the map/,
    ],
    ['all on one line', [14, 20, 30, 45].map((far) => pointAt(2, far)), /all points lie on one line of the picture/],
    ['all but one on one line', [...[14, 20, 30, 45].map((far) => pointAt(2, far)), pointAt(-8, 25)], /all points but one lie on one line/],
    ['two points exchanged', exchanged, /exchanged|misses its place/],
    ['left and right exchanged', all.slice(0, 4).map((point) => ({ ...point, picture: [1 - point.picture[0], point.picture[1]] })), /mirror/],
    ['one point quite elsewhere', all.map((point, i) => (i === 7 ? { ...point, lon: point.lon + 0.0005 } : point)), /point 8 misses its place by \d+\.\d m/],
  ])('%s', (_, points, why) => {
    expect(() => homographyOf({ points })).toThrow(CodedError)
    expect(() => homographyOf({ points })).toThrow(why)
  })
})
