import { acceptFrame, type Frame } from './accept.ts'
import { FRAME, FRAME_NO_CAMERA, FRAME_NOT_JPEG, FRAME_TOO_MANY, PUBLISHED, type What } from './batch.ts'
import type { Settle } from './broker.ts'
import type { Settled } from './journal-line.ts'

export interface FrameIntakeOptions {
  /** Has a message judged by the journal's thread. */
  judge(message: { what: What; qos: number; topic: string; payload: Uint8Array }, settled: Settled): void
  /** Hands frames to the main thread, which answers with `taken`. */
  hand(frames: readonly Frame[]): void
  maxBytes?: number
}

interface Published {
  topic: string
  qos: number
  payload: Buffer
}

const MAX_BYTES = 64 * 1024 * 1024

/**
 * Frames do not go through the journal, but its thread knows whose the camera is and counts what became of them, with everything
 * else. Their bytes are bounded from the socket until the main thread has taken them: a flood of pictures that either thread is
 * too busy for is refused, so that it cannot fill the memory.
 */
export class FrameIntake {
  readonly #options: Required<FrameIntakeOptions>
  #cameras: ReadonlySet<string> = new Set()
  #bytes = 0
  #handed: Frame[] = []

  constructor({ maxBytes = MAX_BYTES, ...options }: FrameIntakeOptions) {
    this.#options = { maxBytes, ...options }
  }

  /** Cameras whose frames somebody takes from now on. */
  takeFrom(cameras: readonly string[]): void {
    this.#cameras = new Set(cameras)
  }

  receive(published: Published, settle: Settle): void {
    const frame = acceptFrame(published.topic, published.payload)
    if (frame === null) this.#options.judge({ what: PUBLISHED, ...published }, settle)
    else if ('code' in frame) this.#report(FRAME_NOT_JPEG, published, settle)
    else if (!this.#cameras.has(frame.camera)) this.#report(FRAME_NO_CAMERA, published, settle)
    else if (this.#bytes > this.#options.maxBytes) this.#report(FRAME_TOO_MANY, published, settle)
    else this.#enter(frame, published, settle)
  }

  /** The main thread is done with so many bytes of those that it was handed. */
  taken(bytes: number): void {
    this.#bytes -= bytes
  }

  #enter(frame: Frame, published: Published, settle: Settle): void {
    const { length } = frame.jpeg
    this.#bytes += length
    this.#report(FRAME, published, (error, _, at) => {
      // The picture is a view of the socket's buffer; what is handed over must be its own.
      if (at !== undefined) this.#hand({ ...frame, at, jpeg: Uint8Array.from(frame.jpeg) })
      else this.#bytes -= length
      settle(error)
    })
  }

  #report(what: What, { topic, qos, payload }: Published, settled: Settled): void {
    const size = new Uint8Array(4)
    new DataView(size.buffer).setUint32(0, payload.length)
    this.#options.judge({ what, qos, topic, payload: size }, settled)
  }

  /** Those that one commit lets through go together. */
  #hand(frame: Frame): void {
    if (this.#handed.push(frame) > 1) return
    queueMicrotask(() => {
      const frames = this.#handed
      this.#handed = []
      this.#options.hand(frames)
    })
  }
}
