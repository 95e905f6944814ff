import { setTimeout as wait } from 'node:timers/promises'
import type { CameraSource } from '../domain/camera.ts'
import { CodedError, messageOf } from '../domain/errors.ts'
import type { Instant } from '../domain/time.ts'
import { Backoff } from './sources/backoff.ts'
import { type LivePicture, openPictures } from './sources/pictures.ts'
import type { PushedFrames } from './sources/pushed.ts'

export interface LiveOptions {
  /** Where a camera's pictures come from; null when it has none. */
  sourceOf(camera: string): CameraSource | null
  pushed: PushedFrames
  /** Cameras that are read for viewers at one time: each costs a process that decodes and encodes. */
  most?: number
  log: { warn(fields: object, message: string): void }
  now(): Instant
}

/** Somebody who looks: is shown each picture, and told when there are no more. */
export interface LiveViewer {
  show(picture: LivePicture): void
  end(): void
}

const FPS = 5
const MAX_WIDTH = 1280
const MOST = 16

interface Stream {
  viewers: Set<LiveViewer>
  stop: AbortController
  newest: LivePicture | undefined
}

/**
 * Cameras as people look through them: one reading of each, however many look, from the first that comes to the last that goes. It is
 * apart from what models look at, so that neither waits for the other.
 */
export class LiveViews {
  readonly #options: LiveOptions
  readonly #streams = new Map<string, Stream>()
  readonly #running = new Set<Promise<void>>()

  constructor(options: LiveOptions) {
    this.#options = options
  }

  /** Whether this camera can be looked through, now that others are. */
  readonly has = (camera: string): boolean => this.#options.sourceOf(camera) !== null && (this.#streams.has(camera) || this.#hasRoom())

  /** Lets somebody look; the answer stops it. Throws `not_found` without a source and `feed.full` when too many cameras are looked through. */
  readonly watch = (camera: string, viewer: LiveViewer): (() => void) => {
    const stream = this.#streams.get(camera) ?? this.#open(camera)
    stream.viewers.add(viewer)
    if (stream.newest) viewer.show(stream.newest)
    return () => {
      stream.viewers.delete(viewer)
      if (stream.viewers.size > 0 || this.#streams.get(camera) !== stream) return
      this.#streams.delete(camera)
      stream.stop.abort()
    }
  }

  /** The camera's source became another one: whoever looks comes again by themselves. */
  changed(camera: string): void {
    const stream = this.#streams.get(camera)
    this.#streams.delete(camera)
    stream?.stop.abort()
    for (const viewer of stream?.viewers ?? []) viewer.end()
  }

  /** Resolves when no process is left. */
  async close(): Promise<void> {
    for (const camera of [...this.#streams.keys()]) this.changed(camera)
    await Promise.all(this.#running)
  }

  #hasRoom(): boolean {
    return this.#streams.size < (this.#options.most ?? MOST)
  }

  #open(camera: string): Stream {
    const source = this.#options.sourceOf(camera)
    if (!source) throw new CodedError('not_found', 'This camera has no source to look through.')
    if (!this.#hasRoom()) throw new CodedError('feed.full')
    const stream: Stream = { viewers: new Set(), stop: new AbortController(), newest: undefined }
    this.#streams.set(camera, stream)
    const running = this.#read(camera, source, stream).finally(() => this.#running.delete(running))
    this.#running.add(running)
    return stream
  }

  async #read(camera: string, source: CameraSource, stream: Stream): Promise<void> {
    const { pushed, log, now } = this.#options
    const { signal } = stream.stop
    const backoff = new Backoff()
    while (!signal.aborted) {
      try {
        for await (const picture of openPictures(source, { fps: FPS, maxWidth: MAX_WIDTH, now, pushed, camera }, signal)) {
          stream.newest = picture
          for (const viewer of stream.viewers) viewer.show(picture)
          backoff.reset()
        }
      } catch (error) {
        log.warn({ camera, why: messageOf(error) }, 'the live view has no pictures')
      }
      // A file that is over is shown again; a camera that failed is tried again.
      await wait(backoff.next(), undefined, { signal }).catch(() => undefined)
    }
  }
}
