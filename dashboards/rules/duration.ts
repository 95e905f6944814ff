import type { Param } from '../../domain/rule.ts'
import { formatDuration, MINUTE, parseDuration, SECOND } from '../../domain/time.ts'

/** Durations that people choose from; between a second and a month no linear slider serves. */
const TEXTS = '0 1s 2s 3s 5s 10s 15s 20s 30s 45s 1m 90s 2m 3m 5m 10m 15m 20m 30m 45m 1h 90m 2h 3h 4h 6h 8h 12h 18h 24h 36h 48h 3d 4d 5d 7d 10d 14d 21d 30d'.split(' ')
const USUAL: readonly number[] = TEXTS.flatMap((text) => parseDuration(text) ?? [])

/** A duration as an author would write it: `48h` stays, `120000 ms` becomes `2m`. */
export function durationText(ms: number): string {
  return TEXTS[USUAL.indexOf(ms)] ?? formatDuration(ms)
}

/** A value's length in ms; undefined when it is no duration. */
export function msIn(value: Param['value'] | null | undefined): number | undefined {
  return typeof value === 'string' ? parseDuration(value) : undefined
}

/** Bounds of a param that is a duration: its `min` and `max` are seconds. */
export function boundsOf({ min, max }: Pick<Param, 'min' | 'max'>): { min?: number; max?: number } {
  return { ...(min !== undefined && { min: min * SECOND }), ...(max !== undefined && { max: max * SECOND }) }
}

/** An edit by more than ten times is rare, and is typed. */
const REACH = 10
const AROUND_NONE = MINUTE

/**
 * The durations (ms, rising) that a slider stops at: none, and from a tenth of `anchor` to ten times as long; where the
 * author has set bounds, the usual ones between them. Those in use are stops too, so that a slider never shows what is not so.
 */
export function durationStops(anchor: number, { min, max }: { min?: number; max?: number }, used: readonly number[]): number[] {
  const most = max ?? Math.max(anchor === 0 ? AROUND_NONE : anchor * REACH, min ?? 0)
  const near = (ms: number): boolean => (min === undefined ? ms === 0 || ms * REACH >= anchor : ms >= min)
  const ends = [min ?? 0, ...(max === undefined ? [] : [max])]
  return [...new Set([...USUAL.filter((ms) => ms <= most && near(ms)), ...ends, anchor, ...used])].sort((a, b) => a - b)
}
