const SLOTS = 1 << 14

/**
 * Ids and topics as text, made from their bytes. Devices report again and again: handing out the very same string saves
 * making and hashing it for every message. Each slot keeps the last name that fell on it, so memory is bounded.
 */
export class Names {
  readonly #slots: (string | undefined)[] = new Array(SLOTS)

  /** The text in UTF-8 from `start` to `end`. */
  at(bytes: Buffer, start: number, end: number): string {
    let [hash, ascii] = [0, 0]
    for (let i = start; i < end; i++) {
      const byte = bytes[i] ?? 0
      ascii |= byte
      hash = Math.imul(hash ^ byte, 0x01000193)
    }
    if (ascii > 127) return bytes.toString('utf8', start, end)
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
