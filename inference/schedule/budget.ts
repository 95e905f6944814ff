/** What inference may use; null: as much as the sessions can. Both may be given. */
export interface BudgetLimits {
  looksPerSecond: number | null
  /** Cores' worth of time in the models' threads. */
  cores: number | null
}

/** So much of what was not used may be used later. */
const SAVED_MS = 1000

/** A stated budget of looks: saved up to a second, never overdrawn by more than the looks that are under way. */
export class Budget {
  readonly #limits: BudgetLimits
  readonly #looks: Bucket
  readonly #time: Bucket

  constructor(limits: BudgetLimits, now: number) {
    this.#limits = limits
    this.#looks = new Bucket((limits.looksPerSecond ?? Infinity) / 1000, now)
    this.#time = new Bucket(limits.cores ?? Infinity, now)
  }

  /** How long until a look may begin that takes about `costMs` of one core. */
  waitMs(now: number, costMs: number): number {
    return Math.max(this.#looks.waitMs(now, 1), this.#time.waitMs(now, costMs))
  }

  /** A look began. */
  begin(now: number): void {
    this.#looks.take(now, 1)
  }

  /** A look took `costMs` of one core. */
  spend(now: number, costMs: number): void {
    this.#time.take(now, costMs)
  }

  /** Looks a second that the budget allows when one is done every `costMs` and keeps a core busy for `coreMs`. */
  looksPerSecond(costMs: number, coreMs: number): number {
    const byCores = this.#limits.cores === null || coreMs <= 0 ? Infinity : (1000 * this.#limits.cores) / coreMs
    return Math.min(costMs > 0 ? 1000 / costMs : Infinity, byCores, this.#limits.looksPerSecond ?? Infinity)
  }
}

class Bucket {
  readonly #perMs: number
  readonly #most: number
  #has: number
  #at: number

  constructor(perMs: number, now: number) {
    this.#perMs = perMs
    this.#most = Math.max(1, perMs * SAVED_MS)
    this.#has = this.#most
    this.#at = now
  }

  waitMs(now: number, amount: number): number {
    if (this.#perMs === Infinity) return 0
    this.#fill(now)
    // What is larger than the bucket may go when the bucket is full.
    const missing = Math.min(amount, this.#most) - this.#has
    return missing <= 1e-9 ? 0 : missing / this.#perMs
  }

  take(now: number, amount: number): void {
    if (this.#perMs === Infinity) return
    this.#fill(now)
    this.#has -= amount
  }

  #fill(now: number): void {
    this.#has = Math.min(this.#most, this.#has + Math.max(0, now - this.#at) * this.#perMs)
    this.#at = now
  }
}
