import type { Alert, AlertDetail } from '../domain/alert.ts'
import { type Area, areaContains } from '../domain/area.ts'
import type { Asset } from '../domain/asset.ts'
import { CameraConfigSchema } from '../domain/camera.ts'
import type { Case } from '../domain/case.ts'
import { CodedError } from '../domain/errors.ts'
import type { OutEvent } from '../domain/event.ts'
import type { AssetId } from '../domain/ids.ts'
import type { Alerts } from '../domain/ports/alerts.ts'
import type { Cases, Events } from '../domain/ports/cases.ts'
import type { CoverageReader } from '../domain/ports/coverage.ts'
import type { Desks } from '../domain/ports/desk.ts'
import type { AssetView, Register } from '../domain/ports/register.ts'
import type { Silences } from '../domain/ports/silences.ts'
import type { Telemetry } from '../domain/ports/telemetry.ts'
import type { Principal } from '../domain/role.ts'
import type { SilenceView } from '../domain/silence.ts'
import { formatInstant } from '../domain/time.ts'
import type { AccessStore } from '../store/access/access.ts'
import { authorsOf, createBacktester, explainerOver } from './authors.fixture.ts'
import type { ApiDeps, CameraStatus, HealthReport } from './deps.ts'
import type { Feed } from './feed.ts'

/** A small city in memory for the tests of this room: two districts, one thing of each sort in each. Access is the real one. */
export const WEST = '310104'
export const EAST = '310115'
export const NOW = Date.UTC(2026, 10, 21, 1, 45)

/** JPEG's first and last bytes, and the two in between that make it a file. */
export const JPEG = new Uint8Array([0xff, 0xd8, 0xff, 0xe0, 0x00, 0x10, 0xff, 0xd9])

const place = (area: string): { lon: number; lat: number } => (area === WEST ? { lon: 121.43, lat: 31.18 } : { lon: 121.55, lat: 31.22 })

export function alertIn(area: string, id: string): Alert {
  return {
    ...{
      id,
      rule: 'cover-displaced',
      ruleVersion: 1,
      key: id,
      asset: `cover-${id}`,
      devices: [`cover-${id}`],
      severity: 'critical',
      title: { zh: '井盖位移', en: 'Manhole cover displaced' },
    },
    ...{ condition: 'firing', review: 'open', verdict: null, openedAt: formatInstant(NOW), raisedAt: formatInstant(NOW + 2000), resolvedAt: null, late: false, amended: null },
    ...{ ...place(area), area, grid: null, values: { tiltDeg: 32.5 }, observations: [7], evidence: [], case: null },
    ...{ attention: { shown: true, by: null, ref: null, until: null }, group: null, vehicle: null, attributedAt: null, certainty: 'single', fused: [], doubt: null },
  }
}

/** A camera whose source gave four pictures and then no more. */
const BLIND: CameraStatus = { state: 'waiting', frames: 4, inferred: 3, gated: {}, dropped: { crashed: 1 }, lastAt: NOW, error: 'no picture within 10 s' }

function caseIn(id: string, asset: string): Case {
  return { id, type: 'incident', alerts: [], state: 'reported', matter: null, asset, department: null, level: 'grid', dueAt: null, history: [] }
}

function visible<T>(thing: T | undefined, area: string | null, who: Principal): T {
  if (thing === undefined || !areaContains(who.area, area)) throw new CodedError('not_found')
  return thing
}

interface Placed<T> {
  area: string
  thing: T
}
const both = <T>(make: (area: string, id: string) => T): Map<string, Placed<T>> =>
  new Map([
    ['west', { area: WEST, thing: make(WEST, 'west') }],
    ['east', { area: EAST, thing: make(EAST, 'east') }],
  ])
const seen = <T>(things: Map<string, Placed<T>>, who: Principal): T[] => [...things.values()].filter(({ area }) => areaContains(who.area, area)).map(({ thing }) => thing)
const pick = <T>(things: Map<string, Placed<T>>, id: string, who: Principal): T => visible(things.get(id)?.thing, things.get(id)?.area ?? null, who)

function alertsOf(): Alerts {
  const alerts = both(alertIn)
  return {
    list: async (query, who) => ({ items: seen(alerts, who).slice(0, query.limit), next: null }),
    async get(id, who): Promise<AlertDetail> {
      const alert = pick(alerts, id, who)
      const provenance = { rule: alert.rule, ruleVersion: 1, params: { tiltDeg: 15 }, observations: [7], model: null, offset: 9 }
      return { ...alert, timeline: [], provenance, matter: null, dispatch: null, candidates: [] }
    },
    acknowledge: async (id, who) => Object.assign(pick(alerts, id, who), { review: 'acknowledged' }),
    judge: async (id, { verdict }, who) => Object.assign(pick(alerts, id, who), { review: 'judged', verdict }),
  }
}

