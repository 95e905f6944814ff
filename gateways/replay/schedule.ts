import type { Instant } from '../../domain/time.ts'

export interface Schedule {
  /** Added to each recorded time. */
  shiftMs: number
  /** When, after the start, a record of this recorded time is sent. */
  sendAfterMs(recorded: Instant): number
}

/**
 * How a recording from `oldest` to `newest` is played from `start` on at `speed` (Infinity: at once).
 * Distances in time are never squeezed, for a speed derived from them would be wrong. Moved, the newest record bears
 * the time at which it is sent: at speed 1 every record does, the first one `start`; faster, the earlier ones are late,
 * as from a terminal that was out of reach; none is ever ahead of the clock.
 */
export function schedule(oldest: Instant, newest: Instant, start: Instant, speed: number, keepTime: boolean): Schedule {
  const sendAfterMs = (recorded: Instant): number => (recorded - oldest) / speed
  return { shiftMs: keepTime ? 0 : Math.round(start + sendAfterMs(newest) - newest), sendAfterMs }
}
