import type { Kind } from '../domain/fields.ts'
import type { Instant } from '../domain/time.ts'
import { SipHash } from './sip-hash.ts'

/** What deduplication remembers of a message: 64 bits for its key and 64 for its content, as four words. */
export interface Fingerprint {
  keyHigh: number
  keyLow: number
  contentHigh: number
  contentLow: number
}

/** What a key is made of (S10). `json` is the payload as it was sent. */
export interface KeyedMessage {
  device: string
  kind: Kind
  at: Instant
  json: Uint8Array
  payload: { id?: string; seq?: number; boot?: string | number }
}

/** Device, id and the rest take at most 64, 128 and some characters, of which each takes at most three bytes. */
const MAX_KEY_BYTES = 1024

/** Makes fingerprints under one secret: those of another say nothing. */
export class Fingerprints {
  readonly #hash: SipHash
  readonly #text = Buffer.alloc(MAX_KEY_BYTES)
  readonly #textView = new DataView(this.#text.buffer, this.#text.byteOffset, MAX_KEY_BYTES)
  /** Of the buffer that the last payload lay in: those of a batch lie in one. */
  #view: DataView = this.#textView

  /** `secret`: eight bytes that no sender knows. */
  constructor(secret: Uint8Array) {
    this.#hash = new SipHash(secret)
  }

  of(message: KeyedMessage): Fingerprint {
    const { buffer, byteOffset, length } = message.json
    if (this.#view.buffer !== buffer) this.#view = new DataView(buffer)
    this.#hash.of(this.#view, byteOffset, byteOffset + length)
    const { first: contentHigh, second: contentLow } = this.#hash
    this.#hash.of(this.#textView, 0, this.#text.write(keyText(message, contentHigh, contentLow)))
    // No key is 0: the table takes that for an empty slot.
    return { keyHigh: this.#hash.first, keyLow: this.#hash.second || 1, contentHigh, contentLow }
  }
}

/**
 * S10: (device, boot, seq) if both are given, else (device, id), else (device, kind, at, bytes). Lengths cannot
 * blur: ids hold no NUL and the free text stands last. Boot 1 and boot "1" are two boots.
 */
function keyText({ device, kind, at, payload: { id, seq, boot } }: KeyedMessage, contentHigh: number, contentLow: number): string {
  if (seq !== undefined && boot !== undefined) return `s${device}\0${seq}\0${typeof boot}\0${boot}`
  if (id !== undefined) return `i${device}\0${id}`
  return `h${device}\0${kind}\0${at}\0${contentHigh}\0${contentLow}`
}
