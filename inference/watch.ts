import { setTimeout as wait } from 'node:timers/promises'
import type { CameraConfig, CameraSource } from '../domain/camera.ts'
import type { BlindCause, CoverageHour } from '../domain/coverage.ts'
import { CodedError, messageOf } from '../domain/errors.ts'
import type { ClipTap } from '../domain/ports/clips.ts'
import type { Instant } from '../domain/time.ts'
import { CameraHealth, type CameraHealthOptions, type KeptHealth } from './health/camera-health.ts'
import type { Log } from './log.ts'
import { Looking, type LookingOptions, type Sight } from './looking.ts'
import type { Recorder } from './recorder.ts'
import { type Blindness, CameraCoverage, type KeptHours } from './schedule/camera-coverage.ts'
import { everyOf, type IsOn, type Pair, pairsOn } from './schedule/pair.ts'
import type { Rotation, Stop } from './schedule/rotation.ts'
import type { Scheduler } from './schedule/scheduler.ts'
import type { Loaded, Sessions } from './sessions.ts'
import type { Backoff } from './sources/backoff.ts'
import { type Frame, type HeldBack, READER_STILL_WIDTH, type SourceNeeds } from './sources/frame.ts'
import type { PushedFrames } from './sources/pushed.ts'
import { changedOnlyOf, isLive, openSource, sourceOf } from './sources/source.ts'
import type { WatchStatus } from './status.ts'

export type { DropReason, GateReason, WatchState, WatchStatus } from './status.ts'

export interface WatchOptions {
  camera: string
  sessions: Sessions
  scheduler: Scheduler
  rotation: Rotation
  recorder: Recorder
  /** What the camera is looked at for. */
  pairsOf(config: CameraConfig): readonly Pair[]
  isOn: IsOn
  /** Whether an alert of this camera stands. */
  isAlerting(): boolean
  health: CameraHealthOptions
  onLook(ms: number): void
  /** From this interval on a camera that is not pinned is looked at by single pictures. */
  rotateFromMs: number
  /** How long one picture may take. */
  visitMs: number
  /** What was counted of its pairs before. */
  hours: KeptHours
  /** Where frames come in that gateways push. */
  pushed?: PushedFrames | undefined
  /** Where a source that is followed leaves what clips are made from. */
  clips?: ClipTap | undefined
  backoff: Backoff
  log: Log
  now(): Instant
}

/** One camera: its frames become scenes, in order, until it is stopped. */
export class Watch {
  readonly #options: WatchOptions
  readonly #coverage: CameraCoverage
  readonly status: WatchStatus = { state: 'off', frames: 0, inferred: 0, gated: {}, dropped: {}, lastAt: null, error: null, modelRestarts: 0 }
  #config: CameraConfig | undefined
  #pairs: readonly Pair[] = []
  #looking: Looking | undefined
  readonly #health: CameraHealth
  #fault: 'model_dead' | 'source_lost' | undefined
  #stop: AbortController | undefined
  #running: Promise<void> = Promise.resolve()

  constructor(options: WatchOptions) {
    this.#options = options
    this.#health = new CameraHealth(options.health)
    this.#coverage = new CameraCoverage(options.camera, options.hours)
  }

