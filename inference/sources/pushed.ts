import { setTimeout as wait } from 'node:timers/promises'
import { CodedError } from '../../domain/errors.ts'
import type { Instant } from '../../domain/time.ts'
import { readPicture, toStill } from '../picture.ts'
import { checkSize, type Frame, type SourceNeeds, STILL_EVERY_S, STILL_WIDTH, stallMs } from './frame.ts'

/** A picture as a gateway pushed it. */
export interface PushedFrame {
  at: Instant
  jpeg: Uint8Array
}

/** Hears of a camera's pushed frames. */
type Listener = (frame: PushedFrame) => void

/** Where frames that gateways push come in, and go to whoever looks through that camera now. */
export class PushedFrames {
  readonly #listeners = new Map<string, Map<Listener, 'counts' | 'looks'>>()
  /** Hears of each frame that no listener counts, so that it is in somebody's account. */
  unheard: (camera: string) => void = () => undefined

  push(camera: string, frame: PushedFrame): void {
    const listeners = this.#listeners.get(camera)
    for (const listener of listeners?.keys() ?? []) listener(frame)
    if (![...(listeners?.values() ?? [])].includes('counts')) this.unheard(camera)
  }

  /** The answer stops it. `how`: whether this listener keeps account of the frames, or only looks at them. */
  listen(camera: string, how: 'counts' | 'looks', listener: Listener): () => void {
    const listeners = this.#listeners.get(camera) ?? new Map<Listener, 'counts' | 'looks'>()
    this.#listeners.set(camera, listeners.set(listener, how))
    return () => {
      listeners.delete(listener)
      if (listeners.size === 0) this.#listeners.delete(camera)
    }
  }
}

/**
 * The frames of a camera that a gateway pushes: at most `fps` a second, the newest, in order of time; those that came too soon, too
 * late or twice are superseded. A picture that cannot be read is held back and hurts no other. Throws `source.failed` when none
 * came for a while.
 */
export async function* pushedFrames({ pushed, camera, ...needs }: SourceNeeds, signal: AbortSignal): AsyncGenerator<Frame, void, void> {
  if (!pushed || camera === undefined) throw new CodedError('source.failed', 'nothing takes frames from gateways here')
  const newest = new Newest(needs)
  const stop = pushed.listen(camera, 'counts', (frame) => newest.put(frame))
  let stillAt = Number.NEGATIVE_INFINITY
  try {
    for (;;) {
      const frame = await newest.next(stallMs(needs.fps), signal)
      if (!frame) return
      const withStill = frame.at - stillAt >= STILL_EVERY_S * 1000
      const read = await readable(frame, needs, withStill)
      if (!read) continue
      if (withStill) stillAt = frame.at
      yield read
    }
  } finally {
    stop()
    newest.end()
  }
}

async function readable({ at, jpeg }: PushedFrame, { input, heldBack, stillWidth = STILL_WIDTH }: SourceNeeds, withStill: boolean): Promise<Frame | undefined> {
  try {
    const [picture, still] = await Promise.all([readPicture(jpeg, input), withStill ? toStill(jpeg, stillWidth) : null])
    return { at, rgb: picture.rgb, picture: checkSize(picture.size), jpeg: still }
  } catch (error) {
    if (!(error instanceof CodedError)) throw error
    heldBack?.('unreadable', 1)
    return undefined
  }
}

/** The newest frame that was not taken yet, no sooner than the rate allows. */
class Newest {
  readonly #intervalMs: number
  readonly #heldBack: SourceNeeds['heldBack']
  #waiting: PushedFrame | undefined
  #lastAt = Number.NEGATIVE_INFINITY
  #came: (() => void) | undefined

  constructor({ fps, heldBack }: Pick<SourceNeeds, 'fps' | 'heldBack'>) {
    // A gateway that keeps the rate itself does so with the jitter of its clock.
    this.#intervalMs = (1000 / fps) * 0.9
    this.#heldBack = heldBack
  }

  put(frame: PushedFrame): void {
    if (frame.at < this.#lastAt + this.#intervalMs || frame.at <= (this.#waiting?.at ?? Number.NEGATIVE_INFINITY)) {
      this.#heldBack?.('superseded', 1)
      return
    }
    if (this.#waiting) this.#heldBack?.('superseded', 1)
    this.#waiting = frame
    this.#came?.()
  }

  /** Undefined when aborted. Throws `source.failed` after `withinMs` of silence. */
  async next(withinMs: number, signal: AbortSignal): Promise<PushedFrame | undefined> {
    const silence = new AbortController()
    const timer = wait(withinMs, 'silent' as const, { signal: AbortSignal.any([signal, silence.signal]) }).catch(() => 'stopped' as const)
    const came = new Promise<'came'>((resolve) => {
      this.#came = () => resolve('came')
      if (this.#waiting) resolve('came')
    })
    const outcome = await Promise.race([came, timer])
    this.#came = undefined
    silence.abort()
    if (outcome === 'silent') throw new CodedError('source.failed', `no frame from a gateway within ${withinMs / 1000} s`)
    if (signal.aborted) return undefined
    const frame = this.#waiting
    this.#waiting = undefined
    if (frame) this.#lastAt = frame.at
    return frame
  }

  end(): void {
    if (this.#waiting) this.#heldBack?.('superseded', 1)
    this.#waiting = undefined
  }
}
