import { createHash } from 'node:crypto'
import { CodedError } from '../../domain/errors.ts'
import type { Mask } from '../../drivers/ffmpeg-clip.ts'

export interface CopiesOptions {
  /** Makes the blurred copy of a picture: a process of its own, some tenths of a second. */
  hide(jpeg: Uint8Array, mask: Mask): Promise<Uint8Array>
  /** Copies are kept up to so many bytes together. */
  maxBytes?: number
}

const MAX_BYTES = 64 * 1024 ** 2
/** So many may wait for a picture, and for an export, which takes much longer. */
const MOST_PICTURES = 16
const MOST_EXPORTS = 4

/**
 * Blurred pictures, each made once for all who look at it, and the exports. Blurring is work for a whole core, so pictures are
 * made one after another, and exports beside them; when too many wait, more are refused as `evidence.busy`.
 */
export class Copies {
  readonly #options: Required<CopiesOptions>
  readonly #pictures = new Turns(MOST_PICTURES)
  readonly #exports = new Turns(MOST_EXPORTS)
  /** The one that was asked for the longest ago first. */
  readonly #kept = new Map<string, Uint8Array>()
  readonly #making = new Map<string, Promise<Uint8Array>>()
  #bytes = 0

  constructor({ hide, maxBytes = MAX_BYTES }: CopiesOptions) {
    this.#options = { hide, maxBytes }
  }

  /** Throws `evidence.busy`, and `source.failed` when the picture cannot be read. */
  async picture(jpeg: Uint8Array, mask: Mask): Promise<Uint8Array> {
    const name = createHash('sha256').update(jpeg).update(mask.cells).digest('hex')
    const kept = this.#kept.get(name)
    return kept ? this.#keep(name, kept) : (this.#making.get(name) ?? this.#make(name, jpeg, mask))
  }

  /** Throws `evidence.busy`. */
  export<T>(work: () => Promise<T>): Promise<T> {
    return this.#exports.take(work)
  }

  #make(name: string, jpeg: Uint8Array, mask: Mask): Promise<Uint8Array> {
    const making = this.#pictures
      .take(() => this.#options.hide(jpeg, mask))
      .then((copy) => this.#keep(name, copy))
      .finally(() => this.#making.delete(name))
    this.#making.set(name, making)
    return making
  }

  #keep(name: string, copy: Uint8Array): Uint8Array {
    this.#forget(name)
    this.#kept.set(name, copy)
    this.#bytes += copy.length
    for (const oldest of this.#kept.keys()) {
      if (this.#bytes <= this.#options.maxBytes) break
      this.#forget(oldest)
    }
    return copy
  }

  #forget(name: string): void {
    this.#bytes -= this.#kept.get(name)?.length ?? 0
    this.#kept.delete(name)
  }
}

/** One after another, and no more than so many that wait. */
class Turns {
  readonly #most: number
  #last: Promise<unknown> = Promise.resolve()
  #count = 0

  constructor(most: number) {
    this.#most = most
  }

  async take<T>(work: () => Promise<T>): Promise<T> {
    // The one that is at work does not wait.
    if (this.#count > this.#most) throw new CodedError('evidence.busy')
    this.#count++
    const mine = this.#last.then(work, work)
    this.#last = mine.catch(() => undefined)
    try {
      return await mine
    } finally {
      this.#count--
    }
  }
}
