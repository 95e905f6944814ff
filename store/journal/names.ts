const SLOTS = 1 << 14

/**
 * Ids as text, made from their bytes. Devices report again and again: handing out the very same string saves making
 * and hashing it for every message. Each slot keeps the last id that fell on it, so memory is bounded.
 */
export class Names {
  readonly #slots: (string | undefined)[] = new Array(SLOTS)

  /** The ASCII text from `start` to `end`. */
  at(bytes: Buffer, start: number, end: number): string {
    let hash = 0
    for (let i = start; i < end; i++) hash = Math.imul(hash ^ (bytes[i] ?? 0), 0x01000193)
    const slot = (hash ^ (hash >>> 15)) & (SLOTS - 1)
    const known = this.#slots[slot]
    if (known !== undefined && same(known, bytes, start, end)) return known
    const name = bytes.toString('latin1', start, end)
    this.#slots[slot] = name
    return name
  }
}

function same(name: string, bytes: Buffer, start: number, end: number): boolean {
  if (name.length !== end - start) return false
  for (let i = 0; i < name.length; i++) if (name.charCodeAt(i) !== bytes[start + i]) return false
  return true
}
