import { createHistogram } from 'node:perf_hooks'
import { SECOND } from '../domain/time.ts'
import type { CommitStats } from './messages.ts'

/** Upper bounds of the buckets in seconds: from a disk that has a cache of its own to one that is failing. */
export const COMMIT_BUCKETS: readonly number[] = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 5]

/** How long commits take, as percentiles and as the buckets of a Prometheus histogram. */
export class CommitTimes {
  readonly #us = createHistogram()
  readonly #flushUs = createHistogram()
  /** The last one is for what is above every bound. */
  readonly #counts: number[] = new Array(COMMIT_BUCKETS.length + 1).fill(0)
  #sumMs = 0

  /** A commit that took so long, its write and flush so long of it. */
  record(ms: number, flushMs: number): void {
    this.#us.record(Math.max(1, Math.round(ms * 1000)))
    this.#flushUs.record(Math.max(1, Math.round(flushMs * 1000)))
    this.#sumMs += ms
    const bucket = COMMIT_BUCKETS.findIndex((bound) => ms <= bound * SECOND)
    const index = bucket < 0 ? COMMIT_BUCKETS.length : bucket
    this.#counts[index] = (this.#counts[index] ?? 0) + 1
  }

  stats(): CommitStats {
    const ms = (us: number): number => (this.#us.count === 0 ? 0 : us / 1000)
    return {
      commits: this.#us.count,
      p50Ms: ms(this.#us.percentile(50)),
      p99Ms: ms(this.#us.percentile(99)),
      flushP99Ms: ms(this.#flushUs.percentile(99)),
      maxMs: ms(this.#us.max),
      sumMs: this.#sumMs,
      buckets: [...this.#counts],
    }
  }
}
