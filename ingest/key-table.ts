import type { Fingerprint } from './key.ts'

/** Words of one entry: key high, key low, content high, content low. */
export const ENTRY_WORDS = 4
/** The table becomes a run on disk when it holds this many: few enough that no commit waits long for it. */
export const TABLE_ENTRIES = 8192

/**
 * The newest fingerprints, in memory: open addressing over one typed array, linear probing, at most half full.
 * What was added since the last `settle` can be taken back, in reverse order, so that no gap is left in a probe sequence.
 */
export class KeyTable {
  #words: Uint32Array
  #mask: number
  #count = 0
  readonly #unsettled: number[] = []

  constructor(slots = TABLE_ENTRIES * 2) {
    this.#words = new Uint32Array(slots * ENTRY_WORDS)
    this.#mask = slots - 1
  }

  get count(): number {
    return this.#count
  }

  find({ keyHigh, keyLow, contentHigh, contentLow }: Fingerprint): 'absent' | 'same' | 'other' {
    const slot = this.#slotOf(keyHigh, keyLow)
    if (this.#words[slot + 1] === 0) return 'absent'
    return this.#words[slot + 2] === contentHigh && this.#words[slot + 3] === contentLow ? 'same' : 'other'
  }

  /** Adds a key that is not in the table. */
  add({ keyHigh, keyLow, contentHigh, contentLow }: Fingerprint): void {
    const slot = this.#slotOf(keyHigh, keyLow)
    const words = this.#words
    words[slot] = keyHigh
    words[slot + 1] = keyLow
    words[slot + 2] = contentHigh
    words[slot + 3] = contentLow
    this.#unsettled.push(slot)
    this.#count++
  }

  /** What was added stays. */
  settle(): void {
    this.#unsettled.length = 0
    if (this.#count * 2 > this.#mask) this.#grow()
  }

  /** What was added since the last `settle` is gone. */
  undo(): void {
    for (const slot of this.#unsettled.reverse()) this.#words.fill(0, slot, slot + ENTRY_WORDS)
    this.#count -= this.#unsettled.length
    this.#unsettled.length = 0
  }

  /** All entries, four words each, in no order. */
  entries(): Uint32Array {
    const words = this.#words
    const entries = new Uint32Array(this.#count * ENTRY_WORDS)
    let end = 0
    for (let slot = 0; slot < words.length; slot += ENTRY_WORDS) {
      if (words[slot + 1] === 0) continue
      // Word by word: a view for each of so many entries would hold up the commits that wait.
      for (let word = 0; word < ENTRY_WORDS; word++) entries[end++] = words[slot + word] as number
    }
    return entries
  }

  load(entries: Uint32Array): void {
    for (let i = 0; i < entries.length; i += ENTRY_WORDS) {
      this.add({ keyHigh: entries[i] ?? 0, keyLow: entries[i + 1] ?? 0, contentHigh: entries[i + 2] ?? 0, contentLow: entries[i + 3] ?? 0 })
      this.settle()
    }
  }

  clear(): void {
    this.#words.fill(0)
    this.#count = 0
    this.#unsettled.length = 0
  }

  /** Where the key stands, or the empty slot where it would. */
  #slotOf(keyHigh: number, keyLow: number): number {
    const words = this.#words
    for (let slot = keyHigh & this.#mask; ; slot = (slot + 1) & this.#mask) {
      const at = slot * ENTRY_WORDS
      if (words[at + 1] === 0 || (words[at] === keyHigh && words[at + 1] === keyLow)) return at
    }
  }

  #grow(): void {
    const entries = this.entries()
    this.#words = new Uint32Array(this.#words.length * 2)
    this.#mask = this.#mask * 2 + 1
    this.#count = 0
    this.load(entries)
  }
}
