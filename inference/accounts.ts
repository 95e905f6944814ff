import type { CoverageHour } from '../domain/coverage.ts'
import { messageOf } from '../domain/errors.ts'
import { type Instant, MINUTE } from '../domain/time.ts'
import type { KeptHealth } from './health/camera-health.ts'
import type { Log } from './log.ts'
import type { Blindness } from './schedule/camera-coverage.ts'
import type { Watch } from './watch.ts'

/** Where Coverage goes. */
export interface CoverageSink {
  /** The last hours that an earlier run kept. */
  before: readonly CoverageHour[]
  /** Keeps hours as they are now; each replaces what was kept of it. */
  keep(hours: CoverageHour[]): Promise<void>
  /** Tells the rules. */
  tell(news: Blindness[]): Promise<void>
}

/** Where what is remembered of cameras' health goes. */
export interface HealthSink {
  /** What an earlier run kept, by camera. */
  before: ReadonlyMap<string, KeptHealth>
  /** Replaces what was kept of these cameras. */
  keep(memories: ReadonlyMap<string, KeptHealth>): Promise<void>
}

export interface AccountsOptions {
  sink: CoverageSink | undefined
  health?: HealthSink | undefined
  watches: ReadonlyMap<string, Watch>
  log: Log
  now(): Instant
}

/** How often what was accounted for is kept. */
const KEEP_MS = MINUTE

/** Accounts for the time of all cameras, when it is told to: one timer, however many they are. */
export class Accounts {
  readonly #options: AccountsOptions
  /** Hours of cameras that are gone, and those that could not be kept: of each the newest state, however often it was tried. */
  readonly #left = new Map<string, CoverageHour>()
  readonly #memories = new Map<string, KeptHealth>()
  #keptAt: Instant
  #writing: Promise<void> = Promise.resolve()

  constructor(options: AccountsOptions) {
    this.#options = options
    this.#keptAt = options.now()
  }

  /** Takes note of the time up to now, tells the rules what has changed, and keeps it all now and then. */
  sweep(): void {
    const at = this.#options.now()
    this.tell([...this.#options.watches.values()].flatMap((watch) => watch.account(at) ?? []))
    if (at - this.#keptAt >= KEEP_MS) void this.keep()
  }

  tell(news: Blindness[]): void {
    const { sink, log } = this.#options
    if (news.length > 0) sink?.tell(news).catch((error: unknown) => log.warn({}, `the rules could not be told what is not looked at: ${messageOf(error)}`))
  }

  /** What was counted for a camera that is gone, and is remembered of it. */
  leave(camera: string, watch: Watch): void {
    for (const hour of watch.takeCoverage(this.#options.now())) this.#left.set(nameOf(hour), hour)
    this.#remember(camera, watch, Infinity)
  }

  /** One write at a time; what could not be kept is tried again with the next. */
  keep(): Promise<void> {
    const { watches, now } = this.#options
    this.#keptAt = now()
    this.#writing = this.#writing.then(async () => {
      const at = now()
      for (const watch of watches.values()) watch.note(at)
      for (const [camera, watch] of watches) {
        for (const hour of watch.takeCoverage(at)) this.#left.set(nameOf(hour), hour)
        this.#remember(camera, watch, at)
      }
      await this.#keepHours()
      await this.#keepMemories()
    })
    return this.#writing
  }

  #remember(camera: string, watch: Watch, at: Instant): void {
    const memory = watch.takeHealth(at)
    if (memory) this.#memories.set(camera, memory)
  }

  async #keepHours(): Promise<void> {
    const { sink, log } = this.#options
    const hours = [...this.#left.values()]
    this.#left.clear()
    if (hours.length === 0) return
    await sink?.keep(hours).catch((error: unknown) => {
      // What came meanwhile is newer.
      for (const hour of hours) if (!this.#left.has(nameOf(hour))) this.#left.set(nameOf(hour), hour)
      log.warn({}, `coverage could not be kept: ${messageOf(error)}`)
    })
  }

  async #keepMemories(): Promise<void> {
    const { health, log } = this.#options
    const memories = new Map(this.#memories)
    this.#memories.clear()
    if (memories.size === 0) return
    await health?.keep(memories).catch((error: unknown) => {
      for (const [camera, memory] of memories) if (!this.#memories.has(camera)) this.#memories.set(camera, memory)
      log.warn({}, `what is usual of cameras could not be kept: ${messageOf(error)}`)
    })
  }
}

function nameOf({ camera, algorithm, hour }: CoverageHour): string {
  return `${camera} ${algorithm} ${hour}`
}
