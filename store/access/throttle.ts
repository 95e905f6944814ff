import type { Instant } from '../../domain/time.ts'

export interface ThrottleOptions {
  /** Attempts that may come at once. */
  burst: number
  /** After that one more in each such stretch, in ms. */
  everyMs: number
  /** Keys remembered at most; with more, the one that was met first is forgotten. */
  maxKeys: number
}

/**
 * Counts attempts by key. Each key is one number: when its allowance will be whole again (GCRA), so memory is bounded
 * by the number of keys and no timer runs. An attempt is taken before it is judged: many at once cannot slip through.
 */
export class Throttle {
  readonly #options: ThrottleOptions
  readonly #wholeAt = new Map<string, Instant>()

  constructor(options: ThrottleOptions) {
    this.#options = options
  }

  /** Takes one attempt: 0, or the ms after which the next would be allowed (then nothing was taken). */
  take(key: string, now: Instant): number {
    const { burst, everyMs } = this.#options
    const next = Math.max(this.#wholeAt.get(key) ?? now, now) + everyMs
    const wait = next - now - burst * everyMs
    if (wait > 0) return wait
    this.#wholeAt.set(key, next)
    if (this.#wholeAt.size > this.#options.maxKeys) this.#forget(now)
    return 0
  }

  /** The attempt was a good one and does not count. */
  giveBack(key: string): void {
    const wholeAt = this.#wholeAt.get(key)
    if (wholeAt !== undefined) this.#wholeAt.set(key, wholeAt - this.#options.everyMs)
  }

  get keys(): number {
    return this.#wholeAt.size
  }

  #forget(now: Instant): void {
    for (const [key, wholeAt] of this.#wholeAt) if (wholeAt <= now) this.#wholeAt.delete(key)
    for (const key of this.#wholeAt.keys()) {
      if (this.#wholeAt.size <= this.#options.maxKeys) return
      this.#wholeAt.delete(key)
    }
  }
}
