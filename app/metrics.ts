import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { EngineStats } from '../alerts/engine/messages.ts'
import type { EvidenceStats } from '../alerts/evidence.ts'
import type { DeskStatus } from '../domain/ports/desk.ts'
import type { WatchStatus } from '../inference/watch.ts'
import { COMMIT_BUCKETS, type CommitStats, type Counters } from '../ingest/ingest.ts'

/** The owner of prom-client. Counters that other threads keep are read when somebody asks. */
export interface Metrics {
  text(): Promise<string>
  answered(answer: { method: string; path: string; status: number; ms: number }): void
}

export interface MetricSources {
  ingest(): Promise<Counters & { devices: number }>
  /** How long commits to the journal take, the flush of the disk included. */
  commits(): Promise<Pick<CommitStats, 'commits' | 'sumMs' | 'buckets'>>
  engine(): EngineStats | undefined
  head(): number
  viewers(): number
  cameras(): Record<string, WatchStatus>
  evidence(): Promise<EvidenceStats>
  /** The ring of recent pictures. */
  stills(): { cameras: number; stills: number; bytes: number }
  /** What desks are owed. */
  desks(): Promise<DeskStatus[]>
  influx(): { written: number; lost: number; retried: number; queued: number }
}

export function createMetrics(sources: MetricSources): Metrics {
  const register = new Registry()
  collectDefaultMetrics({ register, prefix: 'wanglou_' })
  ingestMetrics(register, sources)
  engineMetrics(register, sources)
  cameraMetrics(register, sources)
  evidenceMetrics(register, sources)
  deskMetrics(register, sources)
  const requests = new Histogram({
    name: 'wanglou_http_request_seconds',
    help: 'HTTP answers by route',
    labelNames: ['method', 'path', 'status'],
    buckets: [0.005, 0.02, 0.1, 0.5, 2, 10],
    registers: [register],
  })
  return {
    text: () => register.metrics(),
    answered: ({ method, path, status, ms }) => requests.observe({ method, path, status: String(status) }, ms / 1000),
  }
}

const COMMIT_SECONDS = 'wanglou_ingest_commit_seconds'
const COMMIT_HELP = 'From the judging of the first message of a commit to the flushed disk'

/** A histogram that the journal's thread keeps: what it counted is shown as it is. */
class CommitSeconds extends Histogram {
  readonly #commits: MetricSources['commits']

  constructor(register: Registry, commits: MetricSources['commits']) {
    super({ name: COMMIT_SECONDS, help: COMMIT_HELP, buckets: [...COMMIT_BUCKETS], registers: [register] })
    this.#commits = commits
  }

  /** What the registry asks of a histogram; prom-client's types do not name it. */
  async getForPromString(): Promise<object> {
    const { commits, sumMs, buckets } = await this.#commits()
    const upTo = COMMIT_BUCKETS.map((_, index) => buckets.slice(0, index + 1).reduce((sum, each) => sum + each, 0))
    const values = [
      ...[...COMMIT_BUCKETS, '+Inf'].map((le, index) => ({ metricName: `${COMMIT_SECONDS}_bucket`, labels: { le }, value: upTo[index] ?? commits })),
      { metricName: `${COMMIT_SECONDS}_sum`, labels: {}, value: sumMs / 1000 },
      { metricName: `${COMMIT_SECONDS}_count`, labels: {}, value: commits },
    ]
    return { name: COMMIT_SECONDS, help: COMMIT_HELP, type: 'histogram', values }
  }
}

function ingestMetrics(register: Registry, { ingest, commits }: MetricSources): void {
  new CommitSeconds(register, commits)
  const { counter, gauge } = readers(register, together(ingest))
  counter('wanglou_ingest_received_total', 'Messages of gateways: what became of each is in wanglou_ingest_messages_total', [], ({ received }, add) => add({}, received))
  counter('wanglou_ingest_messages_total', 'What became of messages: received = kept + duplicate + frames + rejected(reason) + failed', ['outcome', 'reason'], (now, add) => {
    for (const outcome of ['kept', 'duplicate', 'frames', 'failed'] as const) add({ outcome, reason: '' }, now[outcome])
    for (const [reason, count] of Object.entries(now.rejected)) add({ outcome: 'rejected', reason }, count)
  })
  counter('wanglou_ingest_unacknowledged_total', 'Received messages for which MQTT has no acknowledgement (QoS 0)', [], (now, add) => add({}, now.unacknowledged))
  counter('wanglou_ingest_throttled_total', 'Messages whose acknowledgement was held back to slow their gateway down', [], (now, add) => add({}, now.throttled))
  counter('wanglou_ingest_refused_total', 'Connections, publishes and subscriptions that the broker turned away before anything was received', ['reason'], (now, add) => {
    for (const [reason, count] of Object.entries(now.refused)) add({ reason }, count)
  })
  gauge('wanglou_ingest_connections', 'Open MQTT connections', ({ connections }) => connections)
  gauge('wanglou_ingest_devices', 'Devices that have reported or were registered', ({ devices }) => devices)
}

type Read = Counters & { devices: number }
type Add = (labels: Record<string, string>, value: number) => void

/** Metrics that are read from the ingest room when somebody asks. */
function readers(register: Registry, counters: () => Promise<Read>) {
  return {
    counter(name: string, help: string, labels: readonly string[], count: (now: Read, add: Add) => void): void {
      new Counter({
        ...{ name, help, labelNames: [...labels], registers: [register] },
        async collect() {
          const now = await counters()
          this.reset()
          count(now, (by, value) => this.inc(by, value))
        },
      })
    },
    gauge(name: string, help: string, value: (now: Read) => number): void {
      new Gauge({
        ...{ name, help, registers: [register] },
        async collect() {
          this.set(value(await counters()))
        },
      })
    },
  }
}

