import type { BacktestAlert, BacktestResult } from '../../domain/authoring.ts'
import type { Instant } from '../../domain/time.ts'
import type { RuleVersion } from '../../rules/rule.ts'

/** Where a backtest finds what was stored. It only reads. */
export interface BacktestPaths {
  journal: string
  history: string
  book: string
}

/** One part of a backtest, as its worker gets it. */
export interface PartJob {
  paths: BacktestPaths
  live: RuleVersion | undefined
  edit: RuleVersion
  from: Instant
  to: Instant
  /** The clock may go so far to find out what became of it by `to`. */
  until: Instant
  /** Only assets of this area show in the result; empty: all. */
  area: string
  part: number
  parts: number
  /** One Int32, not 0 when it shall stop. */
  stop: SharedArrayBuffer
  /** Shared memory of a Watch: whoever waits sees which record is judged. */
  watch: SharedArrayBuffer
}

/** What one part found; parts are added up. */
export interface PartResult extends Pick<BacktestResult, 'observations' | 'counts' | 'verdicts' | 'register' | 'added' | 'removed' | 'changed'> {
  chart: BacktestResult['chart']
  /** How many alerts of the chart's asset differ. */
  differences: number
}

export type FromPart = { type: 'progress'; done: number } | { type: 'done'; result: PartResult } | { type: 'stopped' } | { type: 'failed'; why: string }

/** At most so many alerts of each sort are listed. */
export const MOST_LISTED = 1000

/** Of the removed ones those that an operator had confirmed come first: nobody may overlook them. The others in order of time. */
export function listed(alerts: readonly BacktestAlert[]): BacktestAlert[] {
  const rank = ({ verdict }: BacktestAlert): number => (verdict === 'confirmed' ? 0 : 1)
  return [...alerts].sort((a, b) => rank(a) - rank(b) || (a.openedAt < b.openedAt ? -1 : a.openedAt > b.openedAt ? 1 : a.key < b.key ? -1 : 1)).slice(0, MOST_LISTED)
}
