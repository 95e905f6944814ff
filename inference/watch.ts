import { setTimeout as wait } from 'node:timers/promises'
import type { CameraConfig } from '../domain/camera.ts'
import { CodedError, messageOf } from '../domain/errors.ts'
import type { ClipTap } from '../domain/ports/clips.ts'
import type { StillWriter } from '../domain/ports/stills.ts'
import type { Instant } from '../domain/time.ts'
import type { Backoff } from './backoff.ts'
import type { Frame } from './frame.ts'
import { modelName } from './models/manifest.ts'
import { newest } from './newest.ts'
import { type Scene, sceneOf } from './scene.ts'
import type { Inferred } from './session.ts'
import type { Loaded, Sessions } from './sessions.ts'
import { isLive, openSource } from './source.ts'
import { Tracker } from './tracker.ts'

/** Takes log lines; pino's logger is one. */
export interface Log {
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
}

export interface WatchOptions {
  camera: string
  /** Names this run of the platform: prefix of track ids, `boot` of the scenes. */
  run: string
  sessions: Sessions
  /** Resolves when the scene is recorded. */
  emit(scene: Scene): Promise<void>
  stills?: StillWriter | undefined
  /** Where its source leaves what clips are made from. */
  clips?: ClipTap | undefined
  backoff: Backoff
  log: Log
  now(): Instant
}

/**
 * `off`: it has no source or no model. `waiting`: it failed and will be tried again. `ended`: its file is over.
 * `failed`: its file broke in the middle; it is not tried again, which would tell the same things twice.
 */
export type WatchState = 'off' | 'starting' | 'running' | 'waiting' | 'ended' | 'failed'
/** Why a frame was not looked at: a newer one came, its thread crashed or refused it, its scene was not recorded, the camera was stopped, the model is unusable. */
export type DropReason = 'superseded' | 'crashed' | 'failed' | 'not_recorded' | 'stopped' | 'model'

/** frames = inferred + gated + dropped, as soon as no frame is under way. */
export interface WatchStatus {
  state: WatchState
  frames: number
  inferred: number
  gated: Record<string, number>
  dropped: Partial<Record<DropReason, number>>
  /** Event time of the newest recorded scene. */
  lastAt: Instant | null
  error: string | null
  /** Times that the model's thread was lost, for all its cameras. */
  modelRestarts: number
}

/** A track that is not seen for this long is over; three intervals for a camera that looks rarely. */
const TRACK_MS = 10_000

/** One camera: its frames become scenes, in order, until it is stopped. */
export class Watch {
  readonly #options: WatchOptions
  readonly #tracker: Tracker
  readonly status: WatchStatus = { state: 'off', frames: 0, inferred: 0, gated: {}, dropped: {}, lastAt: null, error: null, modelRestarts: 0 }
  #config: CameraConfig | undefined
  #seq = 0
  #stop: AbortController | undefined
  #running: Promise<void> = Promise.resolve()

  constructor(options: WatchOptions) {
    this.#options = options
    this.#tracker = new Tracker(options.run)
  }

  /** Takes a configuration. Other zones or another keepScore hold from the next frame on, and tracks go on; else the camera starts anew. */
  async set(config: CameraConfig): Promise<void> {
    const before = this.#config
    this.#config = config
    if (before && JSON.stringify([before.source, before.model, before.fps]) === JSON.stringify([config.source, config.model, config.fps])) return
    await this.stop()
    this.#tracker.forget()
    this.status.error = null
    const stop = new AbortController()
    this.#stop = stop
    this.status.state = config.source && config.model !== null ? 'starting' : 'off'
    this.#running = this.#run(config, stop.signal)
  }

  /** Resolves when no frame is under way any more and no process is left. */
  async stop(): Promise<void> {
    this.#stop?.abort()
    await this.#running
    this.status.state = 'off'
  }

