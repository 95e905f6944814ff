import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { AlertDetail } from '../../domain/alert.ts'
import type { AlertId, AssetId, DeviceId, GatewayId, RuleId } from '../../domain/ids.ts'
import type { Observation } from '../../domain/observation.ts'
import type { Change, Projected } from '../../domain/projection.ts'
import { RuleFileSchema } from '../../domain/rule.ts'
import { type Instant, SECOND } from '../../domain/time.ts'
import { assetOf, DISPATCHER, NINE, recordOf, transitionOf } from '../../fixtures/records.ts'
import { openPlaces } from '../../store/book/places.ts'
import { createProjector, type Projector } from '../../store/book/projector.ts'
import { registerApplier } from '../../store/book/register-applier.ts'
import { type TemporaryBook, temporaryBook } from '../../store/book/temporary-book.ts'
import { createAlerts } from '../alerts.ts'
import { alertsApplier } from '../applier.ts'
import { doubtDue } from './doubts.ts'

const PLACE = { lon: 121, lat: 37.53 }
const TITLE = { zh: '', en: '' }
const DISPLACED = {
  ...{ rule: 'cover-displaced', title: TITLE, on: 'cover', when: 'displaced', severity: 'critical', dispatch: { to: 'maintainer', within: '15m' } },
  fuse: { with: ['cover-abnormal'], withinM: 15 },
  doubt: { seen: ['cover-closed'], unless: ['cover-open'], withinM: 15, severity: 'minor', dispatch: { to: 'sensor-maintenance' } },
}
const SENSOR = { alert: 'a-s' as AlertId, dispatch: DISPLACED.dispatch, ...PLACE }
const CAMERA = { alert: 'a-c' as AlertId, rule: 'cover-abnormal' as RuleId, asset: 'cam-1' as AssetId, key: 'cam-1', devices: ['cam-1' as DeviceId], ...PLACE }

let at: TemporaryBook
let projector: Projector
let scenes: Observation[]
let changed: Change[]
let failures: unknown[]
let offset: number

const live = (offset: number, file: { rule: string }): Projected =>
  recordOf(offset, { type: 'rule', by: 'zhao', id: file.rule, version: 1, state: 'live', source: JSON.stringify(file), note: '' })

beforeEach(async () => {
  at = await temporaryBook()
  const places = await openPlaces(at.book)
  projector = await createProjector(at.book, [registerApplier(places, (source) => RuleFileSchema.parse(JSON.parse(source))), alertsApplier(places)], async () => undefined)
  ;[scenes, changed, failures, offset] = [[], [], [], 10]
  await projector.apply({
    through: 9,
    entries: [
      live(1, DISPLACED),
      live(2, { ...DISPLACED, rule: 'cover-abnormal' }),
      recordOf(3, { type: 'asset', by: 'zhao', asset: assetOf({ id: 'cover-0001', ...PLACE }) }),
      recordOf(4, { type: 'asset', by: 'zhao', asset: assetOf({ id: 'cam-1', kind: 'camera', lon: 121.0005, lat: 37.53 }) }),
      recordOf(5, { type: 'asset', by: 'zhao', asset: assetOf({ id: 'cam-far', kind: 'camera', lon: 121.1, lat: 37.53 }) }),
    ],
  })
})
afterEach(() => at.remove())

function sees(camera: string, label: string, ...seconds: number[]): void {
  for (const second of seconds) {
    const when = NINE + second * SECOND
    const objects = [{ label, score: 0.9, box: [0.4, 0.5, 0.1, 0.1], ...PLACE, errorM: 2 }]
    scenes.push({
      type: 'observation',
      offset: scenes.length + 1,
      kind: 'scene',
      device: camera as DeviceId,
      gateway: 'gw' as GatewayId,
      at: when,
      receivedAt: when,
      payload: { at: when, objects },
    })
  }
}

function due(second: number): Promise<Instant | undefined> {
  const deps = {
    book: at.book,
    scenes: (camera: DeviceId, from: Instant, to: Instant) => scenes.filter((scene) => scene.device === camera && scene.at >= from && scene.at <= to),
    commit: (work: Parameters<Projector['commit']>[0]) => projector.commit(work),
    changed: (changes: readonly Change[]) => void changed.push(...changes),
    now: () => NINE,
    failed: (error: unknown) => void failures.push(error),
  }
  return doubtDue(deps, NINE + second * SECOND)
}

const DAY = 86_400
/** Lets the time run from one second to another, ten seconds a step; answers when cameras were asked. */
async function clock(from: number, to: number): Promise<number[]> {
  const asked: number[] = []
  let next: Instant | undefined
  for (let second = from; second < to; second += 10) {
    if (next !== undefined && next > NINE + second * SECOND) continue
    next = await due(second)
    if (next === undefined) break
    asked.push(second)
  }
  return asked
}

