import type { CameraConfig } from '../domain/camera.ts'
import type { BlindCause } from '../domain/coverage.ts'
import { CodedError, messageOf } from '../domain/errors.ts'
import type { Instant } from '../domain/time.ts'
import { placePicture, type Size } from './letterbox.ts'
import type { Log } from './log.ts'
import type { Recorder } from './recorder.ts'
import type { Scene } from './scene.ts'
import type { CameraCoverage } from './schedule/camera-coverage.ts'
import { Gate } from './schedule/gate.ts'
import { type Luma, lumaSampler } from './schedule/luma.ts'
import { everyOf, type IsOn, type Pair, pairsOn, weightOf, zonesOf } from './schedule/pair.ts'
import type { Desk, Scheduler } from './schedule/scheduler.ts'
import type { Inferred } from './session.ts'
import type { Loaded } from './sessions.ts'
import type { Frame, HeldBack } from './sources/frame.ts'
import { CAUSE_OF, type DropReason, type GateReason, type WatchStatus } from './status.ts'
import type { Appearance } from './tracking/appearance.ts'

/** What a camera shares with its next look through another source or model. */
export interface Sight {
  camera: string
  config(): CameraConfig
  pairs(): readonly Pair[]
  /** An alert of this camera stands. */
  isAlerting(): boolean
  /** Told how long a frame took from its arrival to the recorded scene, ms. */
  onLook(ms: number): void
  isOn: IsOn
  scheduler: Scheduler
  recorder: Recorder
  coverage: CameraCoverage
  status: WatchStatus
  log: Log
  now(): Instant
}

export interface LookingOptions {
  loaded: Loaded
  /** Frames do not wait: what is not looked at in time is dropped. */
  live: boolean
  /** The gate is asked. */
  gated: boolean
  fps: number
  /** Frames come no farther apart than this, ms. */
  frameMs: number
  /** The camera is stopped: what waits is dropped, and nobody waits for a model that does not answer. */
  signal: AbortSignal
}

/** A track that is not seen for this long is over; three intervals for a camera that looks rarely. */
const TRACK_MS = 10_000
/** A source of which nothing comes for so long, or for two frames, gives no pictures. */
const SILENT_MS = 2000

interface Waiting {
  frame: Frame
  /** When it came, by the process's own clock. */
  came: number
  /** What had kept the camera from being looked at until then. */
  cause: BlindCause | undefined
  on: readonly Pair[]
}

/** One camera looking with one model: frame → gate → its turn → boxes → scene, each frame counted once for what became of it. */
export class Looking implements Desk {
  readonly #sight: Sight
  readonly #options: LookingOptions
  readonly #gate: Gate
  readonly #leave: () => void
  readonly #stopped = () => this.#dropWaiting('stopped')
  #sampler: { picture: Size; luma: (rgb: Uint8Array) => Luma } | undefined
  #waiting: Waiting | undefined
  #underWay = 0
  #settling: Promise<void> = Promise.resolve()
  #changed: (() => void)[] = []
  /** Wall clock of the last look, event time of the last frame that was looked at, and whether something stood in a zone then. */
  #last: Instant
  #lastAt: Instant | undefined
  #occupied = false
  /** When the last frame came, by the wall clock. */
  #cameAt: Instant
  /** Why its last frames were not looked at. */
  #missed: BlindCause | undefined
  /** The model cannot be used. */
  unusable: CodedError | undefined

