import type { Backtest, BacktestRequest, Explanation, RuleStats } from '../authoring.ts'
import type { Principal } from '../role.ts'
import type { Guard, RuleState } from '../rule.ts'
import type { Instant } from '../time.ts'
import type { RuleView } from './register.ts'

/** What authors do with the rule book. Writes go through the journal and are answered once they are projected. */
export interface Authoring {
  /**
   * Keeps `source` as a new version after `version`, in state draft. Throws `version.stale` with who wrote the newer one
   * and `rules.invalid` with every error and its place; nothing is kept then.
   */
  save(id: string, edit: { version: number; source: string; note: string }, who: Principal): Promise<RuleView>
  /** Moves a version: live (everywhere, or in some areas first), shadow, or back to draft. */
  move(id: string, version: number, to: { state: RuleState; areas?: readonly string[]; guard?: Guard; note: string }, who: Principal): Promise<RuleView>
  stats(ids: readonly string[], now: Instant): Promise<Map<string, RuleStats>>
}

/** Runs an edit over stored observations beside the version that is live. */
export interface Backtester {
  start(request: BacktestRequest, who: Principal): Promise<Backtest>
  /** Throws `not_found`. */
  get(id: string): Promise<Backtest>
  /** Resolves when it is over or `ms` have passed. */
  wait(id: string, ms: number): Promise<Backtest>
  cancel(id: string): Promise<Backtest>
}

/** Says why there was or was not an alert. Throws `not_found` for assets outside the caller's area. */
export interface Explainer {
  explain(query: { asset: string; at: Instant; rule?: string }, who: Principal): Promise<Explanation>
}
