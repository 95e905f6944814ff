import type { Offset } from '../domain/ids.ts'

/** Rules that one thread may have compiled before names are written over; far more than a city has. */
const MOST_NAMES = 4096
const NAME_BYTES = 96
const CELLS = 3

/** What an engine is doing, as another thread sees it. */
export interface Seen {
  /** Odd while records are judged; every turn has its own number. */
  turn: number
  /** The record that is judged. */
  offset: Offset
  /** The rule that is judged; undefined between rules. */
  rule: { id: string; version: number } | undefined
}

/**
 * Memory that the engine's thread shares with the one that watches it (S18). Judging a rule costs it one plain store:
 * whoever watches looks again and again, so that no look needs to be exact.
 */
export class Watch {
  readonly buffer: SharedArrayBuffer
  readonly cells: Float64Array
  readonly #names: Uint8Array

  constructor(buffer = new SharedArrayBuffer(CELLS * 8 + MOST_NAMES * NAME_BYTES)) {
    this.buffer = buffer
    this.cells = new Float64Array(buffer, 0, CELLS)
    this.#names = new Uint8Array(buffer, CELLS * 8)
  }

  /** A turn begins: from now on this is where judging is noted. */
  begin(): void {
    judging.cells = this.cells
    this.cells[TURN] = (this.cells[TURN] ?? 0) + 1
  }

  record(offset: Offset): void {
    this.cells[RECORD] = offset
    this.cells[RULE] = 0
  }

  end(): void {
    this.cells[RULE] = 0
    this.cells[TURN] = (this.cells[TURN] ?? 0) + 1
  }

  /** Makes the rule known under its number. */
  name({ nth, id, version }: { nth: number; id: string; version: number }): void {
    const text = new TextEncoder().encode(`${id} ${version}`)
    const slot = (nth % MOST_NAMES) * NAME_BYTES
    this.#names.fill(0, slot, slot + NAME_BYTES).set(text.subarray(0, NAME_BYTES), slot)
  }

  look(): Seen {
    const [turn = 0, offset = 0, nth = 0] = this.cells
    const slot = (nth % MOST_NAMES) * NAME_BYTES
    // A decoder takes no shared memory.
    const text = new TextDecoder().decode(this.#names.slice(slot, slot + NAME_BYTES)).replaceAll('\0', '')
    const [id = '', version = ''] = text.split(' ')
    return { turn, offset, rule: nth === 0 || id === '' ? undefined : { id, version: Number(version) } }
  }
}

/** Of this thread's engine that is at work now: its turn, the record, the number of the rule. */
export const judging: { cells: Float64Array } = { cells: new Float64Array(CELLS) }
export const RULE = 2
const TURN = 0
const RECORD = 1
