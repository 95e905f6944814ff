import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { AlertDetail } from '../../domain/alert.ts'
import type { AssetId, DeviceId, GatewayId, RuleId } from '../../domain/ids.ts'
import type { Kind, Observation, Payload } from '../../domain/observation.ts'
import type { Change } from '../../domain/projection.ts'
import { RuleFileSchema } from '../../domain/rule.ts'
import { HOUR, type Instant, MINUTE, SECOND } from '../../domain/time.ts'
import { assetOf, DISPATCHER, NINE, recordOf, transitionOf } from '../../fixtures/records.ts'
import { openPlaces } from '../../store/book/places.ts'
import { createProjector, type Projector } from '../../store/book/projector.ts'
import { registerApplier } from '../../store/book/register-applier.ts'
import { type TemporaryBook, temporaryBook } from '../../store/book/temporary-book.ts'
import { openHistoryReader, type SqliteHistoryReader } from '../../store/history/reader.ts'
import { openHistory, type SqliteHistory } from '../../store/history/writer.ts'
import { createAlerts } from '../alerts.ts'
import { alertsApplier } from '../applier.ts'
import { type AttributionDeps, attributeDue, openAttribution } from './attribution.ts'
import { fromPlane } from './plane.ts'

const PLACE = [121.39, 37.53] as const
const RULE = {
  ...{ rule: 'muck-spill', title: { zh: '撒漏', en: 'Spillage' }, on: 'scene', when: 'true', severity: 'major' },
  attribute: { to: 'vehicle', objects: ['muck-truck-covered'], left: ['spillage'], labels: { type: 'muck-truck' } },
}
const truck = (id: string, plate: string, type = 'muck-truck') => assetOf({ id, kind: 'vehicle', labels: { plate, type } })
const SPILL = {
  rule: 'muck-spill' as RuleId,
  asset: 'cam-1' as AssetId,
  key: 'cam-1',
  devices: ['cam-1' as DeviceId],
  lon: PLACE[0],
  lat: PLACE[1],
  model: 'm@1',
  at: NINE,
  openedAt: NINE,
}

let at: TemporaryBook
let history: SqliteHistory
let reader: SqliteHistoryReader
let projector: Projector
let changed: Change[]
let failures: unknown[]
let offset: number

async function open(): Promise<void> {
  const places = await openPlaces(at.book)
  projector = await createProjector(at.book, [registerApplier(places, (source) => RuleFileSchema.parse(JSON.parse(source))), alertsApplier(places)], async () => undefined)
}

beforeEach(async () => {
  at = await temporaryBook()
  history = openHistory(join(at.folder, 'history.db'))
  reader = openHistoryReader(join(at.folder, 'history.db'))
  ;[changed, failures, offset] = [[], [], 0]
  await open()
  const trucks = [truck('truck-1', '鲁FA0001'), truck('truck-2', '鲁FA0002'), truck('bus-1', '鲁FB0001', 'bus')]
  await projector.apply({
    through: 9,
    entries: [
      recordOf(1, { type: 'rule', by: 'zhao', id: 'muck-spill', version: 1, state: 'live', source: JSON.stringify(RULE), note: '' }),
      ...trucks.map((asset, index) => recordOf(2 + index, { type: 'asset', by: 'zhao', asset })),
    ],
  })
})
afterEach(async () => {
  reader.close()
  history.close()
  await at.remove()
})

function said(kind: Kind, device: string, when: Instant, payload: Partial<Payload>): Observation {
  return {
    type: 'observation',
    offset: ++offset,
    receivedAt: when + 200,
    kind,
    device: device as DeviceId,
    gateway: 'gw' as GatewayId,
    at: when,
    payload: { at: when, ...payload },
  }
}

/** Fixes of a truck that drives east and is at the place `late` seconds after the sighting. */
function passes(device: string, { late = 0, from = -200, to = 200 } = {}): void {
  for (let second = from; second <= to; second += 10) {
    const [lon, lat] = fromPlane(PLACE, { x: second * 10, y: 2 })
    history.add([said('vehicle', device, NINE + (second + late - 20) * SECOND, { lon, lat, speedKmh: 36, headingDeg: 90 })])
  }
  history.flush()
}

function looks(): void {
  const thing = (label: string) => ({ label, track: label, score: 0.9, box: [0.4, 0.5, 0.2, 0.2] })
  for (const second of [-21, -20, -19]) history.add([said('scene', 'cam-1', NINE + second * SECOND, { objects: [thing('muck-truck-covered')] as never })])
  for (const second of [-10, -5, 0]) history.add([said('scene', 'cam-1', NINE + second * SECOND, { objects: [thing('spillage')] as never })])
  history.flush()
}

function deps(given: Partial<AttributionDeps> = {}): AttributionDeps {
  return {
    book: at.book,
    near: (query) => reader.near(query, () => setImmediate()),
    scenes: (device, from, to) => reader.read({ device, kind: 'scene', from, to }),
    assetOf: (device) => device as string as AssetId,
    commit: (work) => projector.commit(work),
    changed: (changes) => changed.push(...changes),
    now: () => NINE + HOUR,
    failed: (error) => failures.push(error),
    ...given,
  }
}

