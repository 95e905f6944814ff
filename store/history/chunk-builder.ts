import type { Offset } from '../../domain/ids.ts'
import { effectiveAt, type Kind, type Observation } from '../../domain/observation.ts'
import { HOUR, type Instant } from '../../domain/time.ts'
import { type Chunk, decodeChunk } from './chunks.ts'

const FIRST_BYTES = 2048
/** More than this is not held between two flushes: who sent much once does not send much for ever. */
const KEPT_BYTES = 64 * 1024
/** Room for what stands before a payload: numbers of at most 16 digits, a gateway's id and marks. */
const HEAD_BYTES = 160
const CLOSE = Buffer.from(']')

/** What one device sent of one kind within one hour of the clock and is not on disk yet, as the text of its chunk. */
export class ChunkBuilder {
  readonly device: string
  readonly kind: Kind
  #hour = 0
  #fromAt: Instant = 0
  #toAt: Instant = 0
  #firstOffset: Offset = 0
  #lastOffset: Offset = 0
  #n = 0
  #body = Buffer.allocUnsafeSlow(FIRST_BYTES)
  #end = 0
  /** What a reader has asked for, decoded once: a backfill reads for every late observation. */
  #decoded: Observation[] | undefined

  constructor(device: string, kind: Kind) {
    this.device = device
    this.kind = kind
  }

  get empty(): boolean {
    return this.#n === 0
  }

  /** Whether an observation of this kind and hour has its place here. */
  takes(kind: Kind, hour: number): boolean {
    return kind === this.kind && (this.#n === 0 || hour === this.#hour)
  }

  /** Adds an observation; its payload is the JSON text from `start` to `end` of the source. Returns by how many bytes the chunk grew. */
  add(observation: Observation, source: Uint8Array, start: number, end: number): number {
    const { offset, receivedAt, gateway, at } = observation
    const time = effectiveAt(observation)
    const first = this.#n === 0
    if (first) {
      this.#hour = Math.floor(time / HOUR)
      this.#firstOffset = offset
    }
    this.#fromAt = first ? time : Math.min(this.#fromAt, time)
    this.#toAt = first ? time : Math.max(this.#toAt, time)
    this.#lastOffset = offset
    this.#n++
    const before = this.#end
    this.#reserve(HEAD_BYTES + end - start)
    this.#end += this.#body.write(`${first ? '' : ','}[${offset},${receivedAt},"${gateway}",${at},`, this.#end, 'latin1')
    this.#body.set(source.subarray(start, end), this.#end)
    this.#end += end - start
    this.#body.set(CLOSE, this.#end)
    this.#end++
    this.#decoded?.push(observation)
    return this.#end - before
  }

  /** The chunk as it is now; its body is good until the next `add`. */
  chunk(): Chunk {
    this.#reserve(1)
    this.#body.set(CLOSE, this.#end)
    return {
      device: this.device,
      kind: this.kind,
      fromAt: this.#fromAt,
      toAt: this.#toAt,
      firstOffset: this.#firstOffset,
      lastOffset: this.#lastOffset,
      n: this.#n,
      body: this.#body.subarray(0, this.#end + 1),
    }
  }

  /** The observations of the chunk as it is now, in no order. */
  observations(): readonly Observation[] {
    this.#decoded ??= decodeChunk(this.chunk())
    return this.#decoded
  }

  /** It is on disk: the next chunk begins, in the same memory. */
  clear(): void {
    this.#n = 0
    this.#end = 0
    this.#decoded = undefined
    if (this.#body.length > KEPT_BYTES) this.#body = Buffer.allocUnsafeSlow(FIRST_BYTES)
  }

  #reserve(bytes: number): void {
    if (this.#end === 0) this.#end = this.#body.write('[', 0, 'latin1')
    if (this.#end + bytes <= this.#body.length) return
    const grown = Buffer.allocUnsafeSlow(Math.max(2 * this.#body.length, this.#end + bytes))
    grown.set(this.#body.subarray(0, this.#end))
    this.#body = grown
  }
}
