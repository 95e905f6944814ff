export interface RawFrame {
  /** Position in the source: 0, 1, 2 …; its time is index ÷ fps. */
  index: number
  /** width × height × 3 bytes, red first. */
  rgb: Uint8Array<ArrayBuffer>
  /** Size of the picture that it was made from, in pixels. */
  picture: { width: number; height: number }
  jpeg: Uint8Array | null
}

/** Waiting frames at which the pipe is closed for a while: one being handed over, one ready. */
const READY = 2
/** So many frames may pass before a still that does not come is given up. */
const PATIENCE = 64

/**
 * Joins what one ffmpeg writes on two pipes: raw pictures, and a JPEG for every so many of them. The pipes have no common
 * order, and ffmpeg may write several raw pictures before the JPEG of the first: the raw pipe must stay open while a
 * JPEG is awaited, and closes (backpressure) only when the reader is behind.
 */
export class FramePairs {
  readonly #bytes: number
  readonly #every: number
  #rgb: Uint8Array<ArrayBuffer>
  #filled = 0
  #index = 0
  #waiting: { index: number; rgb: Uint8Array<ArrayBuffer> }[] = []
  #stills: Uint8Array[] = []
  #stillsEnded = false
  #ended = false
  #picture: RawFrame['picture'] | undefined
  #wake: (() => void) | undefined
  /** Opens and closes the raw pipe. */
  flow: (open: boolean) => void = () => undefined

  constructor(bytes: number, every: number) {
    this.#bytes = bytes
    this.#every = every
    this.#rgb = new Uint8Array(bytes)
  }

  raw(chunk: Uint8Array): void {
    for (let offset = 0; offset < chunk.length; ) {
      const part = chunk.subarray(offset, offset + this.#bytes - this.#filled)
      this.#rgb.set(part, this.#filled)
      this.#filled += part.length
      offset += part.length
      if (this.#filled < this.#bytes) break
      this.#waiting.push({ index: this.#index++, rgb: this.#rgb })
      this.#rgb = new Uint8Array(this.#bytes)
      this.#filled = 0
    }
    this.#changed()
  }

  still(jpeg: Uint8Array): void {
    this.#stills.push(jpeg)
    this.#changed()
  }

  size(width: number, height: number): void {
    this.#picture = { width, height }
    this.#changed()
  }

  stillsEnd(): void {
    this.#stillsEnded = true
    this.#changed()
  }

  /** The process is gone: what waits is still handed out, nothing else comes. */
  end(): void {
    this.#ended = true
    this.#stillsEnded = true
    this.#changed()
  }

  /** The next frame, undefined after the last. One caller at a time. */
  async next(): Promise<RawFrame | undefined> {
    for (;;) {
      const frame = this.#take()
      if (frame) return frame
      if (this.#ended) return undefined
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }

  #headReady(): boolean {
    const head = this.#waiting[0]
    if (!head || !this.#picture) return false
    return head.index % this.#every !== 0 || this.#stills.length > 0 || this.#stillsEnded || this.#waiting.length > PATIENCE
  }

  #take(): RawFrame | undefined {
    if (!this.#headReady() || !this.#picture) return undefined
    const head = this.#waiting.shift()
    if (!head) return undefined
    const jpeg = head.index % this.#every === 0 ? (this.#stills.shift() ?? null) : null
    this.flow(this.#open())
    return { ...head, picture: this.#picture, jpeg }
  }

  #open(): boolean {
    return this.#waiting.length < READY || !this.#headReady()
  }

  #changed(): void {
    this.flow(this.#open())
    if (!this.#headReady() && !this.#ended) return
    this.#wake?.()
    this.#wake = undefined
  }
}

/** Cuts a stream of JPEGs apart. ffmpeg's own encoder writes no thumbnails, so the first end marker is the end. */
export class JpegSplitter {
  #rest: Buffer = Buffer.alloc(0)

  push(chunk: Buffer): Buffer[] {
    const whole: Buffer[] = []
    // The end marker may be cut in two by the pipe: look again at the last byte.
    let from = Math.max(0, this.#rest.length - 1)
    this.#rest = this.#rest.length > 0 ? Buffer.concat([this.#rest, chunk]) : chunk
    for (;;) {
      const end = this.#rest.indexOf(END, from)
      if (end < 0) return whole
      whole.push(this.#rest.subarray(0, end + END.length))
      this.#rest = this.#rest.subarray(end + END.length)
      from = 0
    }
  }
}
const END = Buffer.from([0xff, 0xd9])
