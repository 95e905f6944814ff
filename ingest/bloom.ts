/** Says for certain that a key is not in a set; 8 bits per key and 4 probes let about 1 in 40 absent keys through. */
export class Bloom {
  readonly bytes: Uint8Array
  readonly #bits: number

  constructor(bytes: Uint8Array) {
    this.bytes = bytes
    this.#bits = bytes.length * 8
  }

  static for(keys: number): Bloom {
    return new Bloom(new Uint8Array(Math.max(64, keys)))
  }

  add(keyHigh: number, keyLow: number): void {
    for (let probe = 0; probe < PROBES; probe++) {
      const bit = this.#bit(keyHigh, keyLow, probe)
      this.bytes[bit >>> 3] = (this.bytes[bit >>> 3] ?? 0) | (1 << (bit & 7))
    }
  }

  mayHave(keyHigh: number, keyLow: number): boolean {
    for (let probe = 0; probe < PROBES; probe++) {
      const bit = this.#bit(keyHigh, keyLow, probe)
      if (((this.bytes[bit >>> 3] ?? 0) & (1 << (bit & 7))) === 0) return false
    }
    return true
  }

  // The key is a hash already: its words serve as two independent hashes.
  #bit(keyHigh: number, keyLow: number, probe: number): number {
    return ((keyLow + Math.imul(probe, keyHigh | 1)) >>> 0) % this.#bits
  }
}

const PROBES = 4
