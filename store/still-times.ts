import type { Instant } from '../domain/time.ts'

/** What a ring keeps of a camera's stills. */
export interface Thinning {
  /** At most so many. */
  count: number
  /** None further than this (event time, ms) from the one just put. */
  withinMs: number
  /** Of those older than `afterMs` the first in each `everyMs`; the last that applies counts. */
  tiers: readonly { afterMs: number; everyMs: number }[]
}

/** Index of the first time that is not before `at`; `times` rise. */
export function firstAt(times: readonly Instant[], at: Instant): number {
  let [from, to] = [0, times.length]
  while (from < to) {
    const middle = (from + to) >>> 1
    if ((times[middle] as Instant) < at) from = middle + 1
    else to = middle
  }
  return from
}

export function insertAt(times: Instant[], at: Instant): void {
  const index = firstAt(times, at)
  if (times[index] !== at) times.splice(index, 0, at)
}

/** The earlier of two that are equally near; undefined when there are none. */
export function nearestTo(times: readonly Instant[], at: Instant): Instant | undefined {
  const index = firstAt(times, at)
  const [before, after] = [times[index - 1], times[index]]
  if (before === undefined || after === undefined) return before ?? after
  return at - before <= after - at ? before : after
}

/**
 * Which of the rising `times` go after a still at `at` has come: what is far from it, what its tier is too dense for, then the
 * furthest from it until `count` are left. Which is first in its stretch depends on no clock, so that a still which stays, stays.
 */
export function thinned(times: readonly Instant[], at: Instant, { count, withinMs, tiers }: Thinning): Set<Instant> {
  let before: Instant | undefined
  const kept = times.filter((time) => {
    if (Math.abs(time - at) > withinMs) return false
    const everyMs = tiers.findLast(({ afterMs }) => at - time > afterMs)?.everyMs ?? 1
    const first = before === undefined || Math.floor(before / everyMs) !== Math.floor(time / everyMs)
    if (first) before = time
    return first
  })
  let [from, to] = [0, kept.length]
  while (to - from > count) {
    if (at - (kept[from] as Instant) >= (kept[to - 1] as Instant) - at) from++
    else to--
  }
  const stay = new Set(kept.slice(from, to))
  return new Set(times.filter((time) => !stay.has(time)))
}
