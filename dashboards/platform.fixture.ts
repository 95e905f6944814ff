import { existsSync, readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { extname, join } from 'node:path'
import type { FeatureCollection } from 'geojson'
import type { Alert } from '../domain/alert.ts'
import { type Asset, AssetSchema } from '../domain/asset.ts'
import type { Candidate } from '../domain/attribution.ts'
import type { Backtest, BacktestAlert, BacktestResult } from '../domain/authoring.ts'
import type { SilenceView } from '../domain/silence.ts'
import { alertWith } from './alerts/alert.fixture.ts'
import type { Site } from './api/client.ts'

const TYPES: Record<string, string> = { '.js': 'text/javascript', '.css': 'text/css', '.html': 'text/html', '.svg': 'image/svg+xml' }

/** The page must run under a policy that lets it load and call nothing but its own server. */
const POLICY =
  "default-src 'self'; script-src 'self'; worker-src 'self' blob:; style-src 'self' 'unsafe-inline'; img-src 'self' blob: data:; connect-src 'self'; object-src 'none'; base-uri 'none'"

export const SOURCE = 'rule: cover-displaced\non: cover\nparams:\n  tiltDeg: { value: 15, unit: deg, min: 2, max: 90 }\nwhen: tiltDeg > params.tiltDeg\nseverity: critical\n'
const BRIEF = {
  version: 1,
  state: 'live',
  areas: null,
  guard: null,
  author: 'wang',
  at: '2026-11-20T01:00:00.000Z',
  note: '',
  since: '2026-11-20T01:00:00.000Z',
  movedBy: 'wang',
  why: '',
}
export const RULE = {
  ...BRIEF,
  ...{ id: 'cover-displaced', source: SOURCE, base: null, baseOutdated: false, newest: 1, inForce: [BRIEF], moves: [] },
  file: {
    rule: 'cover-displaced',
    title: { zh: '井盖位移', en: 'Manhole cover displaced' },
    on: 'cover',
    params: { tiltDeg: { value: 15, unit: 'deg', min: 2, max: 90 } },
    when: '',
  },
  sees: { asks: [], score: null },
  stats: { firing: 0, perDay: [0, 1], judged: 0, falseAlarmShare: null, rejections: [], shadow: null, reminders: null },
}

const CAMERA = {
  ...{ version: 1, source: null, model: null, reader: null, fps: 1, keepScore: 0.1, algorithms: null, calibration: null, pinned: false, status: null },
  gate: { use: 'live', share: 0.01, floor: 10, everyS: null },
  zones: [
    {
      id: 'north',
      type: 'street',
      polygon: [
        [0, 0],
        [1, 0],
        [1, 1],
        [0, 1],
      ],
    },
  ],
}

/** A camera that nobody looked at for most of this hour. */
const STRETCH = { frames: 60, inferred: 12, gated: { still: 48 }, dropped: {}, blindMinutes: 42.5, causes: { source_lost: 42.5 } }
const PAIR = {
  ...STRETCH,
  camera: 'cam-1',
  algorithm: 'cover-displaced',
  cause: 'source_lost',
  hours: [{ ...STRETCH, at: new Date(Date.now() - (Date.now() % 3_600_000)).toISOString() }],
}

/** A backtest that would lose two alerts that were confirmed. */
function backtest(over: boolean): Backtest {
  const lost = (id: string, verdict: string): BacktestAlert => ({
    ...{ key: id, asset: id, openedAt: '2026-11-20T02:00:00.000Z', resolvedAt: null, severity: 'critical', values: { tiltDeg: 17 }, alert: id, verdict },
  })
  const result: BacktestResult = {
    ...{
      rule: 'cover-displaced',
      version: 1,
      set: {},
      register: 'then',
      scoreFloor: null,
      ownScores: 0,
      from: '2026-11-20T01:00:00.000Z',
      to: '2026-11-21T01:00:00.000Z',
      observations: 96,
    },
    counts: { live: 3, edit: 0, same: 0, added: 0, removed: 3, changed: 0 },
    verdicts: { confirmed: 2, false_alarm: 1 },
    ...{ added: [], changed: [], removed: [lost('c-1', 'confirmed'), lost('c-2', 'confirmed'), lost('c-3', 'false_alarm')] },
    chart: {
      asset: 'c-1',
      field: 'tiltDeg',
      unit: 'deg',
      points: [1, 2, 3].map((hour) => ({ at: `2026-11-20T0${hour}:00:00.000Z`, min: 3, max: 17 })),
      thresholds: [{ param: 'tiltDeg', live: 15, edit: 20 }],
    },
  }
  return { id: 'bt-1', rule: 'cover-displaced', by: 'wang', state: over ? 'done' : 'running', progress: over ? 1 : 0.4, why: null, result: over ? result : null }
}

/** What an asset in the register says beside its place. */
const REGISTERED = { ...AssetSchema.parse({ id: 'x', kind: 'cover' }), values: {}, at: null }

/** The platform as the contract describes it, small enough to see through: another's server, played by the test. */
export class Platform {
  readonly #feeds = new Set<ServerResponse>()
  readonly asked: string[] = []
  readonly posted: { path: string; body: unknown }[] = []
  alerts: Alert[] = []
  silences: SilenceView[] = []
  signedIn = false
  refuse: { status: number; code: string } | null = null
  backtestOver = false
  /** An answer that is not of the contract: what the page was not made for. */
  strangeTimeline = false
  candidates: Candidate[] = []
  assets: (Pick<Asset, 'id' | 'kind' | 'lon' | 'lat'> & Partial<Asset>)[] = []
  site: Site = { name: { zh: '望楼', en: 'Wanglou' }, center: [117.7, 39], zoom: 12, tileUrl: null }
  basemap: FeatureCollection = { type: 'FeatureCollection', features: [] }
  /** The picture that every tile under `/tiles/` is. */
  tile: Uint8Array | null = null
  /** What lists answer, by the first word of their path. */
  lists: Record<string, unknown[]> = {}
  /** Versions of the rule, newest first. */
  versions: unknown[] = [RULE]
  role = 'dispatcher'
  /** Bytes by path, in ranges as players ask for them. */
  files = new Map<string, { type: string; bytes: Uint8Array }>()
  readonly #dist: string
  readonly server: Server

  constructor(dist: string) {
    this.#dist = dist
    this.server = createServer((request, response) => void this.#answer(request, response))
  }

  say(event: string, data: unknown): void {
    for (const feed of this.#feeds) feed.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`)
  }

  breakFeeds(): void {
    for (const feed of this.#feeds) feed.destroy()
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname } = new URL(request.url ?? '/', 'http://page')
    if (!pathname.startsWith('/api/v1/')) return this.#file(pathname, response)
    let text = ''
    for await (const chunk of request) text += String(chunk)
    const body: unknown = text === '' ? undefined : JSON.parse(text)
    const path = pathname.slice('/api/v1'.length)
    if (request.method !== 'GET') this.posted.push({ path, body })
    this.asked.push(`${request.method} ${path}`)
    const reply = (status: number, value: unknown): void => void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value))
    if (path === '/session' && request.method === 'POST') this.signedIn = (body as { password?: string }).password === 'right'
    if (!this.signedIn) return reply(401, { code: path === '/session' && request.method === 'POST' ? 'auth.wrong' : 'auth.required', title: 'no' })
    const file = this.files.get(path)
    if (file) return this.#bytes(file, request, response)
    if (path === '/feed') {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write(': welcome\n\n')
      this.#feeds.add(response)
      response.on('close', () => this.#feeds.delete(response))
      return
    }
    if ((request.method === 'POST' || request.method === 'PUT') && this.refuse) return reply(this.refuse.status, { code: this.refuse.code, title: 'no', detail: 'no' })
    reply(200, path.startsWith('/silences') ? this.#silence(request.method, path, body) : this.#value(path, body))
  }

  #bytes({ type, bytes }: { type: string; bytes: Uint8Array }, request: IncomingMessage, response: ServerResponse): void {
    const [, from, to] = /bytes=(\d+)-(\d*)/.exec(request.headers.range ?? '') ?? []
    const range = [Number(from ?? 0), to ? Number(to) : bytes.length - 1] as const
    const part = bytes.subarray(range[0], range[1] + 1)
    const headers = { 'content-type': type, 'content-length': part.length, 'accept-ranges': 'bytes', 'content-range': `bytes ${range[0]}-${range[1]}/${bytes.length}` }
    response.writeHead(from === undefined ? 200 : 206, headers).end(part)
  }

  #silence(method: string | undefined, path: string, body: unknown): unknown {
    const state = method === 'DELETE' ? 'removed' : 'active'
    if (method === 'DELETE') this.silences = this.silences.map((one) => (path.endsWith(one.id) ? { ...one, state } : one))
    if (method !== 'POST') return { items: this.silences.filter((one) => one.state === 'active'), next: null }
    const { kind, matchers, to, reason } = body as SilenceView
    this.silences.push({ id: 's-1', kind, matchers, from: raised(0), to, by: 'wang', at: raised(0), reason, state, removedBy: null, endedAt: null, quiet: 1 })
    return this.silences.at(-1)
  }

  #value(path: string, body: unknown): unknown {
    const [, kind, id = '', act] = path.split('/')
    if (kind === 'session') return { name: 'wang', role: this.role, area: '' }
    if (kind === 'site') return this.site
    if (kind === 'basemap') return this.basemap
    if (kind === 'assets' && id === '') return { items: this.assets.map((asset) => ({ ...REGISTERED, ...asset })), next: null }
    if (kind === 'health') return { status: 'ok' }
    if (kind === 'backtests') return backtest(this.backtestOver)
    if (kind === 'rules' && act === 'backtest') return backtest(false)
    if (kind === 'rules' && act === 'versions') return path.endsWith('/versions') ? { items: this.versions, next: null } : RULE
    if (kind === 'rules' && act === 'check') return { errors: [], warnings: [] }
    if (kind === 'rules' && id !== '' && act === undefined) return RULE
    if (kind === 'rule-language') return { words: [] }
    if (kind === 'cameras') return { ...CAMERA, id }
    if (kind !== undefined && id === '' && this.lists[kind]) return { items: this.lists[kind], next: null }
    if (kind === 'coverage') return { items: [PAIR], next: null }
    if (act === 'explain') return { asset: 'c-0001', at: raised(1), values: {}, rules: [] }
    if (kind !== 'alerts') return { items: [], next: null }
    if (id === '') return { items: this.alerts, next: null }
    const alert = this.alerts.find((one) => one.id === id) ?? alertWith({ id })
    if (act === 'acknowledge') return this.#put({ ...alert, review: 'acknowledged' })
    if (act === 'verdict') return this.#put({ ...alert, review: 'judged', verdict: (body as { verdict: Alert['verdict'] }).verdict })
    if (act === 'dispatch')
      return { id: 'C-1', type: 'incident', alerts: [id], state: 'reported', matter: null, asset: alert.asset, department: null, level: 'district', dueAt: null, history: [] }
    return {
      ...alert,
      timeline: this.strangeTimeline ? null : [],
      provenance: { rule: alert.rule, ruleVersion: 1, params: {}, observations: [], model: alert.evidence.length > 0 ? 'yolox@1' : null, offset: 1 },
      matter: null,
      dispatch: null,
      candidates: this.candidates,
    }
  }

  #put(alert: Alert): Alert {
    this.alerts = this.alerts.map((one) => (one.id === alert.id ? alert : one))
    return alert
  }

  #file(path: string, response: ServerResponse): void {
    if (this.tile && path.startsWith('/tiles/')) {
      this.asked.push(`GET ${path}`)
      return void response.writeHead(200, { 'content-type': 'image/png' }).end(this.tile)
    }
    const file = extname(path) !== '' && existsSync(join(this.#dist, path)) ? path : '/index.html'
    response.writeHead(200, { 'content-type': TYPES[extname(file)] ?? 'text/plain', 'content-security-policy': POLICY }).end(readFileSync(join(this.#dist, file)))
  }
}

/** An instant of the tests' hour. */
export const raised = (minute: number): string => `2026-11-21T01:${String(minute).padStart(2, '0')}:00.000Z`
