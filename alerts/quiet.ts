import { goesOn } from '../domain/alert.ts'
import type { Attention } from '../domain/attention.ts'
import { covers } from '../domain/covers.ts'
import type { AlertRecord } from '../store/book/alerts.ts'
import type { Inhibition } from '../store/book/attention.ts'
import type { Silence } from '../store/book/silences.ts'
import type { Policy } from './policy.ts'

/** What reduction knows of an alert. */
export type Subject = Pick<
  AlertRecord,
  | 'id'
  | 'rule'
  | 'key'
  | 'asset'
  | 'area'
  | 'grid'
  | 'gateway'
  | 'severity'
  | 'condition'
  | 'amended'
  | 'verdict'
  | 'openedAt'
  | 'raisedAt'
  | 'resolvedAt'
  | 'maintenance'
  | 'group'
  | 'attention'
>

/** By the silence that lasts longest, so that `until` is when the alert may be shown again. */
export function silenced(silences: Iterable<Silence>, alert: Subject): Attention | null {
  let longest: Silence | undefined
  for (const silence of silences) {
    if (silence.state !== 'active' || !covers(silence.matchers, alert)) continue
    if (!longest || silence.to > longest.to || (silence.to === longest.to && silence.id < longest.id)) longest = silence
  }
  return longest ? { shown: false, by: longest.kind, ref: longest.id, until: longest.to } : null
}

/**
 * What an alert keeps quiet while it goes on. One that was judged a false alarm, or that later data disproved, explains
 * nothing: what it kept quiet must be seen.
 */
export function inhibitionsOf(alert: Subject, { inhibits }: Policy): Inhibition[] {
  const value = inhibits && alert[inhibits.on]
  if (!inhibits || !value || !goesOn(alert) || alert.verdict === 'false_alarm') return []
  return inhibits.rules.map((rule) => ({ source: alert.id, rule, on: inhibits.on, value }))
}

export function isAbout({ source, rule, on, value }: Inhibition, alert: Subject): boolean {
  return source !== alert.id && rule === alert.rule && alert[on] === value
}

/** By the oldest alert that explains this one. Two that would explain each other do not both vanish: the first one stays. */
export function inhibited(inhibitions: readonly Inhibition[], alerts: ReadonlyMap<string, Subject>, alert: Subject): Attention | null {
  const sources = inhibitions
    .filter((each) => isAbout(each, alert))
    .flatMap(({ source }) => alerts.get(source) ?? [])
    .filter((source) => !isBehind(alerts, source, alert.id))
    .sort(olderFirst)
  return sources[0] ? { shown: false, by: 'inhibited', ref: sources[0].id, until: null } : null
}

/** True when an alert is itself kept quiet, directly or through others, by `other`. */
function isBehind(alerts: ReadonlyMap<string, Subject>, alert: Subject, other: string): boolean {
  const seen = new Set<string>()
  for (let at: Subject | undefined = alert; at?.attention.by === 'inhibited' && !seen.has(at.id); at = alerts.get(at.attention.ref ?? '')) {
    if (at.attention.ref === other) return true
    seen.add(at.id)
  }
  return false
}

export function olderFirst(a: Pick<Subject, 'raisedAt' | 'id'>, b: Pick<Subject, 'raisedAt' | 'id'>): number {
  return a.raisedAt - b.raisedAt || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0)
}
