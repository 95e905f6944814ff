import { STALE_AFTER } from '../domain/fields.ts'
import type { RuleFile } from '../domain/rule.ts'
import { DAY, type Instant, MINUTE, parseDuration } from '../domain/time.ts'
import { holdMs } from './file.ts'

/** Tracks, recognised vehicles, rival fixes and the skew of clocks are known again after so long. */
const MEMORY_MS = 20 * MINUTE
/** No rule is asked what was longer ago. */
const MOST_MS = 14 * DAY

/**
 * How far the conditions of a rule look back, in ms: all durations that they name, since one window may stand inside
 * another; params that are durations may stand in conditions, and overrides may make them longer.
 */
export function looksBackMs(file: RuleFile): number {
  const texts = [file.when, file.clear?.when, file.severity, file.inform].filter((text) => text !== undefined)
  const windows = texts.flatMap((text) => [...text.matchAll(/'([^']*)'|"([^"]*)"/g)].map(([, single, double]) => parseDuration(single ?? double ?? '') ?? 0))
  const params = Object.entries(file.params).flatMap(([name, param]) => (param.unit === 'duration' ? [param.value, ...file.overrides.map(({ params }) => params[name])] : []))
  return sum([...windows, ...params.map((value) => (typeof value === 'string' ? (parseDuration(value) ?? 0) : 0))])
}

/** How far back what a rule says can depend on, in ms: values until they are stale, what its conditions look back on, its holds. */
export function reachOf(file: RuleFile): Instant {
  const holds = [file.for, file.keepFiringFor, file.clear?.for, file.coolDown, file.gather?.within, file.remind?.wait]
  return Math.min(MOST_MS, STALE_AFTER[file.on] + MEMORY_MS + looksBackMs(file) + sum(holds.map((text) => (text === undefined ? 0 : (holdMs(text, file) ?? 0)))))
}

function sum(each: readonly number[]): number {
  return each.reduce((total, ms) => total + ms, 0)
}