function silencesOf(): Silences {
  const silenceIn = (area: string, id: string): SilenceView => ({
    ...{ id, kind: 'silence', matchers: { area }, from: formatInstant(NOW), to: formatInstant(NOW + 3_600_000), by: 'lin', at: formatInstant(NOW), reason: 'roadworks' },
    ...{ state: 'active', removedBy: null, endedAt: null, quiet: 1 },
  })
  const silences = both(silenceIn)
  return {
    list: async (query, who) => ({ items: seen(silences, who).slice(0, query.limit), next: null }),
    async create({ kind, matchers, to, reason }, who) {
      const area = matchers.asset?.endsWith('west') ? WEST : EAST
      return visible({ ...silenceIn(area, 'new'), kind, matchers, to: formatInstant(to), reason }, area, who)
    },
    end: async (id, who) => Object.assign(pick(silences, id, who), { state: 'removed', removedBy: who.name }),
  }
}

function casesOf(): Cases & Events {
  const cases = both((_, id) => caseIn(id, `cover-${id}`))
  const events: OutEvent[] = [...cases.values()].map(({ area, thing }, index) => ({
    ...{ seq: index + 1, id: `event-${index}`, type: 'city.wanglou.case.reported.v1', time: formatInstant(NOW), subject: thing.id, area, data: thing },
  }))
  return {
    list: async (query, who) => ({ items: seen(cases, who).slice(0, query.limit), next: null }),
    get: async (id, who) => pick(cases, id, who),
    async open({ asset }, who) {
      const area = asset.endsWith('west') ? WEST : EAST
      return visible(caseIn('new', asset), area, who)
    },
    dispatch: async (alert, _, who) => pick(cases, alert, who),
    async move(id, { to }, who) {
      const found = pick(cases, id, who)
      if (to === 'evaluated') throw new CodedError('case.illegal_move', undefined, { extra: { allowed: ['verifying', 'accepted', 'rejected'] } })
      return Object.assign(found, { state: to })
    },
    async after(seq, { types, limit }, who) {
      const items = events.filter((event) => event.seq > seq && areaContains(who.area, event.area) && (types?.includes(event.type) ?? true)).slice(0, limit)
      return { items, next: items.at(-1)?.seq ?? seq }
    },
  }
}

const SOURCE = { type: 'rtsp', url: 'rtsp://viewer:s3cret@10.0.0.9:554/stream1?key=abc' } as const

const AUTHORS = authorsOf(NOW)

function registerOf(): Register {
  const assets = new Map<string, AssetView>()
  const cameras = new Map<string, { version: number; config: ReturnType<typeof CameraConfigSchema.parse> }>()
  for (const [area, side] of [
    [WEST, 'west'],
    [EAST, 'east'],
  ] as const) {
    assets.set(`cover-${side}`, { ...assetOf(`cover-${side}`, area), values: { tiltDeg: 32.5 }, at: NOW })
    assets.set(`camera-${side}`, { ...assetOf(`camera-${side}`, area), kind: 'camera', values: {}, at: null })
    cameras.set(`camera-${side}`, { version: 1, config: CameraConfigSchema.parse({ source: SOURCE }) })
  }
  const asset = (id: string, who: Principal): AssetView => visible(assets.get(id), assets.get(id)?.area ?? null, who)
  const camera = (id: string, who: Principal): { version: number; config: ReturnType<typeof CameraConfigSchema.parse> } => {
    asset(id, who)
    return visible(cameras.get(id), WEST, { ...who, area: '' })
  }
  return {
    assets: async (query, who) => ({
      items: [...assets.values()].filter((view) => areaContains(who.area, view.area) && (!query.kind || view.kind === query.kind)).slice(0, query.limit),
      next: null,
    }),
    asset: async (id, who) => asset(id, who),
    async putAsset(put, who) {
      if (assets.has(put.id)) asset(put.id, who)
      const view = { ...put, area: put.area ?? (put.id.endsWith('west') ? WEST : EAST), values: {}, at: null }
      assets.set(put.id, view)
      return view
    },
    areas: async (level) => AREAS.filter((area) => level === undefined || area.level === level),
    camera: async (id, who) => camera(id, who),
    async putCamera(id, version, config, who) {
      if (camera(id, who).version !== version) throw new CodedError('version.stale')
      cameras.set(id, { version: version + 1, config })
      return camera(id, who)
    },
    ...AUTHORS.rules,
  }
}

function assetOf(id: string, area: string): Asset {
  const none = { department: null, matter: null, zone: null, grid: null }
  return { id: id as AssetId, kind: 'cover', name: id, ...place(area), devices: [], area, ...none, labels: {}, permits: [], origin: 'registered' }
}

const SQUARE = [[[121, 31] as const, [122, 31] as const, [122, 32] as const]]
export const AREAS: Area[] = [
  { code: EAST, level: 'district', name: '浦东新区', polygon: SQUARE },
  { code: WEST, level: 'district', name: '徐汇区', polygon: SQUARE },
  { code: `${WEST}001`, level: 'street', name: '天平路街道', polygon: SQUARE },
]

