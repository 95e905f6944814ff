import { type CameraConfig, CameraConfigSchema } from '../domain/camera.ts'
import { canonical } from '../domain/canonical.ts'
import { CodedError, messageOf } from '../domain/errors.ts'
import type { ClipTap } from '../domain/ports/clips.ts'
import type { CoverageReader } from '../domain/ports/coverage.ts'
import type { StillWriter } from '../domain/ports/stills.ts'
import type { Projected } from '../domain/projection.ts'
import { DAY, formatInstant, SECOND } from '../domain/time.ts'
import type { CoverageSink, HealthSink } from '../inference/accounts.ts'
import { type KeptHealth, KeptHealthSchema } from '../inference/health/camera-health.ts'
import type { HealthChange } from '../inference/health/health.ts'
import { LiveViews } from '../inference/live.ts'
import type { Scene } from '../inference/scene.ts'
import type { Blindness } from '../inference/schedule/camera-coverage.ts'
import type { PushedFrames } from '../inference/sources/pushed.ts'
import { startVision, type VisionOptions } from '../inference/vision.ts'
import type { WatchStatus } from '../inference/watch.ts'
import type { Ingest, OwnObservation } from '../ingest/ingest.ts'
import type { Book } from '../store/book/book.ts'
import { createCoverage } from '../store/book/coverage-views.ts'
import { openAlerting } from './alerting.ts'
import { MODELS_DIR } from './commands/models.ts'
import type { Config } from './config.ts'
import { openDuty } from './duty.ts'
import { createFrameTakers } from './frame-takers.ts'
import type { Log } from './log.ts'

/** The gateway name under which the platform's own cameras report. */
const OWN_GATEWAY = 'platform'

export interface Cameras {
  /** What has passed through the journal takes effect: camera configurations, rules, calendars, alerts. */
  follow(entries: readonly Projected[]): void
  status(): Record<string, WatchStatus>
  /** Cameras as people look through them. */
  live: LiveViews
  coverage: CoverageReader
  /** Looks a second that sessions and budget allow, as measured. */
  looksPerSecond(): number
  close(): Promise<void>
}

/** Starts the cameras that have a source and a model; their scenes enter the journal as everybody's do. */
export async function startCameras(parts: {
  book: Book
  ingest: Ingest
  stills: StillWriter
  clips(camera: string): ClipTap
  pushed: PushedFrames
  past: VisionOptions['past']
  /** The gateway that an admin has moved a device to. */
  movedTo(device: string): string | undefined
  config: Config
  log: Log
  now: () => number
}): Promise<Cameras> {
  const { book, ingest, stills, clips, pushed, past, config, log, now } = parts
  const { threads, workers, batch, device, everyS, budget, rotation } = config.inference
  const stored = (await book.assets.cameras()).map(({ id, config: each }) => ({ id, config: readable(id, each, log) }))
  const duty = await openDuty(book, everyS * SECOND)
  const alerting = await openAlerting(book)
  const vision = startVision({
    cameras: stored.filter((each): each is { id: string; config: CameraConfig } => each.config !== null),
    models: modelFolders(config),
    emit: (scene) => record(ingest, scene),
    stills,
    clips,
    pushed,
    ...(past && { past }),
    compute: { threads, workers, batch, device },
    schedule: { everyMs: everyS * SECOND, budget, rotation: { fromMs: rotation.fromS * SECOND, concurrency: rotation.concurrency, visitMs: rotation.pictureS * SECOND } },
    pairsOf: duty.pairsOf,
    isOn: duty.isOn,
    tellHealth: (camera, changes) =>
      tellHealth(ingest, camera, changes).catch((error: unknown) => log.warn({ camera, why: messageOf(error) }, 'the health of the camera could not be recorded')),
    health: await memoriesIn(book, log),
    coverage: await sinkOf(book, ingest, config.retain.coverageDays * DAY, now),
    log,
    now,
  })
  for (const device of alerting.devices()) vision.attend(device, true)
  const takers = createFrameTakers(ingest, parts.movedTo)
  for (const { id, config: each } of stored) await takers.put(id, each)
  const sources = new Map(stored.map(({ id, config: each }) => [id, each?.source ?? null]))
  const live = new LiveViews({ sourceOf: (camera) => sources.get(camera) ?? null, pushed, log, now })
  const change = (id: string, to: CameraConfig | null): void => {
    if (canonical(to?.source ?? null) !== canonical(sources.get(id) ?? null)) live.changed(id)
    sources.set(id, to?.source ?? null)
    Promise.all([takers.put(id, to), vision.update(id, to)]).catch((error: unknown) => log.error({ camera: id, why: messageOf(error) }, 'the camera could not be changed'))
  }
  return {
    status: () => vision.status(),
    looksPerSecond: () => vision.looksPerSecond(),
    coverage: latest(createCoverage(book), () => vision.keepCoverage()),
    live,
    close: async () => void (await Promise.all([vision.close(), live.close()])),
    follow: (entries) => {
      for (const entry of entries) if (entry.type === 'camera') change(entry.id, readable(entry.id, entry.config, log))
      for (const { device, alerting: stands } of alerting.follow(entries)) vision.attend(device, stands)
      duty.follow(entries).then(
        (changed) => changed && vision.refresh(),
        (error: unknown) => log.error({ why: messageOf(error) }, 'what cameras are looked at for could not be read again'),
      )
    },
  }
}