  /** Takes a configuration. What does not concern source and model holds from the next frame on, and tracks go on; else the camera starts anew. */
  async set(config: CameraConfig): Promise<void> {
    const before = this.#config
    const [rotated, pace] = [this.#rotates(), this.#pace()]
    this.#config = config
    this.refresh()
    const goesOn = before && sourceOf(before) === sourceOf(config) && rotated === this.#rotates() && pace === this.#pace()
    if (!goesOn) await this.stop()
    this.#health.set(config)
    if (goesOn) return
    // At the start what the run before saw goes on.
    if (before) this.#options.recorder.forget()
    this.status.error = null
    this.#fault = undefined
    const stop = new AbortController()
    this.#stop = stop
    this.status.state = config.source && config.model !== null ? 'starting' : 'off'
    this.#running = this.#run(config, stop.signal)
  }

  /** The rules that it serves may have changed. */
  refresh(): void {
    const config = this.#config
    this.#pairs = config?.source && config.model !== null ? this.#options.pairsOf(config) : []
    this.#coverage.set(this.#pairs, this.#options.now())
  }

  /** Resolves when no frame is under way any more and no process is left. */
  async stop(): Promise<void> {
    this.#stop?.abort()
    await this.#running
    await this.#options.recorder.close()
    this.status.state = 'off'
  }

  /** Takes note of the time up to now. */
  note(now: Instant): void {
    this.#coverage.account(now, pairsOn(this.#pairs, now, this.#options.isOn), this.#cause())
  }

  /** Takes note of the time up to now; what rules must hear of it. */
  account(now: Instant): Blindness | undefined {
    this.note(now)
    const cause = this.#cause()
    // A file that is over was looked at to its end.
    return this.status.state === 'ended' ? undefined : this.#coverage.news(now, cause)
  }

  /** The camera is gone: what rules must hear if they were told that it is blind. */
  release(): Blindness[] {
    this.#pairs = []
    this.#coverage.set([], this.#options.now())
    const news = this.#coverage.news(this.#options.now(), 'stopped')
    return news ? [news] : []
  }

  /** A frame came while nobody listened: it starts, waits to be tried again, or has no model. */
  unheard(): void {
    const now = this.#options.now()
    this.status.frames++
    this.status.dropped.unheard = (this.status.dropped.unheard ?? 0) + 1
    this.#coverage.missed(now, pairsOn(this.#pairs, now, this.#options.isOn), 'dropped', 'unheard')
  }

  /** The hours of coverage that changed since they were last taken. */
  takeCoverage(now: Instant): CoverageHour[] {
    return this.#coverage.take(now)
  }

  /** What is to be remembered of its health, if there is something new. */
  takeHealth(now: Instant): KeptHealth | undefined {
    return this.#health.take(now)
  }

  #cause(): BlindCause {
    switch (this.status.state) {
      case 'running':
        return this.#looking?.cause ?? 'source_lost'
      case 'waiting':
      case 'failed':
      case 'starting':
        return this.#fault ?? 'source_lost'
      case 'off':
      case 'ended':
        return 'stopped'
    }
  }

  /** Frames a second: what its configuration says, or more where an algorithm must look more often. */
  #pace(): number {
    return Math.max(this.#config?.fps ?? 0, 1000 / everyOf(this.#pairs))
  }

  #rotates(): boolean {
    const { source, pinned } = this.#config ?? {}
    return source !== undefined && source !== null && !pinned && source.type !== 'file' && source.type !== 'gateway' && everyOf(this.#pairs) >= this.#options.rotateFromMs
  }

