import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Area } from '../../domain/area.ts'
import { CalendarSchema } from '../../domain/calendar.ts'
import { CameraConfigSchema } from '../../domain/camera.ts'
import { RULE_EVENT } from '../../domain/event.ts'
import type { Kind } from '../../domain/fields.ts'
import type { AssetId, DeviceId } from '../../domain/ids.ts'
import type { Register } from '../../domain/ports/register.ts'
import type { Discovery } from '../../domain/projection.ts'
import type { Control } from '../../domain/record.ts'
import { RuleFileSchema } from '../../domain/rule.ts'
import { formatInstant } from '../../domain/time.ts'
import { createLoopbackJournal, type LoopbackJournal } from '../../fixtures/loopback-journal.ts'
import { assetOf, DISPATCHER, NINE } from '../../fixtures/records.ts'
import { rulesTold } from './changes.ts'
import { createFeedSource } from './feed.ts'
import { openPlaces, type Places } from './places.ts'
import { createProjector, type Projector } from './projector.ts'
import { createRegister, type Latest } from './register.ts'
import { registerApplier } from './register-applier.ts'
import { type TemporaryBook, temporaryBook } from './temporary-book.ts'

const square = (west: number, south: number) =>
  [
    [
      [west, south],
      [west + 0.01, south],
      [west + 0.01, south + 0.01],
      [west, south + 0.01],
    ],
  ] as const
const AREAS: Area[] = [
  { code: '120116', level: 'district', name: 'Binhai', polygon: square(117.7, 39) },
  { code: '120116001002003', level: 'grid', name: 'Grid 3', polygon: square(117.7, 39) },
  { code: '120116001002004', level: 'grid', name: 'Grid 4', polygon: square(117.71, 39) },
]
const elsewhere = { ...DISPATCHER, area: '120117' }
const here = { ...DISPATCHER, area: '120116' }

let at: TemporaryBook
let places: Places
let projector: Projector
let journal: LoopbackJournal
let register: Register
let latest: Map<string, Latest>

beforeEach(async () => {
  at = await temporaryBook()
  places = await openPlaces(at.book)
  await places.replace(AREAS)
  latest = new Map()
  projector = await createProjector(at.book, [registerApplier(places, (source) => RuleFileSchema.parse(JSON.parse(source))), rulesTold], async () => undefined)
  journal = createLoopbackJournal(projector.apply, () => NINE)
  register = createRegister({ book: at.book, places, journal, reached: projector.reached, latest: (id) => latest.get(id) })
})
afterEach(() => at.remove())

async function write(...controls: Control[]): Promise<void> {
  await journal.append(controls)
  await journal.settled()
}

describe('rules', () => {
  it('make an event for everybody each time that a version is saved or moved, once', async () => {
    const source = JSON.stringify({ rule: 'r', title: { zh: 'r', en: 'r' }, on: 'cover', when: 'tiltDeg > 1', severity: 'info' })
    const version = { type: 'rule', by: 'lin', id: 'r', version: 1, source, note: 'why' } as const
    await write({ ...version, state: 'draft' }, { ...version, state: 'live', areas: ['120116'] })
    const events = await createFeedSource(at.book).since(0, 10)
    expect(await at.book.events.after(0, 10, { limit: 10 }, '')).toEqual([])
    expect(await at.book.events.after(0, 10, { limit: 10, types: [RULE_EVENT] }, '')).toHaveLength(2)
    const change = { id: 'r', version: 1, by: 'lin', note: 'why', at: formatInstant(NINE) }
    expect(events).toEqual([
      { event: 'rule', seq: 1, area: null, data: { ...change, state: 'draft', areas: null } },
      { event: 'rule', seq: 2, area: null, data: { ...change, state: 'live', areas: ['120116'] } },
    ])
  })
})

