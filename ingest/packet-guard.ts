/**
 * Walks the fixed headers of an MQTT stream without keeping any of it, and says stop as soon as a header announces
 * more than the limit: the parser would otherwise collect up to 256 MB for a stranger before anybody could object.
 * A length of more than four bytes is left to the parser, which refuses it.
 */
export class PacketGuard {
  readonly #limit: number
  /** Bytes of the present packet's body that are still to come. */
  #body = 0
  /** Position in the fixed header: 0 the type, 1 to 4 the length. */
  #header = 0
  #length = 0

  constructor(limit: number) {
    this.#limit = limit
  }

  /** False when the stream must not be read any further. */
  pass(chunk: Uint8Array): boolean {
    for (let i = 0; i < chunk.length; ) {
      if (this.#body > 0) {
        const step = Math.min(this.#body, chunk.length - i)
        this.#body -= step
        i += step
      } else if (!this.#headerByte(chunk[i++] ?? 0)) return false
    }
    return true
  }

  #headerByte(byte: number): boolean {
    if (this.#header === 0) {
      this.#header = 1
      this.#length = 0
      return true
    }
    this.#length += (byte & 0x7f) * 128 ** (this.#header - 1)
    this.#header++
    if (this.#length > this.#limit) return false
    if (byte < 0x80 || this.#header > 4) {
      this.#body = this.#length
      this.#header = 0
    }
    return true
  }
}
