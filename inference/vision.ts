import { availableParallelism } from 'node:os'
import type { CameraConfig } from '../domain/camera.ts'
import type { CoverageHour } from '../domain/coverage.ts'
import { messageOf } from '../domain/errors.ts'
import type { ClipTap } from '../domain/ports/clips.ts'
import type { StillWriter } from '../domain/ports/stills.ts'
import { type Instant, MINUTE, SECOND } from '../domain/time.ts'
import { Recorder } from './recorder.ts'
import type { Scene } from './scene.ts'
import { Budget, type BudgetLimits } from './schedule/budget.ts'
import type { Blindness } from './schedule/camera-coverage.ts'
import { configuredPairs, type IsOn, type Pair } from './schedule/pair.ts'
import { Rotation } from './schedule/rotation.ts'
import { Scheduler } from './schedule/scheduler.ts'
import { Sessions } from './sessions.ts'
import { Backoff } from './sources/backoff.ts'
import type { PushedFrames } from './sources/pushed.ts'
import type { PastLook } from './tracking/tracker.ts'
import { crewFor } from './turns.ts'
import { type Log, Watch, type WatchStatus } from './watch.ts'

/** How much is looked at, and how often. */
export interface ScheduleOptions {
  /** Longest time between two looks of a camera × algorithm that names none, ms. */
  everyMs: number
  budget: BudgetLimits
  /** From this interval on a camera that is not pinned is looked at by single pictures, so many at once, each at most so long. */
  rotation: { fromMs: number; concurrency: number; visitMs: number }
}

export const DEFAULT_SCHEDULE: ScheduleOptions = {
  everyMs: 30 * SECOND,
  budget: { looksPerSecond: null, cores: null },
  rotation: { fromMs: MINUTE, concurrency: 16, visitMs: 10 * SECOND },
}

/** Where Coverage goes. */
export interface CoverageSink {
  /** The last hours that an earlier run kept. */
  before: readonly CoverageHour[]
  /** Keeps hours as they are now; each replaces what was kept of it. */
  keep(hours: CoverageHour[]): Promise<void>
  /** Tells the rules. */
  tell(news: Blindness[]): Promise<void>
}

export interface VisionOptions {
  cameras: readonly { id: string; config: CameraConfig }[]
  /** Folders with model manifests and their files; the first that has an id wins. */
  models: readonly string[]
  /** Records a scene; frames wait for it. */
  emit(scene: Scene): Promise<void>
  stills?: StillWriter
  /** Where frames come in that gateways push. */
  pushed?: PushedFrames
  /** Where a camera's source leaves what clips are made from. */
  clips?(camera: string): ClipTap
  /** The last looks at a camera that an earlier run recorded, in order of time: its tracks go on. */
  past?(camera: string): Promise<readonly PastLook[]>
  /** Threads inside one inference. */
  threads?: number
  schedule?: Partial<ScheduleOptions>
  /** The algorithms that a camera serves; without it what its configuration names. */
  pairsOf?(camera: string, config: CameraConfig): readonly Pair[]
  isOn?: IsOn
  coverage?: CoverageSink
  /** Told how long a frame took from its arrival to the recorded scene, ms. */
  onLook?(ms: number): void
  log: Log
  now(): Instant
}

export interface Vision {
  /** A camera's new configuration, or null when it is gone. Resolves when the old one has stopped. */
  update(id: string, config: CameraConfig | null): Promise<void>
  /** What cameras serve may have changed: rules, calendars, assets. */
  refresh(): void
  /** Whether an alert of this camera stands: it is looked at sooner. */
  attend(camera: string, alerting: boolean): void
  status(): Record<string, WatchStatus>
  /** Looks a second that sessions and budget allow, as measured; 0 before the first look. */
  looksPerSecond(): number
  /** Keeps what was counted up to now. */
  keepCoverage(): Promise<void>
  /** Stops every camera; what is under way is recorded first. */
  close(): Promise<void>
}

/** How often the time is accounted for, and how often what was accounted is kept. */
const SWEEP_MS = 10 * SECOND
const KEEP_MS = MINUTE

