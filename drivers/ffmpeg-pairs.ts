export interface RawFrame {
  /** Position in the source: 0, 1, 2 …; its time is index ÷ fps. Where only changed frames come, it jumps over the others. */
  index: number
  /** width × height × 3 bytes, red first. */
  rgb: Uint8Array<ArrayBuffer>
  /** Size of the picture that it was made from, in pixels. */
  picture: { width: number; height: number }
  jpeg: Uint8Array | null
}

/** What ffmpeg tells of a picture before it writes it. */
export interface PictureInfo {
  /** True of the first after the filters began, or began anew because the source changed its size. */
  first: boolean
  /** In units of 1 ÷ fps. */
  pts: number
  width: number
  height: number
}

/** Waiting frames at which the pipe is closed for a while: one being handed over, one ready. */
const READY = 2
/** So many frames may pass before a still or a message that does not come is given up. */
const PATIENCE = 64

/**
 * Joins what one ffmpeg writes on three pipes: raw pictures, a JPEG of those that are `every` apart, and a message of each. The
 * pipes have no common order, and ffmpeg may write several raw pictures before the JPEG of the first: the raw pipe must stay open
 * while a JPEG is awaited, and closes (backpressure) only when the reader is behind.
 */
export class FramePairs {
  readonly #bytes: number
  readonly #every: number
  #rgb: Uint8Array<ArrayBuffer>
  #filled = 0
  #waiting: Uint8Array<ArrayBuffer>[] = []
  #infos: PictureInfo[] = []
  #stills: Uint8Array[] = []
  #stillsEnded = false
  #ended = false
  #origin: number | undefined
  #index = -1
  #stillPts = Number.NEGATIVE_INFINITY
  #size: RawFrame['picture'] | undefined
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
      this.#waiting.push(this.#rgb)
      this.#rgb = new Uint8Array(this.#bytes)
      this.#filled = 0
    }
    this.#changed()
  }

  still(jpeg: Uint8Array): void {
    this.#stills.push(jpeg)
    this.#changed()
  }

  info(info: PictureInfo): void {
    this.#infos.push(info)
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

  /** As ffmpeg's filter decides it. */
  #hasStill({ first, pts }: PictureInfo): boolean {
    return first || pts - this.#stillPts >= this.#every
  }

  #headReady(): boolean {
    const info = this.#infos[0]
    if (this.#waiting.length === 0 || !info) return false
    return !this.#hasStill(info) || this.#stills.length > 0 || this.#stillsEnded || this.#waiting.length > PATIENCE
  }

  #take(): RawFrame | undefined {
    if (!this.#headReady()) return undefined
    const [rgb, info] = [this.#waiting.shift(), this.#infos.shift()]
    if (!rgb || !info) return undefined
    const hasStill = this.#hasStill(info)
    if (hasStill) this.#stillPts = info.pts
    const still = hasStill ? (this.#stills.shift() ?? null) : null
    const { width, height } = info
    this.#origin ??= info.pts
    this.#index = Math.max(this.#index + 1, info.pts - this.#origin)
    this.#size ??= { width, height }
    // The encoder of the stills keeps the size that it began with and would cut off what is beyond it.
    const whole = this.#size.width === width && this.#size.height === height
    this.flow(this.#open())
    return { index: this.#index, rgb, picture: { width, height }, jpeg: whole ? still : null }
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

/** More than any camera's picture; what has no end marker for so long is no stream of JPEGs. */
const MAX_JPEG_BYTES = 32 * 1024 * 1024

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
      if (end < 0) break
      whole.push(this.#rest.subarray(0, end + END.length))
      this.#rest = this.#rest.subarray(end + END.length)
      from = 0
    }
    if (this.#rest.length > MAX_JPEG_BYTES) this.#rest = Buffer.alloc(0)
    return whole
  }
}
const END = Buffer.from([0xff, 0xd9])
