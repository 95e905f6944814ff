import fc from 'fast-check'
import type { Feature } from 'geojson'
import { describe, expect, it } from 'vitest'
import { distanceM } from '../../domain/geo.ts'
import { alertWith } from '../alerts/alert.fixture.ts'
import { EMPTY_BOOK, putAlerts } from '../state/alertBook.ts'
import type { AssetState } from '../state/city.ts'
import { fixedPoints, placeOf, zoneShapes } from './features.ts'
import { gather, type Spot } from './gather.ts'
import { labelPoints } from './labelPoints.ts'
import { marksOf } from './marks.ts'
import { glideTo, placeAt } from './motion.ts'
import { nextLook } from './nextLook.ts'

const fix = (lon: number, lat: number, at: number, headingDeg?: number) => ({ position: [lon, lat] as const, headingDeg, at })

describe('a gliding vehicle', () => {
  it('begins where it is first seen', () => {
    expect(placeAt(glideTo(undefined, fix(117, 39, 0, 90), 500), 500)).toEqual({ position: [117, 39], headingDeg: 90 })
  })

  it('is half way after half the time between its fixes, and there at the end', () => {
    const first = glideTo(undefined, fix(117, 39, 0, 90), 0)
    const next = glideTo(first, fix(117.001, 39, 2000, 90), 2000)
    expect(placeAt(next, 3000).position[0]).toBeCloseTo(117.0005, 9)
    expect(placeAt(next, 4000).position).toEqual([117.001, 39])
    expect(placeAt(next, 60_000).position).toEqual([117.001, 39])
  })

  it('glides from where the register has it to where it first reports', () => {
    const first = glideTo(glideTo(undefined, fix(117, 39, Number.NaN), 0), fix(117.001, 39, 2000), 2000)
    expect(placeAt(first, first.end).position).toEqual([117.001, 39])
    expect(first.end).toBeGreaterThan(first.start)
  })

  it('goes on from where it is drawn when the next fix comes early: no jump back', () => {
    const first = glideTo(undefined, fix(117, 39, 0, 90), 0)
    const second = glideTo(first, fix(117.001, 39, 2000, 90), 2000)
    const third = glideTo(second, fix(117.002, 39, 3000, 90), 3000)
    expect(placeAt(third, 3000).position[0]).toBeCloseTo(117.0005, 9)
  })

  it('never moves farther in one step than its fixes are apart', () => {
    const step = fc.record({
      lon: fc.double({ min: 117, max: 117.01, noNaN: true }),
      lat: fc.double({ min: 39, max: 39.01, noNaN: true }),
      wait: fc.integer({ min: 1, max: 5000 }),
    })
    fc.assert(
      fc.property(fc.array(step, { minLength: 2, maxLength: 12 }), (steps) => {
        let now = 0
        let glide = glideTo(undefined, fix(117, 39, 0), 0)
        for (const { lon, lat, wait } of steps) {
          now += wait
          const before = placeAt(glide, now).position
          glide = glideTo(glide, fix(lon, lat, now), now)
          expect(distanceM(before, placeAt(glide, now).position)).toBeLessThan(0.01)
        }
      }),
    )
  })

  it('turns the short way round', () => {
    const first = glideTo(undefined, fix(117, 39, 0, 350), 0)
    const next = glideTo(first, fix(117.001, 39, 4000, 10), 4000)
    expect(placeAt(next, 5000).headingDeg).toBeCloseTo(0, 6)
  })

  it('takes its course from the way it went when the terminal gives none, but not from noise', () => {
    const first = glideTo(undefined, fix(117, 39, 0, 45), 0)
    expect(glideTo(first, fix(117, 39.001, 1000), 1000).toHeading).toBeCloseTo(0, 3)
    expect(glideTo(first, fix(117.00001, 39, 1000), 1000).toHeading).toBe(45)
  })

  it('is put there when the fix is too far for a drive', () => {
    const first = glideTo(undefined, fix(117, 39, 0, 0), 0)
    expect(placeAt(glideTo(first, fix(118, 39, 1000, 0), 1000), 1000).position).toEqual([118, 39])
  })
})

describe('how long the picture stays true', () => {
  it.each([
    ['nothing moves', 0, Number.POSITIVE_INFINITY, 500],
    ['a truck seen from above the city, 0.4 px/s', 0.0004, Number.POSITIVE_INFINITY, 500],
    ['a truck in a street, 10 px/s', 0.01, Number.POSITIVE_INFINITY, 50],
    ['a very fast one: no more than thirty pictures a second', 1, Number.POSITIVE_INFINITY, 33],
    ['a ring pulses', 0, 75, 75],
  ])('%s', (_, speed, ring, expected) => {
    expect(nextLook(speed, ring)).toBe(expected)
  })
})