  constructor(sight: Sight, options: LookingOptions) {
    this.#sight = sight
    this.#options = options
    this.#gate = new Gate(sight.config().gate)
    this.#last = sight.now()
    this.#cameAt = this.#last
    const { session } = options.loaded
    this.#leave = sight.scheduler.join(session, () => session.slots)
    options.signal.addEventListener('abort', this.#stopped, { once: true })
  }

  get last(): number {
    return this.#last
  }

  get every(): number {
    return everyOf(this.#waiting?.on ?? this.#sight.pairs())
  }

  get weight(): number {
    return weightOf(this.#waiting?.on ?? [], this.#sight.isAlerting())
  }

  /** What keeps it from looking, as far as frames come. */
  get cause(): BlindCause | undefined {
    const { session } = this.#options.loaded
    if (session.dead) return 'model_dead'
    if (session.down) return 'model_crashed'
    const silent = this.#sight.now() - this.#cameAt > Math.max(SILENT_MS, 2000 / this.#options.fps)
    if (silent && this.#missed !== 'model_crashed' && !this.#waiting && this.#underWay === 0) return 'source_lost'
    return this.#waiting || this.#missed === 'no_budget' ? 'no_budget' : this.#missed
  }

  /** Takes a frame. Resolves at once, but for a source that waits: then when there is room for the next. */
  async take(frame: Frame): Promise<void> {
    const { status, pairs, isOn, now } = this.#sight
    status.frames++
    const { cause } = this
    this.#cameAt = now()
    const on = pairsOn(pairs(), frame.at, isOn)
    const kept = this.#gateReason(frame, on)
    if (kept) return this.#keepBack(kept, on)
    if (this.#options.signal.aborted) return this.#drop('stopped', on)
    if (this.#waiting) this.#drop('superseded', this.#waiting.on)
    this.#waiting = { frame, on, came: now(), cause }
    this.#ask()
    if (!this.#options.live) await this.#until(() => this.#waiting === undefined && this.#underWay < this.#most)
  }

  /** Pictures that the source had and gave no frame of are frames too. */
  heldBack(why: HeldBack, count: number): void {
    const { status, pairs, isOn, now } = this.#sight
    const on = pairsOn(pairs(), now(), isOn)
    status.frames += count
    this.#cameAt = now()
    for (let one = 0; one < count; one++) {
      if (why === 'unchanged') this.#keepBack(why, on)
      else this.#drop(why, on)
    }
  }

  /** Its turn has come. Resolves when the model is free again. */
  async look(): Promise<void> {
    const waiting = this.#waiting
    if (!waiting) return
    this.#waiting = undefined
    this.#underWay++
    const { frame } = waiting
    const { recorder, config } = this.#sight
    const { loaded, signal } = this.#options
    const glance = recorder.glance(frame, loaded.file.manifest.input, config().zones)
    const inferring = loaded.session.infer(frame.rgb, frame.picture, config().keepScore, signal)
    this.#settling = this.#settle({ ...waiting, glance }, inferring, this.#settling)
    this.#tell()
    await inferring.catch(() => undefined)
  }

  /** Resolves when no frame waits or is under way any more; after a stop none waits. */
  async close(): Promise<void> {
    await this.settled()
    this.#options.signal.removeEventListener('abort', this.#stopped)
    this.#leave()
  }

  /** Resolves when no frame waits or is under way. */
  settled(): Promise<void> {
    return this.#until(() => this.#waiting === undefined && this.#underWay === 0)
  }

  #gateReason(frame: Frame, on: readonly Pair[]): GateReason | undefined {
    if (on.length === 0) return 'off_schedule'
    if (!this.#options.gated) return undefined
    const { gate, zones } = this.#sight.config()
    const everyMs = gate.everyS === null ? everyOf(on) : gate.everyS * 1000
    const standing = {
      zones: zonesOf(on),
      occupied: this.#occupied,
      holdMs: on.reduce((most, { holdMs }) => Math.max(most, holdMs), 0),
      sinceLookMs: this.#lastAt === undefined ? Infinity : frame.at - this.#lastAt,
      frameMs: this.#options.frameMs,
      everyMs,
    }
    return this.#gate.judge(frame.at, this.#luma(frame), zones, standing) === null ? 'still' : undefined
  }

  #luma({ rgb, picture }: Frame): Luma {
    const known = this.#sampler
    if (known && known.picture.width === picture.width && known.picture.height === picture.height) return known.luma(rgb)
    const { input } = this.#options.loaded.file.manifest
    const luma = lumaSampler(input.width, placePicture(input.fit, picture, input))
    this.#sampler = { picture, luma }
    return luma(rgb)
  }

  /** Of a source that waits one more may be on its way into the journal. */
  get #most(): number {
    return this.#options.live ? 1 : this.#options.loaded.session.slots + 1
  }

  #ask(): void {
    const { loaded } = this.#options
    // A live camera's next frame is the newest when the last scene is recorded, not the one that came in between.
    if (this.#waiting && this.#underWay < this.#most) this.#sight.scheduler.want(this, loaded.session)
  }

  async #settle(waiting: Waiting & { glance: Appearance | null }, inferring: Promise<Inferred>, before: Promise<void>): Promise<void> {
    const [inferred] = await Promise.all([inferring.catch((error: CodedError) => error), before])
    this.#sight.status.modelRestarts = this.#options.loaded.session.restarts
    if (inferred instanceof CodedError) this.#refused(inferred, waiting)
    else if ('lost' in inferred) {
      this.#drop(inferred.lost, waiting.on)
      this.#sight.log.warn({ camera: this.#sight.camera, reason: inferred.lost }, inferred.why)
    } else await this.#record(waiting, inferred)
    this.#underWay--
    this.#ask()
    this.#tell()
  }

  #refused(error: CodedError, { on }: Waiting): void {
    this.unusable = error
    this.#drop('model', on)
    this.#dropWaiting('model')
  }

  async #record({ frame, glance, on, came, cause }: Waiting & { glance: Appearance | null }, { detections }: Extract<Inferred, { detections: unknown }>): Promise<void> {
    const { camera, config, recorder, status, coverage, now, log } = this.#sight
    const { loaded, signal } = this.#options
    const { manifest } = loaded.file
    // What a dead model does not see may be there all the same: a scene would end what goes on.
    if (loaded.session.dead) return this.#drop('model', on)
    try {
      const { zones, calibration, reader } = config()
      const scene = await recorder.record(frame, { detections, glance, manifest, zones, calibration, reader, maxAgeMs: this.#trackMs(frame.at), signal })
      this.#sight.onLook(now() - came)
      coverage.inferred(now(), on, this.#missed === 'no_budget' ? 'no_budget' : (cause ?? 'gated'))
      status.inferred++
      status.lastAt = frame.at
      this.#missed = undefined
      this.#last = now()
      this.#lastAt = frame.at
      this.#occupied = isOccupied(scene, manifest.score, zonesOf(on))
    } catch (error) {
      this.#drop('not_recorded', on)
      status.error = messageOf(error)
      log.warn({ camera }, `scene not recorded: ${messageOf(error)}`)
    }
  }

  /** What stood at the last look is still the same thing at the next, however long the gate or the budget let it wait. */
  #trackMs(at: Instant): number {
    const gap = this.#lastAt === undefined ? 0 : Math.max(0, at - this.#lastAt)
    return Math.max(TRACK_MS, 3000 / this.#options.fps) + Math.min(gap, 3 * this.every)
  }

  #keepBack(reason: GateReason, on: readonly Pair[]): void {
    const { status, coverage, now } = this.#sight
    status.gated[reason] = (status.gated[reason] ?? 0) + 1
    coverage.missed(now(), on, 'gated', reason)
    if (reason !== 'off_schedule' && !this.#waiting) this.#missed ??= 'gated'
  }

  #drop(reason: DropReason, on: readonly Pair[]): void {
    const { status, coverage, now } = this.#sight
    status.dropped[reason] = (status.dropped[reason] ?? 0) + 1
    coverage.missed(now(), on, 'dropped', reason)
    this.#missed = CAUSE_OF[reason]
  }

  #dropWaiting(reason: DropReason): void {
    const waiting = this.#waiting
    this.#waiting = undefined
    this.#sight.scheduler.unwant(this)
    if (waiting) this.#drop(reason, waiting.on)
    this.#tell()
  }

  async #until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise<void>((resolve) => this.#changed.push(resolve))
  }

  #tell(): void {
    for (const resolve of this.#changed.splice(0)) resolve()
  }
}

/** Whether the model means something that stands in a zone that counts. */
function isOccupied({ payload }: Scene, strong: number, zones: readonly string[] | null): boolean {
  return payload.objects.some((object) => object.score >= strong && (zones === null || object.zones?.some((zone) => zones.includes(zone))))
}
