const NOTHING = Buffer.alloc(0)

/** Where a packet's body begins, counted from its first byte, and how long the whole packet is. */
export interface PacketSize {
  header: number
  whole: number
}

export type StreamFault = 'packet_too_large' | 'protocol'

/** The size of the packet that begins at `at`: null while its header is not all there, `malformed` when its length takes more than four bytes. */
export function packetSize(stream: Uint8Array, at: number): PacketSize | 'malformed' | null {
  let length = 0
  for (let place = 1; place <= 4; place++) {
    const byte = stream[at + place]
    if (byte === undefined) return null
    length += (byte & 0x7f) * 128 ** (place - 1)
    if (byte < 0x80) return { header: place + 1, whole: place + 1 + length }
  }
  return 'malformed'
}

/** Types of packets that a client may send, a bit each (MQTT 3.1.1, table 2.1). */
const FROM_CLIENTS = [1, 3, 4, 5, 6, 7, 8, 10, 12, 14].reduce((bits, type) => bits | (1 << type), 0)

/**
 * Cuts an MQTT stream into whole packets, and says stop as soon as a header announces more than the limit: the parser
 * would otherwise collect up to 256 MB for a stranger before anybody could object. It also stops at what only a server
 * sends, which the broker would end without a word. A length of more than four bytes is left to the parser, which refuses it.
 */
export class PacketCutter {
  readonly #limit: number
  /** The beginning of a packet, copied: many small pieces, or a few bytes of a large one, must not keep the socket's buffers alive. */
  #held = NOTHING
  #end = 0
  /** Bytes that must be there before it is worth looking again. */
  #needed = 0

  constructor(limit: number) {
    this.#limit = limit
  }

  /** The packets that are whole now, back to back; or why the stream must not be read any further. */
  cut(chunk: Buffer): Buffer | StreamFault {
    if (this.#end === 0) return this.#cut(chunk)
    this.#hold(chunk)
    if (this.#end < this.#needed) return NOTHING
    const stream = this.#held.subarray(0, this.#end)
    this.#held = NOTHING
    this.#end = 0
    return this.#cut(stream)
  }

  #cut(stream: Buffer): Buffer | StreamFault {
    for (let at = 0; ; ) {
      if (at < stream.length && ((FROM_CLIENTS >> ((stream[at] ?? 0) >> 4)) & 1) === 0) return 'protocol'
      const size = packetSize(stream, at)
      if (size === 'malformed') return stream
      if (size !== null && size.whole - size.header > this.#limit) return 'packet_too_large'
      if (size !== null && at + size.whole <= stream.length) {
        at += size.whole
        continue
      }
      if (at < stream.length) this.#hold(stream.subarray(at))
      this.#needed = size?.whole ?? 0
      return stream.subarray(0, at)
    }
  }

  #hold(more: Buffer): void {
    const end = this.#end + more.length
    if (end > this.#held.length) {
      const grown = Buffer.allocUnsafeSlow(Math.max(end, 2 * this.#held.length))
      this.#held.copy(grown, 0, 0, this.#end)
      this.#held = grown
    }
    more.copy(this.#held, this.#end)
    this.#end = end
  }
}