describe('assets', () => {
  it('get area and grid from their place, before they enter the journal', async () => {
    const put = await register.putAsset(assetOf({ id: 'cover-1', lon: 117.705, lat: 39.005 }), DISPATCHER)
    expect(put).toMatchObject({ area: '120116001002', grid: '120116001002003', values: {}, at: null, origin: 'registered' })
    expect(journal.records).toMatchObject([{ type: 'asset', by: 'lin', asset: { grid: '120116001002003' } }])
  })

  it('keep an area that was given', async () => {
    expect(await register.putAsset(assetOf({ id: 'cover-1', lon: 117.705, lat: 39.005, area: '120117' }), DISPATCHER)).toMatchObject({ area: '120117', grid: null })
  })

  it('show what their devices reported last; a vehicle is where it was last seen', async () => {
    latest.set('truck-1', { values: { speedKmh: 40 }, at: NINE, lon: 117.715, lat: 39.005 })
    latest.set('cover-1', { values: { tiltDeg: 3 }, at: NINE, lon: 1, lat: 1 })
    await write(
      { type: 'asset', by: 'x', asset: assetOf({ id: 'truck-1', kind: 'vehicle' }) },
      { type: 'asset', by: 'x', asset: assetOf({ id: 'cover-1', lon: 117.705, lat: 39.005 }) },
    )
    expect(await register.asset('truck-1', DISPATCHER)).toMatchObject({ lon: 117.715, values: { speedKmh: 40 }, at: NINE })
    expect(await register.asset('cover-1', DISPATCHER)).toMatchObject({ lon: 117.705, values: { tiltDeg: 3 } })
  })

  it('are listed by kind, box and words, page by page', async () => {
    latest.set('truck-1', { values: {}, at: NINE, lon: 117.715, lat: 39.005 })
    latest.set('truck-2', { values: {}, at: NINE, lon: 0, lat: 0 })
    const assets = [
      assetOf({ id: 'cover-1', name: 'Harbour Road 100%', lon: 117.705, lat: 39.005 }),
      assetOf({ id: 'cover-2', name: 'harbour road 1000', lon: 117.715, lat: 39.005 }),
      assetOf({ id: 'depot', kind: 'zone', zone: { type: 'depot', polygon: square(117.7, 39).map((ring) => ring.map(([x, y]): [number, number] => [x, y])) } }),
      assetOf({ id: 'truck-1', kind: 'vehicle' }),
      assetOf({ id: 'truck-2', kind: 'vehicle' }),
    ]
    await write(...assets.map((asset): Control => ({ type: asset.kind === 'zone' ? 'zone' : 'asset', by: 'x', asset })))
    const ids = async (query: Partial<Parameters<Register['assets']>[0]>) => (await register.assets({ limit: 10, ...query }, DISPATCHER)).items.map(({ id }) => id)
    expect(await ids({})).toEqual(['cover-1', 'cover-2', 'depot', 'truck-1', 'truck-2'])
    expect(await ids({ kind: 'vehicle' })).toEqual(['truck-1', 'truck-2'])
    expect(await ids({ q: 'HARBOUR' })).toEqual(['cover-1', 'cover-2'])
    expect(await ids({ q: '100%' })).toEqual(['cover-1'])
    expect(await ids({ bbox: [117.711, 39.001, 117.72, 39.009] })).toEqual(['cover-2', 'truck-1'])
    expect(await ids({ bbox: [117.704, 39.001, 117.706, 39.009] })).toEqual(['cover-1', 'depot'])
    const paged: string[] = []
    let cursor: string | undefined
    do {
      const page = await register.assets({ limit: 1, bbox: [117.7, 39, 117.72, 39.01], ...(cursor !== undefined && { cursor }) }, DISPATCHER)
      paged.push(...page.items.map(({ id }) => id))
      cursor = page.next ?? undefined
    } while (cursor !== undefined)
    expect(paged).toEqual(['cover-1', 'cover-2', 'depot', 'truck-1'])
  })

  it('outside of the area are not there, and cannot be put there or taken over', async () => {
    await register.putAsset(assetOf({ id: 'cover-1', lon: 117.705, lat: 39.005 }), here)
    await expect(register.asset('cover-1', elsewhere)).rejects.toMatchObject({ code: 'not_found' })
    expect((await register.assets({ limit: 10 }, elsewhere)).items).toEqual([])
    await expect(register.putAsset(assetOf({ id: 'cover-1', area: '120117' }), elsewhere)).rejects.toMatchObject({ code: 'not_found' })
    await expect(register.putAsset(assetOf({ id: 'cover-2', lon: 117.705, lat: 39.005 }), elsewhere)).rejects.toMatchObject({ code: 'not_found' })
    await expect(register.putAsset(assetOf({ id: 'cover-3' }), here)).rejects.toMatchObject({ code: 'not_found' })
    expect(journal.records).toHaveLength(1)
  })

  it.each<[Kind, string]>([
    ['cover', 'cover'],
    ['vehicle', 'vehicle'],
    ['scene', 'camera'],
    ['sensor', 'sensor'],
    ['report', 'other'],
    ['presence', 'other'],
  ])('a device that nobody registered and that reports a %s is a %s of its own', async (kind, expected) => {
    const discovery: Discovery = { type: 'discovered', offset: 1, receivedAt: NINE, asset: 'new-1' as AssetId, device: 'new-1' as DeviceId, kind }
    await projector.apply({ through: 1, entries: [discovery] })
    expect(await register.asset('new-1', DISPATCHER)).toMatchObject({ kind: expected, origin: 'auto', lon: null })
  })

  it('that are registered are not overwritten by a discovery', async () => {
    await write({ type: 'asset', by: 'x', asset: assetOf({ id: 'new-1', name: 'ours' }) })
    await projector.apply({ through: 2, entries: [{ type: 'discovered', offset: 2, receivedAt: NINE, asset: 'new-1' as AssetId, device: 'new-1' as DeviceId, kind: 'sensor' }] })
    expect(await register.asset('new-1', DISPATCHER)).toMatchObject({ name: 'ours', kind: 'cover' })
  })

  it('lists areas, all or of one level', async () => {
    expect((await register.areas()).map(({ code }) => code)).toEqual(AREAS.map(({ code }) => code))
    expect(await register.areas('district')).toEqual(AREAS.slice(0, 1))
  })
})

