import type { BlindCause, CoverageHour } from '../../domain/coverage.ts'
import type { Instant } from '../../domain/time.ts'
import type { Pair } from './pair.ts'
import { type KeptHour, Tally } from './tally.ts'

/** A camera's pairs as they are told to the rules: which are blind, and why. */
export interface Blindness {
  camera: string
  at: Instant
  cause: BlindCause
  /** None: all are looked at. */
  algorithms: string[]
}

/** Where the newest hours of a camera's pairs wait for those that come back, by algorithm. */
export interface KeptHours {
  /** Whoever takes one goes on with it. */
  take(algorithm: string): KeptHour | undefined
  put(algorithm: string, hour: CoverageHour): void
}

/** The tallies of all pairs of one camera. A look serves every pair that is on duty. */
export class CameraCoverage {
  readonly #camera: string
  readonly #kept: KeptHours
  readonly #tallies = new Map<string, Tally>()
  /** Of pairs that are no more. */
  readonly #gone: CoverageHour[] = []
  #told: string | undefined

  constructor(camera: string, kept: KeptHours = { take: () => undefined, put: () => undefined }) {
    this.#camera = camera
    this.#kept = kept
  }

  /** These are its pairs from now on; those that stay keep what they know. */
  set(pairs: readonly Pair[], now: Instant): void {
    for (const [algorithm, tally] of this.#tallies)
      if (!pairs.some((pair) => pair.algorithm === algorithm)) {
        this.#tallies.delete(algorithm)
        this.#gone.push(...tally.take(now))
        const hour = tally.newest()
        if (hour) this.#kept.put(algorithm, hour)
      }
    for (const { algorithm, everyMs } of pairs) {
      const known = this.#tallies.get(algorithm)
      if (known) known.everyMs = everyMs
      else this.#tallies.set(algorithm, new Tally(this.#camera, algorithm, everyMs, now, this.#kept.take(algorithm)))
    }
  }

  /** A frame was looked at for the pairs that are on duty; the others' calendars kept it back from them. */
  inferred(now: Instant, on: readonly Pair[], cause: BlindCause): void {
    for (const tally of this.#tallies.values()) {
      if (serves(on, tally)) tally.inferred(now, cause)
      else tally.missed(now, 'gated', 'off_schedule')
    }
  }

  missed(now: Instant, on: readonly Pair[], how: 'gated' | 'dropped', reason: string): void {
    for (const tally of this.#tallies.values()) {
      if (serves(on, tally)) tally.missed(now, how, reason)
      else tally.missed(now, 'gated', 'off_schedule')
    }
  }

  /** Takes note of the time up to now, with what keeps the camera from being looked at, if anything does. */
  account(now: Instant, on: readonly Pair[], cause: BlindCause): void {
    for (const tally of this.#tallies.values()) tally.account(now, serves(on, tally), cause)
  }

  /** What rules must hear: that pairs are past their interval, or that all are looked at again. Undefined while nothing has changed. */
  news(now: Instant, cause: BlindCause): Blindness | undefined {
    const blind = [...this.#tallies.values()].filter((tally) => tally.isBlind(now))
    // Before its first look nobody can say that all is well.
    if (blind.length === 0 && (this.#told === undefined ? !this.#seen() : this.#told === '')) return undefined
    const algorithms = blind.map(({ algorithm }) => algorithm)
    const told = blind.length === 0 ? '' : JSON.stringify([cause, algorithms])
    if (told === this.#told) return undefined
    this.#told = told
    return { camera: this.#camera, at: now, cause, algorithms }
  }

  /** The hours that changed since they were last taken. */
  take(now: Instant): CoverageHour[] {
    return [...this.#gone.splice(0), ...[...this.#tallies.values()].flatMap((tally) => tally.take(now))]
  }

  #seen(): boolean {
    for (const tally of this.#tallies.values()) if (tally.looks > 0) return true
    return false
  }
}

function serves(on: readonly Pair[], { algorithm }: Tally): boolean {
  return on.some((pair) => pair.algorithm === algorithm)
}
