import type { Amendment, Transition } from '../domain/alert.ts'
import type { AlertId } from '../domain/ids.ts'
import type { Severity } from '../domain/rule.ts'
import type { Instant } from '../domain/time.ts'
import { judgedSince, ruleNamed, selected } from './assets.ts'
import { alertId, keyOf, remember } from './raised.ts'
import type { CompiledRule } from './rule.ts'
import type { AssetState, Checkpoint, EngineState, Onset, RaisedAlert } from './state.ts'

/** A stretch during which a rule fired, as the re-run sees it. */
export interface Interval {
  rule: CompiledRule
  name: string
  openedAt: Instant
  /** null: still firing at the end of the re-run. */
  resolvedAt: Instant | null
  recovering: boolean
  onset: Onset
  severity: Severity
  /** Event time at which it fired, where that is not the end of the hold. */
  firedAt?: Instant
}

export interface Target {
  state: EngineState
  asset: AssetState
  emit(asset: AssetState, rule: CompiledRule, alert: RaisedAlert, what: Transition['what'], at: Instant): void
  /** Whether a maintenance order makes it information only. */
  informed(asset: AssetState, rule: CompiledRule, name: string): boolean
  /** All stretches of a rule that gathers. */
  gathered(asset: AssetState, rule: CompiledRule, intervals: readonly Interval[], span: Span): void
}

/** The part of the course that was run again: after `from`, up to `end` (Infinity: to the present). */
export interface Span {
  from: Checkpoint
  end: Instant
}

/**
 * What the re-run found against what was raised (S6): a new interval is born late, one with other times is amended,
 * one that no longer is there is disproved, one that turns out to be part of another is merged. Nothing is deleted.
 */
export function reconcile(target: Target, intervals: readonly Interval[], span: Span): void {
  for (const rule of selected(target.state, target.asset).byName.values()) {
    if (!rule.gather || rule.since > span.from.offset) continue
    const its = intervals.filter((each) => each.rule.name === rule.name)
    target.gathered(target.asset, rule, its, span)
  }
  for (const name of namesConcerned(target, intervals, span))
    reconcileKey(
      target,
      name,
      intervals.filter((each) => each.name === name),
      span,
    )
}

function namesConcerned({ state, asset }: Target, intervals: readonly Interval[], span: Span): string[] {
  const names = new Set(intervals.filter(({ rule }) => !rule.gather).map((each) => each.name))
  for (const name of asset.raised.keys()) if (judgedSince(state, asset, name, span.from)) names.add(name)
  return [...names].sort()
}

function reconcileKey(target: Target, name: string, intervals: readonly Interval[], span: Span): void {
  const rule = ruleNamed(target.state, target.asset, name)
  if (!rule) return
  const old = (target.asset.raised.get(name) ?? []).filter((alert) => inSpan(alert, rule, span))
  const left = new Set(old.filter((alert) => !isWithdrawn(alert)))
  const matched = pair(intervals, left)
  for (const [interval, alert] of matched) {
    if (alert) amend(target, rule, name, alert, interval, span)
    else bear(target, rule, name, interval, old, span)
  }
  for (const alert of left) withdraw(target, rule, name, alert, intervals.some((interval) => overlaps(interval, alert)) ? 'merged' : 'disproved')
}

/** Raised alerts that the re-run must account for: not over before the span, and raised within it or already firing at its start. */
function inSpan(alert: RaisedAlert, rule: CompiledRule, span: Span): boolean {
  const over = alert.resolvedAt !== null && alert.resolvedAt <= span.from.at && !isWithdrawn(alert)
  return !over && (alert.firedAt ?? alert.openedAt + rule.forMs) <= span.end
}

type Times = Pick<Interval, 'openedAt' | 'resolvedAt'>

/** Intervals with the alerts that they are: by their beginning first, else by overlap. What stays in `left` has no interval. */
export function pair<T extends Times>(intervals: readonly T[], left: Set<RaisedAlert>): [T, RaisedAlert | undefined][] {
  const pairs = new Map<T, RaisedAlert>()
  for (const same of [(interval: T, alert: RaisedAlert) => alert.openedAt === interval.openedAt, overlaps]) {
    for (const interval of intervals) {
      const alert = pairs.has(interval) ? undefined : [...left].find((each) => same(interval, each))
      if (!alert) continue
      pairs.set(interval, alert)
      left.delete(alert)
    }
  }
  return intervals.map((interval) => [interval, pairs.get(interval)])
}

