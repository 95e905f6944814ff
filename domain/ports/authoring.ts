import type { Backtest, BacktestRequest, Explanation, RuleDiff, RuleFault, RuleStats } from '../authoring.ts'
import type { Principal } from '../role.ts'
import type { Guard, Override, RuleState } from '../rule.ts'
import type { Instant } from '../time.ts'
import type { RuleView } from './register.ts'

/** Where a version goes: `live` everywhere, or in some areas first. */
export interface RuleTarget {
  state: RuleState
  areas?: readonly string[]
  guard?: Guard
}

/** A whole text, or the text of version `from` (default: `version`) with other values for some params and other overrides. */
export interface RuleEdit {
  /** The newest version that the author knows; 0 for a new rule. */
  version: number
  note: string
  source?: string
  from?: number
  set?: Readonly<Record<string, number | string | boolean>>
  overrides?: readonly Override[]
  /** Where the new version goes at once; a draft if absent. */
  to?: RuleTarget
}

/** What authors do with the rule book. Writes go through the journal and are answered once they are projected. */
export interface Authoring {
  /**
   * Keeps a new version after `version`. Throws `version.stale` with who wrote the newer one and `rules.invalid` with
   * every error and its place; nothing is kept then.
   */
  save(id: string, edit: RuleEdit, who: Principal): Promise<RuleView>
  /** Everything that would keep a text from becoming a version of this rule, empty when nothing would; and what it probably does not mean. */
  check(id: string, source: string): Promise<{ errors: readonly RuleFault[]; warnings: readonly RuleFault[] }>
  /** Moves a version: live (everywhere, or in some areas first), shadow, or back to draft. */
  move(id: string, version: number, to: RuleTarget & { note: string }, who: Principal): Promise<RuleView>
  /** What changed from one version to another; version 0 is the empty text. */
  diff(id: string, from: number, to: number): Promise<RuleDiff>
  /** How rules fare in the caller's area. */
  stats(ids: readonly string[], now: Instant, who: Principal): Promise<Map<string, RuleStats>>
}

/**
 * Runs an edit over stored observations beside the version that is live. A result shows alerts of the area of whoever
 * began it, so to those who may see less it is `not_found`.
 */
export interface Backtester {
  start(request: BacktestRequest, who: Principal): Promise<Backtest>
  get(id: string, who: Principal): Promise<Backtest>
  /** Resolves when it is over or `ms` have passed. */
  wait(id: string, ms: number, who: Principal): Promise<Backtest>
  cancel(id: string, who: Principal): Promise<Backtest>
}

/** Says why there was or was not an alert about an asset, or about an area by its code; of a time to come, as it is now. Throws `not_found` for assets outside the caller's area. */
export interface Explainer {
  explain(query: { asset: string; at: Instant; rule?: string }, who: Principal): Promise<Explanation>
}
