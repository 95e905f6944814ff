import { DAY, type Instant, MINUTE } from '../domain/time.ts'
import type { Fingerprint } from './key.ts'
import type { KeyRuns } from './key-runs.ts'
import { KeyTable, TABLE_ENTRIES } from './key-table.ts'

/** S10: for how long keys are remembered at least, counted from their receipt. */
export const HORIZON_MS = 7 * DAY
/** A key outlives the horizon by this, because an `at` may lie two minutes ahead of its receivedAt (S9). */
const GRACE_MS = 5 * MINUTE

/** How long keys must be remembered: as long as what bears them may come again without being refused as too old. */
export function horizonOf({ tooOldDays }: { tooOldDays: number }): number {
  return Math.max(HORIZON_MS, tooOldDays * DAY)
}

export type Novelty = 'new' | 'duplicate' | 'conflict'

/** The memory of what was received (S10): exact over the horizon, bounded in memory, and over restarts as durable as the journal that it can be rebuilt from. */
export class Dedupe {
  readonly #table = new KeyTable()
  readonly #runs: KeyRuns
  readonly #horizonMs: number
  #oldest: Instant = Number.MAX_SAFE_INTEGER
  #newest: Instant = 0

  constructor(runs: KeyRuns, horizonMs: number = HORIZON_MS) {
    this.#runs = runs
    this.#horizonMs = horizonMs
  }

  /**
   * Decides, and holds a new key until `settle` or `undo`. `unseen` says that the caller knows that the key cannot
   * have come before (its seq or its `at` is above all of its device's), which saves the look-up.
   */
  decide(key: Fingerprint, unseen: boolean): Novelty {
    if (!unseen) {
      const near = this.#table.find(key)
      const found = near === 'absent' ? this.#runs.find(key) : near
      if (found !== 'absent') return found === 'same' ? 'duplicate' : 'conflict'
    }
    this.#table.add(key)
    return 'new'
  }

  settle(receivedAt: Instant): void {
    this.#table.settle()
    this.#oldest = Math.min(this.#oldest, receivedAt)
    this.#newest = Math.max(this.#newest, receivedAt)
  }

  undo(): void {
    this.#table.undo()
  }

  get full(): boolean {
    return this.#table.count >= TABLE_ENTRIES
  }

  /** The table's entries are in a run on disk now. */
  spilled(): void {
    this.#table.clear()
    this.#oldest = this.#newest
    this.#runs.drop(this.#newest - this.#horizonMs - GRACE_MS)
  }

  /** What is in memory only, for the store to keep beside the runs. */
  recent(): { entries: Uint32Array; oldest: Instant; newest: Instant } {
    return { entries: this.#table.entries(), oldest: this.#oldest, newest: this.#newest }
  }

  restore(entries: Uint32Array, oldest: Instant, newest: Instant): void {
    this.#table.load(entries)
    this.#oldest = Math.min(this.#oldest, oldest)
    this.#newest = Math.max(this.#newest, newest)
  }

  tidy(): boolean {
    return this.#runs.tidy()
  }
}