  async #run({ source, model }: CameraConfig, signal: AbortSignal): Promise<void> {
    if (!source || model === null) return
    const { backoff, sessions } = this.#options
    for (;;) {
      const before = this.status.inferred
      try {
        await sessions.use(model, (loaded) => (this.#rotates() ? this.#rotate(source, loaded, signal) : this.#stream(source, this.#pace(), loaded, signal)))
        if (!signal.aborted) this.status.state = 'ended'
        return
      } catch (error) {
        if (signal.aborted) return
        const told = this.status.inferred > before
        this.#failed(error, told && source.type === 'file' ? 'failed' : 'waiting')
        if (this.status.state === 'failed') return
        if (told) backoff.reset()
      }
      await wait(backoff.next(), undefined, { signal }).catch(() => undefined)
      if (signal.aborted) return
    }
  }

  #failed(error: unknown, state: 'failed' | 'waiting'): void {
    const code = error instanceof CodedError ? error.code : 'internal'
    this.#fault = code === 'model.invalid' || code === 'model.dead' ? 'model_dead' : 'source_lost'
    if (this.#fault === 'source_lost') this.#health.lost(this.#options.now())
    this.status.error = messageOf(error)
    this.status.state = state
    this.#options.log.warn({ camera: this.#options.camera, code, state }, this.status.error)
  }

  /** Looks at the frames of a source as they come. Frames go to the model while the scene of the one before is being recorded; scenes keep their order. */
  async #stream(source: CameraSource, fps: number, loaded: Loaded, signal: AbortSignal): Promise<void> {
    const live = isLive(source)
    const { use, floor } = (this.#config as CameraConfig).gate
    const gated = use === 'always' || (use === 'live' && live)
    const changedOnly = gated ? changedOnlyOf(source, fps, floor) : undefined
    const looking = this.#look(loaded, { live, gated, fps, frameMs: 1000 * (changedOnly?.everyS ?? 1 / fps), signal })
    const end = new AbortController()
    // A file is not told twice: it goes on where the run before was ended.
    const told = live ? null : await this.#options.recorder.pastAt()
    try {
      for await (const frame of openSource(source, { ...this.#needs(loaded, fps, looking), changedOnly, clips: this.#options.clips }, AbortSignal.any([signal, end.signal]))) {
        if (told !== null && frame.at <= told) continue
        this.#came(frame, loaded)
        await looking.take(frame)
        // A live source ends only when it is told to.
        if (looking.unusable) break
      }
    } finally {
      end.abort()
      await looking.close()
      this.#looking = undefined
    }
    if (looking.unusable) throw looking.unusable
  }

  /** Looks at single pictures when the rotation comes by. */
  async #rotate(source: CameraSource, loaded: Loaded, signal: AbortSignal): Promise<void> {
    const { rotation } = this.#options
    const everyMs = everyOf(this.#pairs)
    const looking = this.#look(loaded, { live: true, gated: false, fps: 1000 / everyMs, frameMs: everyMs, signal })
    const over = Promise.withResolvers<void>()
    const pairs = () => this.#pairs
    const stop: Stop = {
      get every() {
        return everyOf(pairs())
      },
      fetch: async () => {
        const frame = await this.#picture(source, loaded, looking, signal)
        return frame && (() => this.#visit(frame, looking, loaded, over.resolve))
      },
    }
    const abort = () => over.resolve()
    signal.addEventListener('abort', abort, { once: true })
    if (signal.aborted) abort()
    else rotation.add(stop)
    await over.promise
    signal.removeEventListener('abort', abort)
    await rotation.remove(stop)
    await looking.close()
    this.#looking = undefined
    if (looking.unusable && !signal.aborted) throw looking.unusable
  }

  async #visit(frame: Frame, looking: Looking, loaded: Loaded, unusable: () => void): Promise<void> {
    this.#came(frame, loaded)
    await looking.take(frame)
    await looking.settled()
    if (looking.unusable) unusable()
  }

  /** One picture; undefined when the camera gave none. */
  async #picture(source: CameraSource, loaded: Loaded, looking: Looking, signal: AbortSignal): Promise<Frame | undefined> {
    const { visitMs } = this.#options
    const enough = AbortSignal.timeout(visitMs)
    try {
      for await (const frame of openSource(source, this.#needs(loaded, 1, looking), AbortSignal.any([signal, enough]))) return frame
      throw new CodedError('source.failed', `no picture within ${visitMs / 1000} s`)
    } catch (error) {
      if (!signal.aborted) this.#failed(error, 'waiting')
      return undefined
    }
  }

  #needs(loaded: Loaded, fps: number, looking: Looking): SourceNeeds {
    const { camera, pushed, now } = this.#options
    const heldBack = (why: HeldBack, count: number): void => {
      this.#health.back(now())
      looking.heldBack(why, count)
    }
    const stillWidth = this.#config?.reader ? READER_STILL_WIDTH : undefined
    return { fps, input: loaded.file.manifest.input, now, stillWidth, camera, pushed, heldBack }
  }

  #look(loaded: Loaded, options: Omit<LookingOptions, 'loaded'>): Looking {
    const { camera, isOn, isAlerting, onLook, scheduler, recorder, log, now } = this.#options
    const sight: Sight = {
      ...{ camera, isOn, isAlerting, onLook, scheduler, recorder, log, now, coverage: this.#coverage, status: this.status },
      config: () => this.#config as CameraConfig,
      pairs: () => this.#pairs,
    }
    this.#looking = new Looking(sight, { loaded, ...options })
    return this.#looking
  }

  #came({ at, rgb, picture }: Frame, { file }: Loaded): void {
    this.status.state = 'running'
    this.status.error = null
    this.#fault = undefined
    this.#health.look(at, rgb, { input: file.manifest.input, picture })
  }
}
