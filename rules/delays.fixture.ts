import fc from 'fast-check'
import { HOUR } from '../domain/time.ts'

/** How late a message may be and still be judged (S6), in seconds. */
export const LATEST_S = 24 * 3600

/** Longer than any rule here waits, in seconds. */
const LONGEST_GAP_S = 72 * 3600

/** A whole number up to `most`, each order of size as likely as the next: milliseconds and days meet in one run. */
export function anySize(most: number, least = 0): fc.Arbitrary<number> {
  const steps = 1000
  return fc.integer({ min: 0, max: steps }).map((step) => Math.min(most, Math.round((least + 1) * ((most + 1) / (least + 1)) ** (step / steps)) - 1))
}

/** Delays up to a bound, in the unit of the bound; dealt out in turn. */
export function delaysUpTo(most: number): fc.Arbitrary<number[]> {
  return fc.array(anySize(most), { minLength: 1, maxLength: 40 })
}

/** Seconds between two messages: mostly as close as the holds of rules are long, now and then days. */
export const gapS: fc.Arbitrary<number> = fc.oneof({ weight: 2, arbitrary: fc.integer({ min: 1, max: 90 }) }, { weight: 1, arbitrary: anySize(LONGEST_GAP_S, 1) })

/** A device says something promptly so often, in ms. */
const BEAT_MS = 5 * HOUR

/**
 * Times, in ms, of prompt messages of a device while others may still come late. Without them a device of which all is late
 * for a day is, to the engine, one with a slow clock (S7): a lag that does not change is all that a wrong clock shows.
 */
export function beats(from: number, to: number): number[] {
  const count = Math.ceil((to - from + LATEST_S * 1000) / BEAT_MS)
  return Array.from({ length: count }, (_, i) => from + (i + 1) * BEAT_MS)
}
