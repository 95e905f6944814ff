import type { BlindCause, CoverageHour } from '../../domain/coverage.ts'
import { HOUR, type Instant } from '../../domain/time.ts'

/** Beyond this a platform that was down is not accounted for hour by hour. */
const LOOK_BACK_MS = 24 * HOUR

/** The newest hour that was kept of a pair. `gone`: the platform itself took it off, so that nothing was owed since; else it was down. */
export interface KeptHour {
  hour: CoverageHour
  gone: boolean
}

/** What became of the frames of one camera × algorithm, and how long nobody looked, hour by hour of the wall clock. */
export class Tally {
  readonly camera: string
  readonly algorithm: string
  everyMs: number
  /** Since this run of the platform began. */
  looks = 0
  /** Times of the wall clock: from when on a look is owed, and what is accounted for. */
  #since: Instant
  #through: Instant
  #on = true
  readonly #hours = new Map<Instant, CoverageHour>()
  readonly #changed = new Set<CoverageHour>()

  /** `before`: the hour that the pair's last tally left, whose counts go on. */
  constructor(camera: string, algorithm: string, everyMs: number, now: Instant, before?: KeptHour) {
    this.camera = camera
    this.algorithm = algorithm
    this.everyMs = everyMs
    this.#since = now
    this.#through = now
    if (!before || before.hour.through > now) return
    const { hour, gone } = before
    this.#hours.set(hour.hour, hour)
    if (gone) return
    this.#through = Math.max(hour.through, now - LOOK_BACK_MS)
    this.#since = this.#through
    this.account(now, true, 'stopped', 0)
    this.#since = now
  }

  /** When its newest look was, or from when on one is owed. */
  get since(): Instant {
    return this.#since
  }

  /** A frame was looked at; `cause`: why that was too late, if it was. */
  inferred(now: Instant, cause: BlindCause): void {
    this.account(now, true, cause)
    const hour = this.#hour(now)
    hour.frames++
    hour.inferred++
    this.looks++
    this.#since = now
  }

  /** A frame was not looked at: the gate kept it back, or it was lost on its way. */
  missed(now: Instant, how: 'gated' | 'dropped', reason: string): void {
    const hour = this.#hour(now)
    hour.frames++
    hour[how][reason] = (hour[how][reason] ?? 0) + 1
  }

  /** True when its last look is older than its interval although it is served now. */
  isBlind(now: Instant): boolean {
    return this.#on && now > this.#since + this.everyMs
  }

  /** Takes note of the time up to now: blind is what lies more than `everyMs` after the last look, for the cause given. */
  account(now: Instant, on: boolean, cause: BlindCause, everyMs = this.everyMs): void {
    const from = this.#through
    if (now <= from) return
    if (!on) this.#blind(from, now, 'off_schedule')
    else if (this.#on) this.#blind(Math.max(from, this.#since + everyMs), now, cause)
    // Whoever comes back on duty is owed a look within an interval from then on.
    if (!on) this.#since = now
    this.#on = on
    this.#through = now
    this.#hour(now)
  }

  /** The hours that have changed since they were last taken; those that are over are forgotten. */
  take(now: Instant): CoverageHour[] {
    for (const hour of this.#changed) hour.through = Math.min(this.#through, hour.hour + HOUR)
    const taken = [...this.#changed].map((hour) => structuredClone(hour))
    this.#changed.clear()
    for (const hour of this.#hours.keys()) if (hour + HOUR <= now) this.#hours.delete(hour)
    return taken
  }

  /** A copy of its newest hour, for whoever goes on with it. */
  newest(): CoverageHour | undefined {
    const hour = this.#hours.get(Math.max(...this.#hours.keys()))
    return hour && { ...structuredClone(hour), through: Math.min(this.#through, hour.hour + HOUR) }
  }

  #blind(from: Instant, to: Instant, cause: BlindCause): void {
    for (let at = from; at < to; ) {
      const row = this.#hour(at)
      const end = Math.min(to, row.hour + HOUR)
      row.blindMs[cause] = (row.blindMs[cause] ?? 0) + end - at
      at = end
    }
  }

  #hour(at: Instant): CoverageHour {
    const hour = at - (at % HOUR)
    let row = this.#hours.get(hour)
    if (!row) {
      row = { camera: this.camera, algorithm: this.algorithm, hour, through: at, frames: 0, inferred: 0, gated: {}, dropped: {}, blindMs: {} }
      this.#hours.set(hour, row)
    }
    this.#changed.add(row)
    return row
  }
}
