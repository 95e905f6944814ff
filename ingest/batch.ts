import { Names } from '../store/journal/names.ts'

/**
 * Messages on their way from the broker's thread to the journal's: one buffer that is handed over, not copied, and
 * comes back with the answer to be filled again. Per message: what (1 byte), QoS (1), length of topic (2), length of
 * payload (4), topic, payload.
 */
const HEADER = 8
const names = new Names()
const FIRST_BYTES = 256 * 1024
/** What is longer means nothing, and is refused as well by its beginning: no sender decides how much is remembered of a topic. */
const MAX_TOPIC_BYTES = 256

/** What a message is: published as it stands, or a frame, of which only the size comes here: one to be judged, or one that is refused already. */
export const PUBLISHED = 0
export const FRAME = 1
export const FRAME_NOT_JPEG = 2
export const FRAME_NO_CAMERA = 3
export const FRAME_TOO_MANY = 4
export type What = typeof PUBLISHED | typeof FRAME | typeof FRAME_NOT_JPEG | typeof FRAME_NO_CAMERA | typeof FRAME_TOO_MANY

export interface BatchedMessage {
  what: What
  qos: number
  topic: string
  /** Of a frame: its size as four bytes. */
  payload: Uint8Array
}

/** A published message where it lies in a larger buffer. */
export interface PlacedMessage {
  qos: number
  bytes: Buffer
  topicAt: number
  topicEnd: number
  payloadAt: number
  payloadEnd: number
}

export class BatchWriter {
  #buffer: Buffer
  #end = 0
  count = 0

  constructor(buffer: ArrayBuffer = new ArrayBuffer(FIRST_BYTES)) {
    this.#buffer = Buffer.from(buffer)
  }

  get bytes(): number {
    return this.#end
  }

  add(what: What, qos: number, topic: string, payload: Uint8Array): void {
    this.#reserve(HEADER + MAX_TOPIC_BYTES + payload.length)
    const length = this.#buffer.write(topic, this.#end + HEADER, MAX_TOPIC_BYTES)
    this.#buffer.set(payload, this.#end + HEADER + length)
    this.#finish(what, qos, length, payload.length)
  }

  /** Adds what was published, straight from where it lies. */
  copy({ qos, bytes, topicAt, topicEnd, payloadAt, payloadEnd }: PlacedMessage): void {
    const [topic, payload] = [Math.min(topicEnd - topicAt, MAX_TOPIC_BYTES), payloadEnd - payloadAt]
    this.#reserve(HEADER + topic + payload)
    const start = this.#end + HEADER
    bytes.copy(this.#buffer, start, topicAt, topicAt + topic)
    bytes.copy(this.#buffer, start + topic, payloadAt, payloadEnd)
    this.#finish(PUBLISHED, qos, topic, payload)
  }

  /** Writes the header before topic and payload. */
  #finish(what: What, qos: number, topic: number, payload: number): void {
    const [buffer, start] = [this.#buffer, this.#end]
    buffer[start] = what
    buffer[start + 1] = qos
    buffer.writeUInt16LE(topic, start + 2)
    buffer.writeUInt32LE(payload, start + 4)
    this.#end = start + HEADER + topic + payload
    this.count++
  }

  /** The buffer to hand over; the writer is used up. */
  take(): { buffer: ArrayBuffer; bytes: number } {
    return { buffer: this.#buffer.buffer as ArrayBuffer, bytes: this.#end }
  }

  #reserve(bytes: number): void {
    if (this.#end + bytes <= this.#buffer.length) return
    const grown = Buffer.from(new ArrayBuffer(Math.max(this.#buffer.length * 2, this.#end + bytes)))
    grown.set(this.#buffer.subarray(0, this.#end))
    this.#buffer = grown
  }
}

/** Walks a batch; after each `next` its fields are the message. Payloads are views of the buffer: they are good until it is handed back. */
export class BatchReader implements BatchedMessage {
  readonly #buffer: Buffer
  #next = 0
  what: What = PUBLISHED
  qos = 0
  topic = ''
  payload: Uint8Array = new Uint8Array()

  constructor(buffer: ArrayBuffer, bytes: number) {
    this.#buffer = Buffer.from(buffer, 0, bytes)
  }

  /** Goes to the next message; false at the end. */
  next(): boolean {
    const buffer = this.#buffer
    const start = this.#next
    if (start >= buffer.length) return false
    const topicAt = start + HEADER
    const payloadAt = topicAt + buffer.readUInt16LE(start + 2)
    this.#next = payloadAt + buffer.readUInt32LE(start + 4)
    this.what = buffer[start] as What
    this.qos = buffer[start + 1] ?? 0
    this.topic = names.at(buffer, topicAt, payloadAt)
    this.payload = buffer.subarray(payloadAt, this.#next)
    return true
  }
}