function telemetryOf(): Telemetry {
  const at = formatInstant(NOW)
  const devices = ['cover-west', 'cover-east']
  const of = (device: string | undefined): string[] => devices.filter((one) => device === undefined || one === device)
  return {
    observations: async (query) => ({
      items: of(query.device).map((device, n) => ({
        ...(query.kind === 'scene' ? { objects: [{ label: 'car', score: 0.9, box: [0, 0, 0.1, 0.1], plate: '沪A12345' }] } : { tiltDeg: 32.5 }),
        ...{ at, device, kind: query.kind ?? 'cover', gateway: 'gw1', receivedAt: at, offset: n + 1 },
      })),
      next: null,
    }),
    ledger: async (query) => ({
      items: of(query.device).map((device) => ({ device, gateway: 'gw1', firstSeen: at, lastSeen: at, received: 1, duplicates: 0, rejected: 0, gaps: [], skewMs: 0, clock: 'ok' })),
      next: null,
    }),
    rejects: async () => ({ items: [{ at, gateway: 'gw1', topic: 'city/v1/from/gw1/x', code: 'topic.unknown', why: 'none', bytes: 3 }], next: null }),
  }
}

function coverageOf(): CoverageReader {
  const stretch = { frames: 60, inferred: 20, gated: { still: 39 }, dropped: { superseded: 1 }, blindMinutes: 2.5, causes: { source_lost: 2.5 } }
  const pairs = both((_, side) => ({
    camera: `camera-${side}`,
    algorithm: 'vehicle-no-parking',
    ...stretch,
    cause: 'source_lost' as const,
    hours: [{ at: formatInstant(NOW), ...stretch }],
  }))
  return { list: async ({ limit }, who) => ({ items: seen(pairs, who).slice(0, limit), next: null }) }
}

const DESKS: Desks = {
  status: async () => [{ desk: 'city', pending: 2, dead: 1, disabled: { at: NOW, why: 'it answered 410' }, why: 'it answered 400' }],
  replay: async (desk) => {
    if (desk !== 'city') throw new CodedError('desk.unknown')
    return 1
  },
  enable: async (desk) => {
    if (desk !== 'city') throw new CodedError('desk.unknown')
  },
}

const HEALTHY: HealthReport = { status: 'ok', parts: { journal: { state: 'ok' } } }
const BASEMAP = { type: 'FeatureCollection', features: [{ type: 'Feature', properties: { class: 'water', name: '黄浦江' }, geometry: null }] }

/** Everything that the API needs, in memory; but who may come in, which is the real thing. */
export function partsOf(store: AccessStore, feed: Feed): Omit<ApiDeps, 'log'> {
  const alerts = alertsOf()
  const cases = casesOf()
  const register = registerOf()
  const [backtester, explainer] = [createBacktester(), explainerOver(register)]
  const still = { at: NOW, jpeg: JPEG }
  return {
    ...{
      alerts,
      silences: silencesOf(),
      cases,
      events: cases,
      desks: DESKS,
      ownership: {
        async move(_device, gateway) {
          if (gateway !== 'gw-1') throw new CodedError('not_found')
        },
      },
      register,
      authoring: AUTHORS.authoring,
      telemetry: telemetryOf(),
      coverage: coverageOf(),
      access: store.access,
      audit: store.audit,
      feed,
    },
    ...{ backtester, explainer },
    evidence: {
      async get(id, who) {
        return visible(id === 'west' || id === 'east' ? { type: 'image/jpeg', sha256: 'ab12', bytes: JPEG } : undefined, id === 'west' ? WEST : EAST, who)
      },
      still: async (camera, { at = NOW, within }) => (Math.abs(at - NOW) <= within && ['camera-west', 'camera-east'].includes(camera) ? still : undefined),
      async export(alert, { original }, who) {
        await alerts.get(alert, who)
        return new TextEncoder().encode(original ? 'all of it' : 'a blurred copy')
      },
      publicKey: () => ({ keyId: 'ab12', publicKey: '-----BEGIN PUBLIC KEY-----' }),
    },
    assetOf: (device) => device as string as AssetId,
    health: async () => HEALTHY,
    live: {
      has: (camera) => camera === 'camera-west',
      watch: (_, viewer) => {
        viewer.show({ at: NOW, jpeg: JPEG })
        return () => undefined
      },
      close: () => undefined,
      key: new Uint8Array(32).fill(7),
    },
    cameraStatus: (camera) => (camera === 'camera-west' ? BLIND : undefined),
    metrics: async () => 'wanglou_up 1\n',
    site: () => ({ name: { zh: '徐汇', en: 'Xuhui' }, center: [121.43, 31.18], zoom: 12, tileUrl: null, languages: ['zh', 'en'] }),
    basemap: () => BASEMAP,
    staticDir: null,
    now: () => NOW,
  }
}
