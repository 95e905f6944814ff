import type { Socket } from 'node:net'
import { FROM_PREFIX } from '../domain/topics.ts'
import type { PlacedMessage } from './batch.ts'
import { packetSize } from './packet-cutter.ts'
import type { Throttle } from './throttle.ts'

/** Told of a message that was taken under this tag: without an error it is kept, with one it is not. */
export type Settled = (error: Error | undefined, tag: number) => void

export interface GatewayStreamOptions {
  gateway: string
  socket: Socket
  topicLevels: number
  throttle: Throttle
  /** Takes a message; its bytes are good until the call returns. */
  take: (message: PlacedMessage, settled: Settled, tag: number) => void
  /** So many messages came too fast. */
  throttled: (messages: number) => void
  /** Steady, in ms. */
  now: () => number
}

const NOTHING = Buffer.alloc(0)
const PUBLISH = 3
const SLASH = 47
const HASH = 35
const PLUS = 43
const PUBACK_BYTES = 4
/** Type and length of a PUBACK, before the id. */
const PUBACK = 0x40020000
const ID_RANGE = 65_536
/** Unacknowledged bytes of one gateway beyond which nothing more is read from its socket. */
const WINDOW_BYTES = 256 * 1024
const LETTER_F = 102

/**
 * The short way of what a gateway publishes. It goes to the journal and to nobody else, so the broker's packet objects,
 * queues and one write per acknowledgement would be for nothing: topic and payload are copied out of the stream, and
 * the acknowledgements of a commit go back in one write. Whatever is not a plain publish of its own (QoS 2, frames,
 * a forbidden topic, subscriptions, pings) stays in the stream for the broker.
 */
export class GatewayStream {
  readonly #options: GatewayStreamOptions
  readonly #prefix: Buffer
  readonly #message: PlacedMessage = { qos: 0, bytes: NOTHING, topicAt: 0, topicEnd: 0, payloadAt: 0, payloadEnd: 0 }
  #acks = Buffer.allocUnsafe(256 * PUBACK_BYTES)
  #ackEnd = 0
  #answering = false
  #unsettledBytes = 0
  #heldUntil = 0
  #waiting = false

  constructor(options: GatewayStreamOptions) {
    this.#options = options
    this.#prefix = Buffer.from(`${FROM_PREFIX}${options.gateway}/`)
    options.socket.on('drain', () => this.#readOn())
  }

  /** Whether the socket may be read now; if not, it says `readable` again when it may. */
  mayRead(): boolean {
    const { socket, now } = this.#options
    this.#waiting = this.#unsettledBytes >= WINDOW_BYTES || socket.writableNeedDrain || this.#heldUntil > now()
    return !this.#waiting
  }

  /** Takes what is its own out of whole packets; the rest is the broker's, and so is all that follows a publish of QoS 2, which nothing may overtake. */
  take(packets: Buffer): Buffer {
    const rest: Buffer[] = []
    let [taken, restAt] = [0, 0]
    for (let at = 0; at < packets.length; ) {
      const size = packetSize(packets, at)
      if (size === null || size === 'malformed') break
      const end = at + size.whole
      if (this.#takeOne(packets, at, at + size.header, end)) {
        if (restAt < at) rest.push(packets.subarray(restAt, at))
        restAt = end
        taken++
      } else if (isExactlyOnce(packets[at] ?? 0)) break
      at = end
    }
    if (taken === 0) return packets
    // A gateway that says nothing for an hour must not keep its last megabyte alive.
    this.#message.bytes = NOTHING
    this.#hold(taken)
    if (restAt < packets.length) rest.push(packets.subarray(restAt))
    return Buffer.concat(rest)
  }

  #takeOne(packets: Buffer, at: number, body: number, end: number): boolean {
    const first = packets[at] ?? 0
    const qos = (first >> 1) & 3
    if (first >> 4 !== PUBLISH || qos > 1 || body + 2 > end) return false
    const topicAt = body + 2
    const topicEnd = topicAt + packets.readUInt16BE(body)
    const payloadAt = topicEnd + 2 * qos
    if (payloadAt > end || !this.#mayTake(packets, topicAt, topicEnd)) return false
    const id = qos === 1 ? packets.readUInt16BE(topicEnd) : 0
    if (qos === 1 && id === 0) return false
    const bytes = end - at
    this.#unsettledBytes += bytes
    const message = this.#message
    message.qos = qos
    message.bytes = packets
    message.topicAt = topicAt
    message.topicEnd = topicEnd
    message.payloadAt = payloadAt
    message.payloadEnd = end
    this.#options.take(message, this.#settled, bytes * ID_RANGE + id)
    return true
  }

  /** Below its own name, no picture, and nothing that the broker would refuse. */
  #mayTake(bytes: Buffer, start: number, end: number): boolean {
    const prefix = this.#prefix
    const own = start + prefix.length
    if (end <= own || bytes[own] === LETTER_F) return false
    let levels = 1
    for (let i = start; i < end; i++) {
      const byte = bytes[i]
      if (i < own && byte !== prefix[i - start]) return false
      if (byte === SLASH) levels++
      else if (byte === HASH || byte === PLUS) return false
    }
    return levels <= this.#options.topicLevels
  }

  readonly #settled: Settled = (error, tag) => {
    const id = tag % ID_RANGE
    this.#unsettledBytes -= (tag - id) / ID_RANGE
    if (error) this.#options.socket.destroy()
    else if (id > 0) this.#acknowledge(id)
    if (this.#answering) return
    this.#answering = true
    // One commit settles many messages in one go; they are answered together after it.
    queueMicrotask(() => this.#answer())
  }

  #acknowledge(id: number): void {
    if (this.#ackEnd === this.#acks.length) this.#acks = Buffer.concat([this.#acks], 2 * this.#acks.length)
    this.#ackEnd = this.#acks.writeUInt32BE(PUBACK + id, this.#ackEnd)
  }

  #answer(): void {
    const { socket, now } = this.#options
    const wait = this.#heldUntil - now()
    if (wait > 0) {
      setTimeout(() => this.#answer(), wait).unref()
      return
    }
    this.#answering = false
    if (this.#ackEnd > 0 && !socket.destroyed) socket.write(Buffer.from(this.#acks.subarray(0, this.#ackEnd)))
    this.#ackEnd = 0
    this.#readOn()
  }

  /** The acknowledgement of what comes too fast waits, and with it whatever this gateway sends next; it is in the journal long before. */
  #hold(messages: number): void {
    const now = this.#options.now()
    const wait = this.#options.throttle.wait(now, messages)
    if (wait === 0) return
    this.#heldUntil = now + wait
    this.#options.throttled(messages)
  }

  #readOn(): void {
    if (this.#waiting && this.mayRead()) this.#options.socket.emit('readable')
  }
}

function isExactlyOnce(first: number): boolean {
  return first >> 4 === PUBLISH && ((first >> 1) & 3) === 2
}