  async #run({ source, model, fps }: CameraConfig, signal: AbortSignal): Promise<void> {
    if (!source || model === null) return
    const { backoff, sessions, camera, log } = this.#options
    for (;;) {
      const before = this.status.inferred
      try {
        await sessions.use(model, (loaded) => this.#look(source, fps, loaded, signal))
        if (!signal.aborted) this.status.state = 'ended'
        return
      } catch (error) {
        if (signal.aborted) return
        const told = this.status.inferred > before
        this.status.error = messageOf(error)
        this.status.state = told && source.type === 'file' ? 'failed' : 'waiting'
        log.warn({ camera, code: error instanceof CodedError ? error.code : 'internal', state: this.status.state }, this.status.error)
        if (this.status.state === 'failed') return
        if (told) backoff.reset()
      }
      await wait(backoff.next(), undefined, { signal }).catch(() => undefined)
      if (signal.aborted) return
    }
  }

  /** Frames go to the model while the scene of the one before is being recorded; scenes keep their order. */
  async #look(source: NonNullable<CameraConfig['source']>, fps: number, loaded: Loaded, signal: AbortSignal): Promise<void> {
    const end = new AbortController()
    const opened = openSource(source, { fps, input: loaded.file.manifest.input, clips: this.#options.clips, now: this.#options.now }, AbortSignal.any([signal, end.signal]))
    const live = isLive(source)
    const counted = this.#count(opened)
    const frames = live ? newest(counted, () => this.#drop(signal.aborted ? 'stopped' : 'superseded')) : counted
    let settling: Promise<void> = Promise.resolve()
    let unusable: CodedError | undefined
    try {
      for await (const frame of frames) {
        const before = settling
        const inferred = loaded.session.infer(frame.rgb, frame.picture, this.#config?.keepScore ?? 1)
        settling = this.#settle(frame, inferred, before, loaded).catch((error: CodedError) => {
          unusable = error
        })
        await (live ? settling : before)
        if (!unusable) continue
        // A live source ends only when it is told to.
        end.abort()
        break
      }
    } finally {
      end.abort()
      await settling
    }
    if (unusable) throw unusable
  }

  async *#count(frames: AsyncIterable<Frame>): AsyncGenerator<Frame, void, void> {
    for await (const frame of frames) {
      this.status.frames++
      this.status.state = 'running'
      this.status.error = null
      yield frame
    }
  }

  /** Throws only `model.invalid`. */
  async #settle(frame: Frame, inferring: Promise<Inferred>, before: Promise<void>, loaded: Loaded): Promise<void> {
    const [inferred] = await Promise.all([inferring.catch((error: CodedError) => error), before])
    this.status.modelRestarts = loaded.session.restarts
    if (inferred instanceof CodedError) {
      this.#drop('model')
      throw inferred
    }
    if ('lost' in inferred) {
      this.#drop(inferred.lost)
      this.#options.log.warn({ camera: this.#options.camera, reason: inferred.lost }, inferred.why)
      return
    }
    await this.#record(frame, inferred, loaded)
  }

  async #record(frame: Frame, { detections }: Extract<Inferred, { detections: unknown }>, { file: { manifest } }: Loaded): Promise<void> {
    const { camera, run, emit, log } = this.#options
    const { zones, fps } = this.#config as CameraConfig
    const tracks = this.#tracker.update(frame.at, detections, { strong: manifest.score, maxAgeMs: Math.max(TRACK_MS, 3000 / fps) })
    const scene = sceneOf({ camera, at: frame.at, model: modelName(manifest), seq: this.#seq++, boot: run }, detections, tracks, zones)
    try {
      // First the picture, then the scene: whoever hears of the scene finds its evidence.
      if (frame.jpeg) await this.#keepStill(frame.at, frame.jpeg)
      await emit(scene)
      this.status.inferred++
      this.status.lastAt = frame.at
    } catch (error) {
      this.#drop('not_recorded')
      this.status.error = messageOf(error)
      log.warn({ camera }, `scene not recorded: ${messageOf(error)}`)
    }
  }

  async #keepStill(at: Instant, jpeg: Uint8Array): Promise<void> {
    const { camera, stills, log } = this.#options
    try {
      await stills?.put(camera, at, jpeg)
    } catch (error) {
      // An alert without a picture is better than no alert.
      log.warn({ camera }, `still not kept: ${messageOf(error)}`)
    }
  }

  #drop(reason: DropReason): void {
    this.status.dropped[reason] = (this.status.dropped[reason] ?? 0) + 1
  }
}