/** Whoever asks while an answer is under way gets the same one: the metrics of one scrape are of one moment. */
function together<T>(ask: () => Promise<T>): () => Promise<T> {
  let underWay: Promise<T> | undefined
  return () => {
    underWay ??= ask().finally(() => {
      underWay = undefined
    })
    return underWay
  }
}

function engineMetrics(register: Registry, { engine, head, viewers, influx }: MetricSources): void {
  const gauge = (name: string, help: string, value: () => number): void => {
    new Gauge({
      name,
      help,
      registers: [register],
      collect() {
        this.set(value())
      },
    })
  }
  gauge('wanglou_journal_head', 'Last offset of the journal', head)
  gauge('wanglou_engine_lag_records', 'Records that the engine has not seen yet', () => Math.max(0, head() - (engine()?.offset ?? 0)))
  gauge('wanglou_engine_assets', 'Assets that the engine knows', () => engine()?.assets ?? 0)
  gauge('wanglou_engine_rules', 'Rules in force', () => engine()?.rules ?? 0)
  gauge('wanglou_engine_backfills', 'Backfills after late data', () => engine()?.backfills ?? 0)
  gauge('wanglou_engine_too_late_for_rules', 'Observations kept as history only', () => engine()?.tooLateForRules ?? 0)
  gauge('wanglou_engine_suspect_fixes', 'GPS fixes that were not believed', () => engine()?.suspectFixes ?? 0)
  gauge('wanglou_engine_broken_rules', 'Rule versions that did not compile', () => engine()?.brokenRules ?? 0)
  gauge('wanglou_engine_quarantined_rules', 'Rule versions that threw or took too long', () => engine()?.quarantined.length ?? 0)
  gauge('wanglou_engine_not_rejudged', 'Assets of which an edit judged the newest values only', () => engine()?.notRejudged ?? 0)
  for (const name of ['written', 'lost', 'retried', 'queued'] as const)
    gauge(`wanglou_influx_${name}_lines`, `Lines of telemetry ${name} on the way to InfluxDB`, () => influx()[name])
  gauge('wanglou_feed_viewers', 'Open live views', viewers)
}

function cameraMetrics(register: Registry, { cameras }: MetricSources): void {
  new Gauge({
    name: 'wanglou_camera_state',
    help: '1 for the state that a camera is in',
    labelNames: ['camera', 'state'],
    registers: [register],
    collect() {
      this.reset()
      for (const [camera, { state }] of Object.entries(cameras())) this.set({ camera, state }, 1)
    },
  })
  new Counter({
    name: 'wanglou_camera_frames_total',
    help: 'Frames by what became of them: all that a camera gave, but the one being looked at, = inferred + gated(reason) + dropped(reason)',
    labelNames: ['camera', 'outcome', 'reason'],
    registers: [register],
    collect() {
      this.reset()
      for (const [camera, { inferred, gated, dropped }] of Object.entries(cameras())) {
        this.inc({ camera, outcome: 'inferred', reason: '' }, inferred)
        for (const [reason, count] of Object.entries(gated)) this.inc({ camera, outcome: 'gated', reason }, count)
        for (const [reason, count] of Object.entries(dropped)) this.inc({ camera, outcome: 'dropped', reason }, count)
      }
    },
  })
}

function evidenceMetrics(register: Registry, { evidence, stills }: MetricSources): void {
  new Gauge({
    name: 'wanglou_evidence_alerts',
    help: 'Alerts whose evidence is not complete yet: waiting for pictures, or failing because it could not be kept',
    labelNames: ['state'],
    registers: [register],
    async collect() {
      const { waiting, failing } = await evidence()
      this.set({ state: 'waiting' }, waiting - failing)
      this.set({ state: 'failing' }, failing)
    },
  })
  new Counter({
    name: 'wanglou_evidence_files_total',
    help: 'Files of evidence by what became of them: attached(kind), failed to be kept, or missing when they were looked for',
    labelNames: ['outcome', 'kind'],
    registers: [register],
    async collect() {
      const { attached, failures, missing } = await evidence()
      this.reset()
      for (const [kind, count] of Object.entries(attached)) this.inc({ outcome: 'attached', kind }, count)
      this.inc({ outcome: 'failed', kind: '' }, failures)
      this.inc({ outcome: 'missing', kind: '' }, missing)
    },
  })
  new Gauge({
    name: 'wanglou_stills_bytes',
    help: 'Recent pictures of all cameras',
    registers: [register],
    collect() {
      this.set(stills().bytes)
    },
  })
}

function deskMetrics(register: Registry, { desks }: MetricSources): void {
  const gauge = (name: string, help: string, labelNames: string[], set: (gauge: Gauge, status: DeskStatus) => void): void => {
    new Gauge({
      name,
      help,
      labelNames,
      registers: [register],
      async collect() {
        this.reset()
        for (const status of await desks()) set(this, status)
      },
    })
  }
  gauge('wanglou_desk_deliveries', 'Deliveries that a desk has not taken: pending, or dead letters', ['desk', 'state'], (each, { desk, pending, dead }) => {
    each.set({ desk, state: 'pending' }, pending)
    each.set({ desk, state: 'dead' }, dead)
  })
  gauge('wanglou_desk_disabled', '1 for a desk that answered that it is gone', ['desk'], (each, { desk, disabled }) => each.set({ desk }, disabled === null ? 0 : 1))
}