describe('gathering alerts on the screen', () => {
  const spot = (id: string, x: number, y: number, rank = 0, open = false): Spot => ({ id, position: [0, 0], x, y, rank, open, firing: open })

  it('puts those too near under the worst of them', () => {
    const all = gather([spot('minor', 0, 0, 1, true), spot('critical', 10, 0, 3), spot('far', 100, 0, 2)], 26)
    expect(all.map(({ id, ids, open, spread }) => ({ id, ids, open, spread }))).toEqual([
      { id: 'critical', ids: ['critical', 'minor'], open: true, spread: 10 },
      { id: 'far', ids: ['far'], open: false, spread: 0 },
    ])
  })

  const spots = fc.uniqueArray(
    fc.record({
      id: fc.string({ minLength: 1, maxLength: 4 }),
      x: fc.integer({ min: -200, max: 200 }),
      y: fc.integer({ min: -200, max: 200 }),
      rank: fc.integer({ min: 0, max: 3 }),
    }),
    {
      selector: ({ id }) => id,
      maxLength: 60,
    },
  )

  it('loses none, shows none twice, and leaves room between marks', () => {
    fc.assert(
      fc.property(spots, (made) => {
        const input = made.map(({ id, x, y, rank }) => spot(id, x, y, rank))
        const all = gather(input, 26)
        expect(all.flatMap(({ ids }) => ids).sort()).toEqual(input.map(({ id }) => id).sort())
        for (const [index, one] of all.entries()) for (const other of all.slice(index + 1)) expect(Math.hypot(one.x - other.x, one.y - other.y)).toBeGreaterThanOrEqual(26)
      }),
    )
  })

  it('gathers the same when the map is moved: nothing flickers', () => {
    fc.assert(
      fc.property(spots, fc.integer({ min: -90, max: 90 }), fc.integer({ min: -90, max: 90 }), (made, dx, dy) => {
        const groups = (x: number, y: number): string[][] =>
          gather(
            made.map((one) => spot(one.id, one.x + x, one.y + y, one.rank)),
            26,
          ).map(({ ids }) => ids)
        expect(groups(dx, dy)).toEqual(groups(0, 0))
      }),
    )
  })
})

describe('names of areas', () => {
  const area = (coordinates: number[][][]): Feature => ({ type: 'Feature', properties: { class: 'street', name: '塘沽' }, geometry: { type: 'Polygon', coordinates } })
  const square = (x: number, y: number, side: number): number[][] => [
    [x, y],
    [x + side, y],
    [x + side, y + side],
    [x, y + side],
    [x, y],
  ]

  it('stand once, in the middle of the largest part', () => {
    const many: Feature = {
      type: 'Feature',
      properties: { class: 'park', name: '公园' },
      geometry: { type: 'MultiPolygon', coordinates: [[square(0, 0, 1)], [square(117, 39, 2)]] },
    }
    const points = labelPoints({ type: 'FeatureCollection', features: [area([square(117, 39, 0.02)]), many] }).features
    expect(points.map(({ properties }) => properties?.name)).toEqual(['塘沽', '公园'])
    expect(points[0]?.geometry.coordinates[0]).toBeCloseTo(117.01, 9)
    expect(points[1]?.geometry.coordinates).toEqual([118, 40])
  })

  it('are left out for roads, which bear theirs along the line, and for areas without a name', () => {
    const road: Feature = {
      type: 'Feature',
      properties: { class: 'road', name: '路' },
      geometry: {
        type: 'LineString',
        coordinates: [
          [0, 0],
          [1, 1],
        ],
      },
    }
    expect(labelPoints({ type: 'FeatureCollection', features: [road, { ...area([square(0, 0, 1)]), properties: { class: 'grid' } }] }).features).toEqual([])
  })

  it('of an outline without size stand among its points', () => {
    expect(
      labelPoints({
        type: 'FeatureCollection',
        features: [
          area([
            [
              [1, 1],
              [3, 3],
              [1, 1],
            ],
          ]),
        ],
      }).features[0]?.geometry.coordinates[0],
    ).toBeCloseTo(5 / 3, 9)
  })
})

describe('what stands on the map', () => {
  const asset = (id: string, part: Partial<AssetState> = {}): AssetState =>
    ({ id, kind: 'cover', name: '', lon: 117, lat: 39, zone: null, at: 1000, values: {}, ...part }) as AssetState

  it('marks an asset with the worst alert upon it, and a silent cover', () => {
    const book = putAlerts(EMPTY_BOOK, [
      alertWith({ id: '1', asset: 'c1', severity: 'minor' }),
      alertWith({ id: '2', asset: 'c1', severity: 'critical' }),
      alertWith({ id: '3', asset: 'c2', review: 'judged', verdict: 'false_alarm' }),
    ])
    const points = fixedPoints([asset('c1'), asset('c2', { at: Number.NaN }), asset('c3', { lon: null }), asset('cam', { kind: 'camera' })], 'cover', marksOf(book), 2000)
    expect(points.features.map(({ properties }) => properties)).toEqual([
      { id: 'c1', worst: 3, silent: 0 },
      { id: 'c2', worst: -1, silent: 1 },
    ])
  })

  it('stands an alert without a place of its own at its asset', () => {
    const assets = new Map([['c1', asset('c1')]])
    expect(placeOf({ lon: 1, lat: 2, asset: 'c1' }, assets)).toEqual([1, 2])
    expect(placeOf({ lon: null, lat: null, asset: 'c1' }, assets)).toEqual([117, 39])
    expect(placeOf({ lon: null, lat: null, asset: 'c9' }, assets)).toBeUndefined()
  })

  it('closes the outline of a zone that was given open', () => {
    const ring: [number, number][] = [
      [0, 0],
      [1, 0],
      [1, 1],
    ]
    const shapes = zoneShapes([asset('z', { kind: 'zone', zone: { type: 'banned', polygon: [ring] } })])
    expect(shapes.features[0]?.geometry.coordinates[0]).toEqual([...ring, [0, 0]])
  })
})