describe('cameras', () => {
  const config = CameraConfigSchema.parse({ fps: 5 })

  it('begin at version 0 with what is usual, and are edited version by version', async () => {
    await write({ type: 'asset', by: 'x', asset: assetOf({ id: 'cam-1', kind: 'camera' }) })
    expect(await register.camera('cam-1', DISPATCHER)).toEqual({ version: 0, config: CameraConfigSchema.parse({}) })
    expect(await register.putCamera('cam-1', 0, config, DISPATCHER)).toEqual({ version: 1, config })
    await expect(register.putCamera('cam-1', 0, config, DISPATCHER)).rejects.toMatchObject({ code: 'version.stale', extra: { version: 1 } })
  })

  it('that two people edit at once are edited by one of them', async () => {
    await write({ type: 'asset', by: 'x', asset: assetOf({ id: 'cam-1', kind: 'camera' }) })
    const both = await Promise.allSettled([register.putCamera('cam-1', 0, config, DISPATCHER), register.putCamera('cam-1', 0, config, DISPATCHER)])
    expect(both.map(({ status }) => status)).toEqual(['fulfilled', 'rejected'])
    expect(journal.records.filter(({ type }) => type === 'camera')).toHaveLength(1)
  })

  it('may be set up before they report, by those who see the whole city', async () => {
    await expect(register.camera('cam-2', DISPATCHER)).rejects.toMatchObject({ code: 'not_found' })
    await expect(register.putCamera('cam-2', 0, config, here)).rejects.toMatchObject({ code: 'not_found' })
    expect(await register.putCamera('cam-2', 0, config, DISPATCHER)).toEqual({ version: 1, config })
    expect(await register.asset('cam-2', DISPATCHER)).toMatchObject({ kind: 'camera', origin: 'auto' })
  })
})

describe("a camera's algorithms", () => {
  const rule = (id: string, more: object): Control => {
    const source = JSON.stringify({ rule: id, title: { zh: '', en: id }, when: 'true', severity: 'minor', ...more })
    return { type: 'rule', by: 'zhao', id, version: 1, state: 'live', source, note: '' }
  }
  const params = { score: { value: 0.4, min: 0.1, max: 1 }, stand: { value: '60s', unit: 'duration' }, strict: { value: false } }
  const zones = [{ id: 'kerb', type: 'no-parking', polygon: [[0, 0] as const, [1, 0] as const, [1, 1] as const] }]
  const withAlgorithms = (...algorithms: object[]) => CameraConfigSchema.parse({ zones, algorithms })
  const put = async (...algorithms: object[]) => register.putCamera('cam-1', 0, withAlgorithms(...algorithms), DISPATCHER)

  beforeEach(async () => {
    await write(
      rule('parking', { on: 'scene', params }),
      rule('tilted', { on: 'cover' }),
      { type: 'calendar', by: 'zhao', id: 'day', calendar: CalendarSchema.parse({}) },
      { type: 'asset', by: 'x', asset: assetOf({ id: 'cam-1', kind: 'camera' }) },
    )
  })

  it('are kept when all that they name is there', async () => {
    const algorithm = { rule: 'parking', zones: ['kerb'], schedule: 'day', params: { score: 1, stand: '90s', strict: true } }
    expect(await put(algorithm)).toMatchObject({ version: 1, config: { algorithms: [algorithm] } })
  })

  it.each([
    ['a rule that is not there', { rule: 'nobody' }, ['rule'], 'there is no rule nobody'],
    ['a rule over something else', { rule: 'tilted' }, ['rule'], 'rule tilted is over cover, not over scenes'],
    ['zones that the camera has not', { rule: 'parking', zones: ['kerb', 'lawn'] }, ['zones.1'], 'the camera has no zone lawn'],
    ['a schedule that is no calendar', { rule: 'parking', schedule: 'night' }, ['schedule'], 'there is no calendar night'],
    ['a param that the rule has not', { rule: 'parking', params: { constructor: 1 } }, ['params.constructor'], 'the rule has no such param'],
    ['a param out of its range', { rule: 'parking', params: { score: 1.1 } }, ['params.score'], 'must not be above 1'],
    ['a param of another type', { rule: 'parking', params: { score: '1' } }, ['params.score'], 'must be a number'],
    ['a param that is no duration', { rule: 'parking', params: { stand: 'long' } }, ['params.stand'], 'must be a duration such as 2s or 15m'],
    ['everything at once', { rule: 'parking', zones: ['lawn'], schedule: 'night', params: { score: 0 } }, ['zones.0', 'schedule', 'params.score'], 'the camera has no zone lawn'],
  ])('refuse %s', async (_, algorithm, where, why) => {
    const error = await put({ rule: 'parking' }, algorithm).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'request.invalid', details: where.map((place) => ({ where: `body.algorithms.1.${place}` })) })
    expect(error).toMatchObject({ details: expect.arrayContaining([expect.objectContaining({ why })]) })
    expect((await register.camera('cam-1', DISPATCHER)).version).toBe(0)
  })
})

