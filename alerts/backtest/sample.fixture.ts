import fc from 'fast-check'
import { CalendarSchema } from '../../domain/calendar.ts'
import { type Arrival, assetControl, BEGIN, bookRule, ruleControl } from './world.fixture.ts'

/** Of each sort of thing that a condition can ask: a window, a memory, the calendar, a permit, objects one by one and counted, the last looks. */
export const SAMPLE = ['cover-water-rising', 'truck-load-changed', 'truck-time-window', 'truck-no-permit', 'vehicle-no-parking', 'garbage-exposed', 'bikes-parked', 'store-outside']

const half = [
  [0, 0.5],
  [1, 0.5],
  [1, 1],
  [0, 1],
]
const ZONES = [
  { id: 'kerb', type: 'no-parking', polygon: half },
  { id: 'way', type: 'street', polygon: half },
  { id: 'racks', type: 'no-bikes', polygon: half },
  { id: 'front', type: 'shop-front', polygon: half },
]
const HOURS = { hours: [{ days: ['work', 'rest'], from: '09:00', to: '12:30' }] }
const at = (receivedAt: number, control: object): Arrival => ({ receivedAt, control: control as Extract<Arrival, { control: unknown }>['control'] })

/** A camera, a muck truck whose permits end, the calendars that the rules name. */
export const SETTING: readonly Arrival[] = [
  ...['managed-hours', 'muck-hours'].map((id) => at(BEGIN, { type: 'calendar', by: 't', id, calendar: CalendarSchema.parse(HOURS) })),
  at(BEGIN, { type: 'camera', by: 't', id: 'cam', version: 1, config: { zones: ZONES } }),
  at(
    BEGIN,
    assetControl({
      ...{ id: 'v-1', kind: 'vehicle', labels: { type: 'muck-truck' } },
      permits: [
        { type: 'transport', from: null, to: BEGIN + 3 * 3_600_000, zone: null },
        { type: 'all-hours', from: BEGIN + 5 * 3_600_000, to: null, zone: null },
      ],
    }),
  ),
  ...SAMPLE.map((id) => at(BEGIN, ruleControl(bookRule(id)))),
]

const thing = (label: string, index: number): object => ({ label, score: 0.8, box: [0.1 + 0.2 * index, 0.6, 0.15, 0.2], track: `${label}${index}` })
const SEEN = fc.subarray([thing('car', 0), thing('garbage', 1), thing('goods', 2), ...[0, 1, 2].map((index) => thing('two-wheeler', index))])
const LOOK = SEEN.map((objects) => ({ objects }))
const WATER = fc.record({ waterMm: fc.constantFrom(100, 300, 500, 900) })
const DRIVE = fc.record(
  { lon: fc.constant(121.3), lat: fc.constant(37.51), speedKmh: fc.constantFrom(0, 30), load: fc.constantFrom('empty', 'full') },
  { requiredKeys: ['lon', 'lat', 'speedKmh'] },
)

/** What a device says `most` times, mostly every so many seconds; the same thing several times in a row, or nothing of it would ever hold. */
function sent(kind: 'cover' | 'vehicle' | 'scene', device: string, fields: fc.Arbitrary<object>, seconds: number, most: number): fc.Arbitrary<Arrival[]> {
  const wait = fc.oneof({ weight: 30, arbitrary: fc.constant(seconds) }, { weight: 1, arbitrary: fc.integer({ min: 600, max: 20_000 }) })
  const late = fc.oneof({ weight: 12, arbitrary: fc.constant(300) }, { weight: 1, arbitrary: fc.integer({ min: 0, max: 1_800_000 }) })
  return fc.array(fc.tuple(fields, fc.integer({ min: 1, max: 25 }), wait, late), { minLength: 8, maxLength: 14, size: 'max' }).map((stretches) => {
    let clock = BEGIN + 1000
    return stretches
      .flatMap(([each, times, gap, delay]) => Array.from({ length: times }, (_, n) => ({ each, gap: n === 0 ? gap : seconds, delay: n === 0 ? delay : 300 })))
      .slice(0, most)
      .map(({ each, gap, delay }) => {
        clock += gap * 1000
        return { kind, device, at: clock, fields: each, receivedAt: clock + delay }
      })
  })
}

export const SAMPLED = fc
  .tuple(sent('cover', 'c-1', WATER, 240, 120), sent('vehicle', 'v-1', DRIVE, 20, 250), sent('scene', 'cam', LOOK, 20, 250))
  .map((lists) => lists.flat().sort((a, b) => a.receivedAt - b.receivedAt))
