import type { Instant } from './time.ts'

/**
 * Why a camera × algorithm was not looked at: out of its calendar; no pictures; the gate kept them back; other cameras had
 * the time; the model's thread was lost; the model cannot be used or cannot fire; what was seen could not be recorded;
 * the platform or the source was stopped.
 */
export const BLIND_CAUSES = ['off_schedule', 'source_lost', 'gated', 'no_budget', 'model_crashed', 'model_dead', 'not_recorded', 'stopped'] as const
export type BlindCause = (typeof BLIND_CAUSES)[number]

/** frames = inferred + gated + dropped, as soon as no frame is under way. */
export interface LookCounts {
  frames: number
  inferred: number
  gated: Record<string, number>
  dropped: Record<string, number>
}

/** One hour of one camera × algorithm. `blindMs`: how long its last look was older than its interval, by cause. */
export interface CoverageHour extends LookCounts {
  camera: string
  algorithm: string
  /** When the hour begins. */
  hour: Instant
  /** Up to here is accounted for. */
  through: Instant
  blindMs: Partial<Record<BlindCause, number>>
}

/** The name under which looks are counted that no rule asks for. */
export const NO_ALGORITHM = 'none'

export function totalOf(counts: Readonly<Record<string, number | undefined>>): number {
  let total = 0
  for (const count of Object.values(counts)) total += count ?? 0
  return total
}
