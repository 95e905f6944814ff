import { availableParallelism } from 'node:os'
import type { CameraConfig } from '../domain/camera.ts'
import { messageOf } from '../domain/errors.ts'
import type { ClipTap } from '../domain/ports/clips.ts'
import type { StillWriter } from '../domain/ports/stills.ts'
import { type Instant, MINUTE, SECOND } from '../domain/time.ts'
import { Accounts, type CoverageSink, type HealthSink } from './accounts.ts'
import type { HealthChange } from './health/health.ts'
import type { Log } from './log.ts'
import type { Device } from './onnx.ts'
import { Recorder } from './recorder.ts'
import type { Scene } from './scene.ts'
import { Budget, type BudgetLimits } from './schedule/budget.ts'
import type { KeptHours } from './schedule/camera-coverage.ts'
import { configuredPairs, type IsOn, type Pair } from './schedule/pair.ts'
import { Rotation } from './schedule/rotation.ts'
import { Scheduler } from './schedule/scheduler.ts'
import type { KeptHour } from './schedule/tally.ts'
import { Sessions } from './sessions.ts'
import { Backoff } from './sources/backoff.ts'
import type { PushedFrames } from './sources/pushed.ts'
import type { PastLook } from './tracking/tracker.ts'
import { crewFor } from './turns.ts'
import { Watch, type WatchStatus } from './watch.ts'

/** How much is looked at, and how often. */
export interface ScheduleOptions {
  /** Longest time between two looks of a camera × algorithm that names none, ms. */
  everyMs: number
  budget: BudgetLimits
  /** From this interval on a camera that is not pinned is looked at by single pictures, so many at once, each at most so long. */
  rotation: { fromMs: number; concurrency: number; visitMs: number }
}

const DEFAULT_SCHEDULE: ScheduleOptions = {
  everyMs: 30 * SECOND,
  budget: { looksPerSecond: null, cores: null },
  rotation: { fromMs: MINUTE, concurrency: 16, visitMs: 10 * SECOND },
}

/** What the machine gives to models. */
export interface Compute {
  threads: number
  /** null: one core is left to the platform. */
  workers: number | null
  batch: number
  device: Device
  /** For tests: a worker that breaks on purpose. */
  worker: URL
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
  /** Threads inside one inference, worker threads per model, frames that are run together at most, and where. */
  compute?: Partial<Compute>
  schedule?: Partial<ScheduleOptions>
  /** The algorithms that a camera serves; without it what its configuration names. */
  pairsOf?(camera: string, config: CameraConfig): readonly Pair[]
  isOn?: IsOn
  coverage?: CoverageSink
  /** Where what is remembered of cameras' health is kept over a restart. */
  health?: HealthSink
  /** Told what becomes of a camera's health. */
  tellHealth?(camera: string, changes: readonly HealthChange[]): Promise<void>
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

/** How often the time is accounted for. */
const SWEEP_MS = 10 * SECOND

/** Cameras → frames → gate → schedule → boxes → tracks → zones → scenes. Starts at once and returns without waiting for pictures. */
export function startVision(options: VisionOptions): Vision {
  const room = new Room(options)
  // Plain functions: whoever hands one of them on need not know whose it is.
  return {
    update: (id, config) => room.update(id, config),
    refresh: () => room.refresh(),
    attend: (camera, alerting) => room.attend(camera, alerting),
    status: () => room.status(),
    looksPerSecond: () => room.looksPerSecond(),
    keepCoverage: () => room.keepCoverage(),
    close: () => room.close(),
  }
}

class Room implements Vision {
  readonly #options: VisionOptions
  readonly #schedule: ScheduleOptions
  readonly #run: string
  readonly #sessions: Sessions
  readonly #scheduler: Scheduler
  readonly #rotation: Rotation
  /** Newest hours of pairs that nobody serves now, for those that come (back). */
  readonly #hours: Map<string, KeptHour>
  readonly #watches = new Map<string, Watch>()
  readonly #configs = new Map<string, CameraConfig>()
  /** Updates of one camera follow one another; those of different cameras don't wait. */
  readonly #turns = new Map<string, Promise<void>>()
  readonly #alerting = new Set<string>()
  readonly #accounts: Accounts
  readonly #sweep: NodeJS.Timeout
  #closing = false

  constructor(options: VisionOptions) {
    const { models, cameras, compute = {}, coverage, log, now } = options
    const { threads = 1 } = compute
    this.#options = options
    this.#schedule = { ...DEFAULT_SCHEDULE, ...options.schedule }
    this.#run = now().toString(36)
    this.#sessions = openSessions(models, compute, log)
    this.#scheduler = new Scheduler({ budget: new Budget(this.#schedule.budget, now()), threads, now, later })
    this.#rotation = new Rotation({ concurrency: this.#schedule.rotation.concurrency, now, later })
    this.#hours = new Map(coverage?.before.map((hour) => [`${hour.camera} ${hour.algorithm}`, { hour, gone: false }]))
    this.#accounts = new Accounts({ sink: coverage, health: options.health, watches: this.#watches, log, now })
    for (const { id, config } of cameras) this.#apply(id, config)
    if (options.pushed) options.pushed.unheard = (camera) => this.#watches.get(camera)?.unheard()
    this.#sweep = setInterval(() => this.#accounts.sweep(), SWEEP_MS)
  }

