/**
 * HalfSipHash-2-4 with 64 bits of result: a hash under a secret key, made of 32-bit steps, which JavaScript does
 * quickly. Whoever does not know the key cannot make two texts meet.
 */
export class SipHash {
  readonly #key0: number
  readonly #key1: number
  /** The result of the last `of`, as two words without sign. */
  first = 0
  second = 0

  /** `secret`: eight bytes. */
  constructor(secret: Uint8Array) {
    const words = new DataView(secret.buffer, secret.byteOffset, 8)
    this.#key0 = words.getInt32(0, true)
    this.#key1 = words.getInt32(4, true)
  }

  of(bytes: Uint8Array, start = 0, end: number = bytes.length): void {
    let v0 = this.#key0
    let v1 = this.#key1 ^ 0xee
    let v2 = 0x6c796765 ^ this.#key0
    let v3 = 0x74656462 ^ this.#key1
    const words = (end - start) >> 2
    // The words, the rest with the length, then two steps that only stir.
    for (let step = 0; step < words + 3; step++) {
      const stirring = step > words
      const word = step < words ? wordAt(bytes, start + 4 * step) : stirring ? 0 : lastWord(bytes, start + 4 * step, end, end - start)
      if (step === words + 1) v2 ^= 0xee
      if (step === words + 2) v1 ^= 0xdd
      v3 ^= word
      for (let round = stirring ? 4 : 2; round > 0; round--) {
        v0 = (v0 + v1) | 0
        v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0
        v0 = (v0 << 16) | (v0 >>> 16)
        v2 = (v2 + v3) | 0
        v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2
        v0 = (v0 + v3) | 0
        v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0
        v2 = (v2 + v1) | 0
        v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2
        v2 = (v2 << 16) | (v2 >>> 16)
      }
      v0 ^= word
      if (step === words + 1) this.first = (v1 ^ v3) >>> 0
    }
    this.second = (v1 ^ v3) >>> 0
  }
}

function wordAt(bytes: Uint8Array, at: number): number {
  return (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16) | ((bytes[at + 3] ?? 0) << 24)
}

function lastWord(bytes: Uint8Array, from: number, end: number, length: number): number {
  let word = length << 24
  for (let at = from; at < end; at++) word |= (bytes[at] ?? 0) << (8 * (at - from))
  return word
}
