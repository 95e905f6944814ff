import { goesOn } from '../domain/alert.ts'
import type { Attention } from '../domain/attention.ts'
import { covers } from '../domain/covers.ts'
import { distanceM } from '../domain/geo.ts'
import type { AlertRecord } from '../store/book/alerts.ts'
import { circleOf, type Inhibition } from '../store/book/attention.ts'
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
  | 'lon'
  | 'lat'
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
export function inhibitionsOf(alert: Subject, { inhibits, fuse }: Policy): Inhibition[] {
  if (!goesOn(alert) || alert.verdict === 'false_alarm') return []
  const { id: source, lon, lat } = alert
  const value = inhibits && alert[inhibits.on]
  const explained = inhibits && value ? inhibits.rules.map((rule): Inhibition => ({ source, rule, on: inhibits.on, value })) : []
  const fused = fuse && lon !== null && lat !== null ? fuse.with.map((rule): Inhibition => ({ source, rule, on: 'place', value: `${lon} ${lat} ${fuse.withinM}` })) : []
  return [...explained, ...fused].sort((a, b) => (a.rule < b.rule ? -1 : a.rule > b.rule ? 1 : a.on < b.on ? -1 : 1))
}

export function isAbout({ source, rule, on, value }: Inhibition, alert: Subject): boolean {
  if (source === alert.id || rule !== alert.rule) return false
  return on === 'place' ? isNear(value, alert) : alert[on] === value
}

function isNear(circle: string, { lon, lat }: Subject): boolean {
  const { lon: x, lat: y, metres } = circleOf(circle)
  return lon !== null && lat !== null && distanceM([lon, lat], [x, y]) <= metres
}

/** By the oldest alert that explains this one. Two that would explain each other do not both vanish: the first one stays. */
export function inhibited(inhibitions: readonly Inhibition[], alerts: ReadonlyMap<string, Subject>, alert: Subject): Attention | null {
  const [first] = inhibitions
    .filter((each) => isAbout(each, alert))
    .flatMap(({ source, on }) => {
      const found = alerts.get(source)
      return found && !isBehind(alerts, found, alert.id) ? [{ source: found, by: on === 'place' ? ('fused' as const) : ('inhibited' as const) }] : []
    })
    .sort((a, b) => olderFirst(a.source, b.source) || (a.by < b.by ? 1 : -1))
  return first ? { shown: false, by: first.by, ref: first.source.id, until: null } : null
}

/** Kept quiet by another alert, that explains it or tells of the same thing. */
export function isExplained({ attention: { by } }: Pick<Subject, 'attention'>): boolean {
  return by === 'inhibited' || by === 'fused'
}

/** True when an alert is itself kept quiet, directly or through others, by `other`. */
function isBehind(alerts: ReadonlyMap<string, Subject>, alert: Subject, other: string): boolean {
  const seen = new Set<string>()
  for (let at: Subject | undefined = alert; at && isExplained(at) && !seen.has(at.id); at = alerts.get(at.attention.ref ?? '')) {
    if (at.attention.ref === other) return true
    seen.add(at.id)
  }
  return false
}

export function olderFirst(a: Pick<Subject, 'raisedAt' | 'id'>, b: Pick<Subject, 'raisedAt' | 'id'>): number {
  return a.raisedAt - b.raisedAt || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0)
}