/** Whoever reads sees what was counted up to now. */
function latest(reader: CoverageReader, keep: () => Promise<void>): CoverageReader {
  return {
    async list(query, who) {
      await keep()
      return reader.list(query, who)
    },
  }
}

async function sinkOf(book: Book, ingest: Ingest, keepMs: number, now: () => number): Promise<CoverageSink> {
  let forgotten = 0
  return {
    before: await book.coverage.newest(),
    async keep(hours) {
      await book.transaction(async ({ coverage }) => {
        await coverage.put(hours)
        const oldest = Math.floor((now() - keepMs) / DAY) * DAY
        if (oldest === forgotten) return
        await coverage.forgetBefore(oldest)
        forgotten = oldest
      })
    },
    async tell(news) {
      const outcomes = await ingest.observe(news.map(presenceOf))
      const refused = outcomes.find(({ result }) => result !== 'kept' && result !== 'duplicate')
      if (refused) throw new CodedError('field.invalid', `coverage was refused: ${JSON.stringify(refused)}`)
    },
  }
}

/** What cannot be read is forgotten: it is learnt again. */
async function memoriesIn(book: Book, log: Log): Promise<HealthSink> {
  const before = new Map<string, KeptHealth>()
  for (const { camera, memory } of await book.cameraHealth.all()) {
    try {
      before.set(camera, KeptHealthSchema.parse(JSON.parse(memory)))
    } catch (error) {
      log.warn({ camera, why: messageOf(error) }, 'what is usual of the camera cannot be read')
    }
  }
  return {
    before,
    keep: (memories) => book.cameraHealth.put([...memories].map(([camera, memory]) => ({ camera, memory: JSON.stringify(memory) }))),
  }
}

async function tellHealth(ingest: Ingest, camera: string, changes: readonly HealthChange[]): Promise<void> {
  await ingest.observe(changes.map(({ at, ...health }) => ({ kind: 'presence', device: camera, gateway: OWN_GATEWAY, payload: { at: formatInstant(at), ...health } })))
}

/** What is not looked at is an observation of the camera: a rule makes an alert of it. */
function presenceOf({ camera, at, cause, algorithms }: Blindness): OwnObservation {
  const coverage = algorithms.length === 0 ? { coverage: 'ok' } : { coverage: 'blind', cause }
  return { kind: 'presence', device: camera, gateway: OWN_GATEWAY, payload: { at: formatInstant(at), ...coverage, algorithms: algorithms.slice(0, 64) } }
}

/** The folders in which models are looked for, the first before the others. */
export function modelFolders({ inference }: Config): string[] {
  return inference.models === null ? [MODELS_DIR] : [inference.models, MODELS_DIR]
}

function readable(id: string, config: unknown, log: Log): CameraConfig | null {
  const parsed = CameraConfigSchema.safeParse(config)
  if (parsed.success) return parsed.data
  log.warn({ camera: id }, 'the configuration of the camera cannot be read; it stays dark')
  return null
}

async function record(ingest: Ingest, scene: Scene): Promise<void> {
  const [outcome] = await ingest.observe([{ kind: 'scene', device: scene.camera, gateway: OWN_GATEWAY, payload: scene.payload }])
  if (outcome && outcome.result !== 'kept' && outcome.result !== 'duplicate')
    throw new CodedError('field.invalid', `The scene of ${scene.camera} was refused: ${JSON.stringify(outcome)}`)
}