async function raise(): Promise<void> {
  await projector.apply({ through: 10, entries: [transitionOf(10, SPILL)] })
}

async function alert(): Promise<AlertDetail> {
  const alerts = createAlerts({ book: at.book, journal: { append: () => Promise.reject(new Error('unused')) }, reached: projector.reached })
  return alerts.get('a-1', DISPATCHER)
}

describe('attribution', () => {
  it('names the truck that passed, puts its plate on the alert and tells of it', async () => {
    passes('truck-1')
    passes('truck-2', { late: 120 })
    passes('bus-1')
    looks()
    await raise()
    expect(await attributeDue(deps(), NINE)).toBe(NINE + 45 * SECOND)
    const { vehicle, candidates, attributedAt, timeline } = await alert()
    expect(vehicle).toMatchObject({ asset: 'truck-1', plate: '鲁FA0001' })
    expect(candidates[0]).toMatchObject({ rank: 1, vehicle: 'truck-1', why: ['passed'] })
    expect(Math.abs(Date.parse(candidates[0]?.when ?? '') - (NINE - 20 * SECOND))).toBeLessThan(3 * SECOND)
    expect(candidates.map(({ vehicle }) => vehicle)).not.toContain('bus-1')
    expect(candidates.at(-1)?.vehicle).toBeNull()
    expect(attributedAt).toBe(new Date(NINE).toISOString())
    expect(timeline.at(-1)).toMatchObject({ what: 'attributed', by: 'platform' })
    expect(timeline.at(-1)?.note).toMatch(/^鲁FA0001 9\d %$/)
    expect(changed.map(({ event }) => [event.type, (event.data as AlertDetail).vehicle?.plate])).toEqual([['city.wanglou.alert.updated.v1', '鲁FA0001']])
  })

  it('names nobody when nobody is sure, and says how sure it is of whom', async () => {
    passes('truck-1')
    passes('truck-2', { late: 1 })
    looks()
    await raise()
    await attributeDue(deps(), NINE)
    const { vehicle, candidates } = await alert()
    expect(vehicle).toBeNull()
    expect(candidates.map(({ vehicle }) => vehicle).sort()).toEqual(['truck-1', 'truck-2', null].sort())
  })

  it('asks again, and says so, when a dead zone gives up its fixes; what changes nothing says nothing', async () => {
    passes('truck-1', { to: -150 })
    looks()
    await raise()
    let next = await attributeDue(deps(), NINE)
    expect((await alert()).candidates).toMatchObject([{ vehicle: null, probability: 1 }])
    next = await attributeDue(deps(), next ?? 0)
    expect(changed).toHaveLength(1)
    passes('truck-1', { from: -140 })
    await attributeDue(deps(), next ?? 0)
    expect((await alert()).vehicle?.plate).toBe('鲁FA0001')
    expect((await alert()).timeline.filter(({ what }) => what === 'attributed').map(({ note }) => note.replace(/9\d/, '9x'))).toEqual([
      'unknown 100 %',
      'unknown 100 % → 鲁FA0001 9x %',
    ])
  })

  it('asks a bounded number of times, also when it fails, and goes on after a restart', async () => {
    await raise()
    let next: Instant | undefined = NINE
    let asked = 0
    const broken = deps({
      near: () => {
        asked++
        return Promise.reject(new Error('the disk is gone'))
      },
    })
    next = await attributeDue(broken, next)
    await at.reopen()
    await open()
    while (next !== undefined) next = await attributeDue({ ...broken, book: at.book }, next)
    expect([asked, failures.length]).toEqual([6, 6])
    expect((await alert()).candidates).toEqual([])
  })

  it('asks anew of an alert that was amended while it was being asked', async () => {
    await raise()
    let asked = 0
    const near: AttributionDeps['near'] = async () => {
      if (++asked === 1) await projector.apply({ through: 11, entries: [transitionOf(11, { ...SPILL, what: 'amended', amended: 'longer' } as never)] })
      return new Map()
    }
    expect(await attributeDue(deps({ near }), NINE)).toBe(NINE + 45 * SECOND)
    expect(asked).toBe(2)
  })

  it('leaves alone what no rule asks of, and what has no place', async () => {
    await projector.apply({ through: 11, entries: [transitionOf(10), transitionOf(11, { ...SPILL, lon: null, alert: 'a-2' as never })] })
    expect(await attributeDue(deps({ near: () => expect.unreachable() }), NINE)).toBeUndefined()
    expect(failures).toEqual([])
  })

  it('runs by itself when it is kicked', async () => {
    const { promise, resolve } = Promise.withResolvers<readonly Change[]>()
    const loop = openAttribution(deps({ changed: resolve, now: () => NINE + MINUTE }))
    await raise()
    loop.kick()
    expect((await promise).map(({ event }) => event.subject)).toEqual(['a-1'])
    await loop.close()
  })
})