  update(id: string, config: CameraConfig | null): Promise<void> {
    if (config) this.#configs.set(id, config)
    else this.#configs.delete(id)
    // What failed before does not stand in the way, and what came meanwhile holds.
    const turn = (this.#turns.get(id) ?? Promise.resolve())
      .catch(() => undefined)
      .then(() => {
        const newest = this.#closing ? undefined : this.#configs.get(id)
        return newest ? this.#set(id, newest) : this.#remove(id)
      })
    this.#turns.set(id, turn)
    return turn
  }

  #apply(id: string, config: CameraConfig): void {
    this.update(id, config).catch((error: unknown) => this.#options.log.warn({ camera: id }, `the camera could not be changed: ${messageOf(error)}`))
  }

  refresh(): void {
    if (!this.#closing) for (const [id, config] of this.#configs) this.#apply(id, config)
  }

  attend(camera: string, alerting: boolean): void {
    if (alerting) this.#alerting.add(camera)
    else this.#alerting.delete(camera)
  }

  status(): Record<string, WatchStatus> {
    return Object.fromEntries([...this.#watches].map(([id, { status }]) => [id, { ...status, gated: { ...status.gated }, dropped: { ...status.dropped } }]))
  }

  looksPerSecond(): number {
    return this.#scheduler.looksPerSecond()
  }

  keepCoverage(): Promise<void> {
    return this.#accounts.keep()
  }

  async close(): Promise<void> {
    this.#closing = true
    clearInterval(this.#sweep)
    await Promise.all([...this.#watches.keys(), ...this.#turns.keys()].map((id) => this.update(id, null)))
    await this.#accounts.keep()
  }

  async #set(id: string, config: CameraConfig): Promise<void> {
    const watch = this.#watches.get(id) ?? this.#open(id)
    this.#watches.set(id, watch)
    await watch.set(config)
  }

  async #remove(id: string): Promise<void> {
    const watch = this.#watches.get(id)
    if (!watch) return
    // Up to here it was blind for reasons of its own.
    watch.note(this.#options.now())
    await watch.stop()
    // Of a camera that is gone nothing is owed; of a platform that stops all is.
    if (!this.#closing) this.#accounts.tell(watch.release())
    this.#accounts.leave(id, watch)
    this.#watches.delete(id)
  }

  /** What an earlier run left counts once: a pair that comes back later was not unwatched since then. */
  #hoursOf(camera: string): KeptHours {
    return {
      take: (algorithm) => {
        const kept = this.#hours.get(`${camera} ${algorithm}`)
        this.#hours.delete(`${camera} ${algorithm}`)
        return kept
      },
      put: (algorithm, hour) => {
        this.#hours.set(`${camera} ${algorithm}`, { hour, gone: true })
      },
    }
  }

  #open(camera: string): Watch {
    const { emit, stills, clips, pushed, past, pairsOf, isOn = () => true, health, tellHealth, onLook = () => undefined, log, now } = this.#options
    const { everyMs, rotation } = this.#schedule
    return new Watch({
      ...{ camera, sessions: this.#sessions, scheduler: this.#scheduler, rotation: this.#rotation, pushed, clips: clips?.(camera), backoff: new Backoff(), isOn, onLook, log, now },
      ...{ rotateFromMs: rotation.fromMs, visitMs: rotation.visitMs },
      recorder: new Recorder({ camera, run: this.#run, sessions: this.#sessions, emit, stills, log, ...(past && { past: () => past(camera) }) }),
      pairsOf: (config) => pairsOf?.(camera, config) ?? configuredPairs(config, everyMs),
      isAlerting: () => this.#alerting.has(camera),
      health: { before: () => health?.before.get(camera), tell: (changes) => void tellHealth?.(camera, changes) },
      hours: this.#hoursOf(camera),
    })
  }
}

function openSessions(folders: readonly string[], { threads = 1, workers = null, batch = 4, device = 'cpu', worker }: Partial<Compute>, log: Log): Sessions {
  const crew = crewFor(availableParallelism(), { threads, workers })
  if (crew.why !== null) log.warn({}, crew.why)
  return new Sessions({
    ...{ folders, crew, batch, device, ...(worker && { worker }) },
    onRestart: (model, why) => log.warn({ model }, `the model's thread was lost and starts again: ${why}`),
    onFallback: (model, why) => log.warn({ model }, why),
    onStill: (model, pictures) =>
      pictures === 0
        ? log.info({ model }, 'the model answers to what it sees again')
        : log.warn({ model, pictures }, 'the model gives the same scores whatever it sees; what it looks at counts as unwatched'),
  })
}

function later(ms: number, run: () => void): () => void {
  const timer = setTimeout(run, ms)
  return () => clearTimeout(timer)
}
