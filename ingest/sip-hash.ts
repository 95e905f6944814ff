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

  /** Two rounds for each word of four bytes and one with the rest and the length; written out, because this is where the time goes. */
  of(bytes: DataView, start: number, end: number): void {
    let v0 = this.#key0
    let v1 = this.#key1 ^ 0xee
    let v2 = 0x6c796765 ^ this.#key0
    let v3 = 0x74656462 ^ this.#key1
    for (let at = start; at <= end; at += 4) {
      const word = at + 4 <= end ? bytes.getInt32(at, true) : lastWord(bytes, at, end, end - start)
      v3 ^= word
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
      v0 ^= word
    }
    this.#stir(v0, v1, v2 ^ 0xee, v3)
  }

  /** Four rounds for each half of the result. */
  #stir(a: number, b: number, c: number, d: number): void {
    let [v0, v1, v2, v3] = [a, b, c, d]
    for (let round = 1; round <= 8; round++) {
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
      if (round !== 4) continue
      this.first = (v1 ^ v3) >>> 0
      v1 ^= 0xdd
    }
    this.second = (v1 ^ v3) >>> 0
  }
}

function lastWord(bytes: DataView, from: number, end: number, length: number): number {
  let word = length << 24
  for (let at = from; at < end; at++) word |= bytes.getUint8(at) << (8 * (at - from))
  return word
}
