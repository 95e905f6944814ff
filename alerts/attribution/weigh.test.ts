import { describe, expect, it } from 'vitest'
import { MINUTE, SECOND } from '../../domain/time.ts'
import { NINE } from '../../fixtures/records.ts'
import type { Fix } from './path.ts'
import { type Sighting, type Suspect, type Weighing, weigh } from './weigh.ts'

const READ = { from: NINE - 10 * MINUTE, to: NINE + 10 * MINUTE }
const STATE = { load: null, lid: null, bed: null }
const SIGHTING: Sighting = { from: NINE - SECOND, to: NINE + SECOND, place: { x: 0, y: 0 }, sdM: 15, headingDeg: null, share: 1, plates: [] }

/** Drives east past the place at ten metres a second, there at NINE + late seconds, a fix every `every` seconds. */
function eastward(vehicle: string, { late = 0, every = 10, aside = 0, without = [] as [number, number][] } = {}): Suspect {
  const fixes: Fix[] = []
  for (let second = -180; second <= 180; second += every) {
    if (without.some(([from, to]) => second > from && second < to)) continue
    fixes.push({ at: NINE + (second + late) * SECOND, x: second * 10, y: aside, v: { x: 10, y: 0 } })
  }
  return { vehicle, plate: null, device: vehicle, fixes, skewSdMs: 700, state: STATE }
}

function told(given: Partial<Weighing> & Pick<Weighing, 'suspects'>): Record<string, number> {
  const found = weigh({ sightings: [SIGHTING], elsewhere: [], unknownShare: 0.2, read: READ, ...given })
  return Object.fromEntries(found.map(({ vehicle, probability }) => [vehicle ?? 'unknown', probability]))
}

describe('weighing', () => {
  it('is sure of the one truck that passed, and says when and how far', () => {
    const [first] = weigh({ sightings: [SIGHTING], suspects: [eastward('a'), eastward('b', { late: 150 })], elsewhere: [], unknownShare: 0.2, read: READ })
    expect(first).toMatchObject({ vehicle: 'a', why: ['passed'] })
    expect(first?.distanceM).toBeLessThan(5)
    expect(first?.probability).toBeGreaterThan(0.95)
    expect(Math.abs((first?.when ?? 0) - NINE)).toBeLessThan(2 * SECOND)
  })

  it('lays it to nobody when nobody passed', () => {
    expect(told({ suspects: [] })).toEqual({ unknown: 1 })
    expect(told({ suspects: [eastward('b', { late: 150 })] }).unknown).toBeGreaterThan(0.98)
  })

  it('of two that passed together it is one as much as the other', () => {
    const { a, b } = told({ suspects: [eastward('a'), eastward('b')] })
    expect(a).toBeCloseTo(b ?? 0, 9)
  })

  const less: [string, Partial<Weighing> & Pick<Weighing, 'suspects'>, Partial<Weighing> & Pick<Weighing, 'suspects'>][] = [
    ['a gap of two minutes makes it less sure', { suspects: [eastward('a', { without: [[-60, 60]] })] }, { suspects: [eastward('a')] }],
    ['so does a clock that nobody could measure', { suspects: [{ ...eastward('a'), skewSdMs: 20 * SECOND }] }, { suspects: [eastward('a')] }],
    ['so does a way sixty metres aside', { suspects: [eastward('a', { aside: 60 })] }, { suspects: [eastward('a')] }],
    ['so do many trucks without terminals', { suspects: [eastward('a')], unknownShare: 0.6 }, { suspects: [eastward('a')], unknownShare: 0.05 }],
    ['so does a stretch of time instead of a look', { suspects: [eastward('a')], sightings: [{ ...SIGHTING, from: NINE - MINUTE, to: NINE }] }, { suspects: [eastward('a')] }],
    [
      'so does a second passer that nobody tracks',
      {
        suspects: [eastward('a')],
        sightings: [
          { ...SIGHTING, share: 0.5 },
          { ...SIGHTING, share: 0.5 },
        ],
      },
      { suspects: [eastward('a')] },
    ],
    [
      'so does a road on which one passes every minute',
      { suspects: [eastward('a'), ...[-8, -7, -6, -5, -4, -3, 3, 4, 5, 6, 7, 8].map((minute) => eastward(`other${minute}`, { late: minute * 60 }))] },
      { suspects: [eastward('a')] },
    ],
    [
      'one that goes the other way is hardly the one',
      { suspects: [eastward('a')], sightings: [{ ...SIGHTING, headingDeg: 270 }] },
      { suspects: [eastward('a')], sightings: [{ ...SIGHTING, headingDeg: 90 }] },
    ],
    [
      'an empty one is less likely than a loaded one',
      { suspects: [{ ...eastward('a'), state: { ...STATE, load: 'empty' } }] },
      { suspects: [{ ...eastward('a'), state: { ...STATE, load: 'full', lid: 'open' } }] },
    ],
  ]
  it.each(less)('%s', (_, one, other) => {
    expect(told(one).a ?? 0).toBeLessThan((told(other).a ?? 0) - 0.001)
  })

  it('a plate that was read decides between two that passed together, also with one character wrong', () => {
    const suspects = [
      { ...eastward('a'), plate: '鲁FA1234' },
      { ...eastward('b'), plate: '鲁FB9876' },
    ]
    expect(told({ suspects, sightings: [{ ...SIGHTING, plates: ['鲁F·B9876'] }] }).b).toBeGreaterThan(0.98)
    expect(told({ suspects, sightings: [{ ...SIGHTING, plates: ['鲁FB9870'] }] }).b).toBeGreaterThan(0.9)
  })

  it('a plate of a vehicle that was not near names it, and says so; who passed without that plate does not', () => {
    const suspects = [{ ...eastward('a'), plate: '鲁FA1234' }]
    const [first] = weigh({ sightings: [{ ...SIGHTING, plates: ['鲁FC5555'] }], suspects, elsewhere: [{ vehicle: 'c', plate: '鲁FC5555' }], unknownShare: 0.2, read: READ })
    expect(first).toMatchObject({ vehicle: 'c', why: ['plate', 'plate_elsewhere'] })
    const astray = [{ ...eastward('a', { aside: 900 }), plate: '鲁FA1234' }]
    expect(weigh({ sightings: [{ ...SIGHTING, plates: ['鲁FA1234'] }], suspects: astray, elsewhere: [], unknownShare: 0.2, read: READ })[0]).toMatchObject({
      vehicle: 'a',
      why: ['plate', 'plate_elsewhere', 'near'],
    })
    expect(told({ suspects, sightings: [{ ...SIGHTING, plates: ['鲁FZ0000'] }] }).unknown).toBeGreaterThan(10 * (told({ suspects }).unknown ?? 1))
  })
})