async function happens(part: Parameters<typeof transitionOf>[1]): Promise<void> {
  offset++
  await projector.apply({ through: offset, entries: [transitionOf(offset, part)] })
}

async function alert(): Promise<AlertDetail> {
  return createAlerts({ book: at.book, journal: { append: () => Promise.reject(new Error('unused')) }, reached: projector.reached }).get('a-s', DISPATCHER)
}

describe('a tilted sensor whose cover a camera sees closed', () => {
  it('is a likely sensor fault: milder and for somebody else, with what the camera saw', async () => {
    await happens(SENSOR)
    await due(1)
    expect((await alert()).certainty).toBe('single')
    sees('cam-1', 'cover-closed', 5, 10, 15)
    await due(30)
    expect(await alert()).toMatchObject({
      certainty: 'doubted',
      severity: 'minor',
      dispatch: { to: 'sensor-maintenance' },
      doubt: { camera: 'cam-1', label: 'cover-closed', looks: 3, of: 3 },
      condition: 'firing',
    })
    expect((await alert()).timeline.at(-1)).toMatchObject({ what: 'doubted', note: 'cam-1 saw cover-closed in 3 of 3 looks' })
    expect(changed.map(({ event }) => event.type)).toEqual(['city.wanglou.alert.updated.v1'])
  })

  it('stays doubted through what the engine says of it, and is what its rule says again when the camera sees otherwise', async () => {
    await happens(SENSOR)
    sees('cam-1', 'cover-closed', 5, 10, 15)
    await due(30)
    await happens({ ...SENSOR, what: 'recovering', condition: 'recovering' })
    expect(await alert()).toMatchObject({ certainty: 'doubted', severity: 'minor', condition: 'recovering' })
    sees('cam-1', 'cover-open', 40)
    await due(100)
    expect(await alert()).toMatchObject({ certainty: 'single', severity: 'critical', dispatch: { to: 'maintainer' }, doubt: null })
    expect((await alert()).timeline.at(-1)?.what).toBe('undoubted')
  })

  it('is doubted no more once another alert confirms it, and not again while that goes on', async () => {
    await happens(SENSOR)
    sees('cam-1', 'cover-closed', 5, 10, 15)
    await due(30)
    await happens(CAMERA)
    expect(await alert()).toMatchObject({ certainty: 'confirmed', severity: 'critical', doubt: null, fused: [{ id: 'a-c', rule: 'cover-abnormal', asset: 'cam-1' }] })
    await due(100)
    expect(await alert()).toMatchObject({ certainty: 'confirmed', severity: 'critical' })
  })

  it.each<[string, () => Promise<void>]>([
    ['what was seen before it tilted', async () => sees('cam-1', 'cover-closed', -30, -20, -10)],
    ['a camera that is too far to see it', async () => sees('cam-far', 'cover-closed', 5, 10, 15)],
    [
      'another cover that stands beside it',
      async () => {
        await projector.apply({ through: 20, entries: [recordOf(20, { type: 'asset', by: 'zhao', asset: assetOf({ id: 'c-2', lon: 121.0001, lat: 37.53 }) })] })
        sees('cam-1', 'cover-closed', 5, 10, 15)
      },
    ],
  ])('does not follow from %s', async (_, before) => {
    await happens(SENSOR)
    await before()
    await due(30)
    expect(await alert()).toMatchObject({ certainty: 'single', severity: 'critical' })
    expect(failures).toEqual([])
  })

  it('is asked for as long as it goes on: what is seen a day later takes the doubt back within ten minutes', async () => {
    await happens(SENSOR)
    sees('cam-1', 'cover-closed', ...Array.from({ length: DAY / 100 }, (_, index) => index * 100 + 5))
    const asked = await clock(0, DAY)
    expect((await alert()).certainty).toBe('doubted')
    expect(asked.slice(0, 7)).toEqual([0, 20, 60, 120, 240, 540, 1140])
    expect(asked.every((second, index) => second - (asked[index - 1] ?? 0) <= 600)).toBe(true)
    sees('cam-1', 'cover-open', DAY + 30)
    await clock(DAY, DAY + 660)
    expect(await alert()).toMatchObject({ certainty: 'single', severity: 'critical', doubt: null })
  })

  it('is doubted no more when nobody has looked for ten minutes', async () => {
    await happens(SENSOR)
    sees('cam-1', 'cover-closed', 5, 10, 15)
    await clock(0, 1800)
    expect((await alert()).timeline.map(({ what }) => what)).toEqual(expect.arrayContaining(['doubted', 'undoubted']))
    expect(await alert()).toMatchObject({ certainty: 'single', severity: 'critical' })
  })

  it('is not asked when it is over', async () => {
    await happens(SENSOR)
    await due(0)
    await happens({ ...SENSOR, what: 'resolved', condition: 'resolved', resolvedAt: NINE + 3600 * SECOND })
    await due(3600)
    expect(await due(2 * DAY)).toBeUndefined()
  })
})