describe('calendars', () => {
  const day = CalendarSchema.parse({ hours: [{ days: ['work'], from: '07:30', to: '19:30' }], holidays: ['2026-10-01'] })

  it('begin after version 0 and are replaced as a whole, one editor at a time', async () => {
    expect(await register.putCalendar('day', 0, day, DISPATCHER)).toEqual({ ...day, id: 'day', version: 1, by: 'lin', at: NINE })
    const both = await Promise.allSettled([register.putCalendar('day', 1, { ...day, holidays: [] }, DISPATCHER), register.putCalendar('day', 1, day, DISPATCHER)])
    expect(both.map(({ status }) => status)).toEqual(['fulfilled', 'rejected'])
    expect(both[1]).toMatchObject({ reason: { code: 'version.stale', extra: { version: 2, by: 'lin' } } })
    expect(await register.calendar('day')).toMatchObject({ version: 2, holidays: [] })
    expect(journal.records.map(({ type }) => type)).toEqual(['calendar', 'calendar'])
  })

  it('are listed by id, page by page', async () => {
    for (const id of ['b', 'a', 'c']) await register.putCalendar(id, 0, day, DISPATCHER)
    const first = await register.calendars({ limit: 2 })
    const rest = await register.calendars({ limit: 2, cursor: first.next ?? '' })
    expect([first, rest].map(({ items }) => items.map(({ id }) => id))).toEqual([['a', 'b'], ['c']])
    await expect(register.calendar('d')).rejects.toMatchObject({ code: 'not_found' })
  })
})

describe('rules', () => {
  const source = (severity: string) => JSON.stringify({ rule: 'gas', title: { zh: '燃气', en: 'Gas' }, on: 'cover', when: 'ch4Lel > 20', severity })
  const version = (number: number, state: 'draft' | 'shadow' | 'live' | 'removed', text = source(`v${number}`), id = 'gas'): Control => ({
    type: 'rule',
    by: 'zhao',
    id,
    version: number,
    state,
    source: text,
    note: `n${number}`,
  })
  const states = async () => Object.fromEntries((await register.ruleVersions('gas')).map((rule) => [rule.version, rule.state]))

  it('show the live version, else the one in shadow, else the newest draft', async () => {
    await write(version(1, 'draft'), version(2, 'draft'))
    expect(await register.rule('gas')).toMatchObject({ version: 2, state: 'draft', author: 'zhao', note: 'n2', source: source('v2') })
    await write(version(1, 'shadow'))
    expect(await register.rule('gas')).toMatchObject({ version: 1, state: 'shadow' })
    await write(version(2, 'live'))
    expect(await register.rule('gas')).toMatchObject({ version: 2, state: 'live', file: { severity: 'v2' } })
  })

  it('have at most one live version', async () => {
    await write(version(1, 'live'), version(2, 'live'), version(3, 'shadow'))
    expect(await states()).toEqual({ 1: 'draft', 2: 'live', 3: 'shadow' })
    await write(version(3, 'live'))
    expect(await states()).toEqual({ 1: 'draft', 2: 'draft', 3: 'live' })
  })

  it('that were removed are gone', async () => {
    await write(version(1, 'live'), version(1, 'removed'))
    await expect(register.rule('gas')).rejects.toMatchObject({ code: 'not_found' })
    expect((await register.rules({ limit: 10 })).items).toEqual([])
  })

  it('that this program cannot read stop nothing', async () => {
    await write(version(1, 'live', 'no rule'), version(1, 'live', source('major'), 'water'))
    expect((await register.rules({ limit: 10 })).items.map(({ id }) => id)).toEqual(['water'])
    expect(await at.book.rules.find('gas', 1)).toMatchObject({ file: null, source: 'no rule' })
  })

  it('are paged', async () => {
    await write(...['a', 'b', 'c'].map((id) => version(1, 'live', source('major'), id)))
    const first = await register.rules({ limit: 2 })
    const rest = await register.rules({ limit: 2, cursor: first.next ?? '' })
    expect([first.items.map(({ id }) => id), rest.items.map(({ id }) => id), rest.next]).toEqual([['a', 'b'], ['c'], null])
  })
})