export function overlaps(interval: Times, alert: Times): boolean {
  return interval.openedAt < (alert.resolvedAt ?? Infinity) && alert.openedAt < (interval.resolvedAt ?? Infinity)
}

/** An interval that is still open where the re-run met the old course ends where it ended before. */
function endOf(interval: Interval, alert: RaisedAlert, span: Span): Instant | null {
  return interval.resolvedAt === null && span.end !== Infinity ? alert.resolvedAt : interval.resolvedAt
}

function amend(target: Target, rule: CompiledRule, name: string, alert: RaisedAlert, interval: Interval, span: Span): void {
  const resolvedAt = endOf(interval, alert, span)
  const condition = resolvedAt !== null ? 'resolved' : span.end !== Infinity ? alert.condition : interval.recovering ? 'recovering' : 'firing'
  // What it became after the re-run met the old course it still is.
  const severity = interval.resolvedAt === null && span.end !== Infinity ? alert.severity : interval.severity
  const withdrawn = isWithdrawn(alert)
  if (!withdrawn && alert.openedAt === interval.openedAt && alert.resolvedAt === resolvedAt && alert.condition === condition && alert.severity === severity) return
  const times = alert.openedAt !== interval.openedAt || alert.resolvedAt !== resolvedAt
  const amended: RaisedAlert = {
    ...alert,
    ruleVersion: rule.version,
    openedAt: interval.openedAt,
    resolvedAt,
    condition,
    severity,
    onset: interval.onset,
    amended: times ? 'times' : withdrawn ? null : alert.amended,
  }
  remember(target.asset, name, amended)
  target.emit(target.asset, rule, amended, 'amended', resolvedAt ?? interval.openedAt)
}

/** A new interval: an alert born late, or a disproved one that was right after all. */
function bear(target: Target, rule: CompiledRule, name: string, interval: Interval, old: readonly RaisedAlert[], span: Span): void {
  const key = keyOf(target.asset, name)
  const revived = old.find((alert) => alert.id === alertId(rule.id, key, interval.openedAt) && isWithdrawn(alert))
  if (revived) {
    amend(target, rule, name, revived, interval, span)
    return
  }
  const raised: RaisedAlert = {
    id: mint(target.asset, name, rule, interval),
    key,
    ruleVersion: rule.version,
    condition: 'firing',
    openedAt: interval.openedAt,
    raisedAt: target.state.clock,
    resolvedAt: null,
    severity: interval.severity,
    informed: target.informed(target.asset, rule, name),
    late: true,
    amended: null,
    onset: interval.onset,
    ...(interval.firedAt !== undefined && { firedAt: interval.firedAt }),
  }
  remember(target.asset, name, raised)
  target.emit(target.asset, rule, raised, 'raised', interval.firedAt ?? interval.openedAt + rule.forMs)
  if (interval.resolvedAt === null) return
  const resolved: RaisedAlert = { ...raised, condition: 'resolved', resolvedAt: interval.resolvedAt }
  remember(target.asset, name, resolved)
  target.emit(target.asset, rule, resolved, 'resolved', interval.resolvedAt)
}

/** An id is minted once: if an alert that has since been moved in time bears this one, the newcomer gets the next. */
function mint(asset: AssetState, name: string, rule: CompiledRule, interval: Interval): AlertId {
  const key = keyOf(asset, name)
  const taken = new Set((asset.raised.get(name) ?? []).map((alert) => alert.id))
  let id = alertId(rule.id, key, interval.openedAt)
  for (let n = 2; taken.has(id); n++) id = alertId(rule.id, `${key} ${n}`, interval.openedAt)
  return id
}

export function isWithdrawn(alert: RaisedAlert): boolean {
  return alert.amended === 'disproved' || alert.amended === 'merged'
}

function withdraw(target: Target, rule: CompiledRule, name: string, alert: RaisedAlert, amended: Amendment): void {
  const resolvedAt = alert.resolvedAt ?? alert.openedAt
  const gone: RaisedAlert = { ...alert, ruleVersion: rule.version, condition: 'resolved', resolvedAt, amended }
  remember(target.asset, name, gone)
  target.emit(target.asset, rule, gone, 'amended', resolvedAt)
}