/** Cameras → frames → gate → schedule → boxes → tracks → zones → scenes. Starts at once and returns without waiting for pictures. */
export function startVision(options: VisionOptions): Vision {
  const { cameras, models, emit, stills, threads = 1, log, now } = options
  const { everyMs, budget, rotation: round } = { ...DEFAULT_SCHEDULE, ...options.schedule }
  const run = now().toString(36)
  const sessions = new Sessions({
    folders: models,
    crew: crewFor(availableParallelism(), { threads, workers: null }),
    onRestart: (model, why) => log.warn({ model }, `the model's thread was lost and starts again: ${why}`),
  })
  const scheduler = new Scheduler({ budget: new Budget(budget, now()), now, later })
  const rotation = new Rotation({ concurrency: round.concurrency, now, later })
  const before = new Map(options.coverage?.before.map((hour) => [`${hour.camera} ${hour.algorithm}`, hour]))
  const watches = new Map<string, Watch>()
  const configs = new Map<string, CameraConfig>()
  // Updates of one camera follow one another; those of different cameras don't wait.
  const turns = new Map<string, Promise<void>>()
  const gone: CoverageHour[] = []
  const alerting = new Set<string>()

  const open = (camera: string): Watch =>
    new Watch({
      ...{
        camera,
        sessions,
        scheduler,
        rotation,
        pushed: options.pushed,
        clips: options.clips?.(camera),
        backoff: new Backoff(),
        log,
        now,
        rotateFromMs: round.fromMs,
        visitMs: round.visitMs,
      },
      recorder: new Recorder({ camera, run, emit, stills, log, ...(options.past && { past: () => options.past?.(camera) ?? Promise.resolve([]) }) }),
      pairsOf: (config) => options.pairsOf?.(camera, config) ?? configuredPairs(config, everyMs),
      isOn: options.isOn ?? (() => true),
      isAlerting: () => alerting.has(camera),
      onLook: options.onLook ?? (() => undefined),
      before: (algorithm) => before.get(`${camera} ${algorithm}`),
    })
  const apply = async (id: string, config: CameraConfig | null): Promise<void> => {
    const watch = watches.get(id) ?? (config ? open(id) : undefined)
    if (!watch) return
    if (config) {
      watches.set(id, watch)
      configs.set(id, config)
      await watch.set(config)
    } else {
      // Up to here it was blind for reasons of its own.
      watch.note(now())
      await watch.stop()
      gone.push(...watch.takeCoverage(now()))
      watches.delete(id)
      configs.delete(id)
    }
  }
  const update = (id: string, config: CameraConfig | null): Promise<void> => {
    const turn = (turns.get(id) ?? Promise.resolve()).then(() => apply(id, config))
    turns.set(id, turn)
    return turn
  }
  const accounts = new Accounts({ sink: options.coverage, watches, gone, log, now })

  for (const { id, config } of cameras) void update(id, config)
  const sweep = setInterval(() => accounts.sweep(), SWEEP_MS)
  return {
    update,
    refresh: () => {
      for (const [id, config] of configs) void update(id, config)
    },
    attend: (camera, stands) => {
      if (stands) alerting.add(camera)
      else alerting.delete(camera)
    },
    status: () => Object.fromEntries([...watches].map(([id, { status }]) => [id, { ...status, gated: { ...status.gated }, dropped: { ...status.dropped } }])),
    looksPerSecond: () => scheduler.looksPerSecond(),
    keepCoverage: () => accounts.keep(),
    close: async () => {
      clearInterval(sweep)
      await Promise.all([...watches.keys(), ...turns.keys()].map((id) => update(id, null)))
      await accounts.keep()
    },
  }
}

function later(ms: number, run: () => void): () => void {
  const timer = setTimeout(run, ms)
  return () => clearTimeout(timer)
}

interface AccountsParts {
  sink: CoverageSink | undefined
  watches: ReadonlyMap<string, Watch>
  /** Hours of cameras that are gone. */
  gone: CoverageHour[]
  log: Log
  now(): Instant
}

/** Accounts for the time of all cameras: one timer, however many they are. */
class Accounts {
  readonly #parts: AccountsParts
  #keptAt: Instant
  #writing: Promise<void> = Promise.resolve()

  constructor(parts: AccountsParts) {
    this.#parts = parts
    this.#keptAt = parts.now()
  }

  sweep(): void {
    const { watches, sink, now, log } = this.#parts
    const at = now()
    const news = [...watches.values()].flatMap((watch) => watch.account(at) ?? [])
    if (news.length > 0) void sink?.tell(news).catch((error: unknown) => log.warn({}, `the rules could not be told what is not looked at: ${messageOf(error)}`))
    if (at - this.#keptAt >= KEEP_MS) void this.keep()
  }

  /** One write at a time; what could not be kept is tried again with the next. */
  keep(): Promise<void> {
    const { watches, sink, gone, now, log } = this.#parts
    this.#keptAt = now()
    this.#writing = this.#writing.then(async () => {
      const at = now()
      for (const watch of watches.values()) watch.note(at)
      const hours = [...gone.splice(0), ...[...watches.values()].flatMap((watch) => watch.takeCoverage(at))]
      if (hours.length === 0) return
      await sink?.keep(hours).catch((error: unknown) => {
        gone.push(...hours)
        log.warn({}, `coverage could not be kept: ${messageOf(error)}`)
      })
    })
    return this.#writing
  }
}
