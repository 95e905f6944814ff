import { goesOn } from '../domain/alert.ts'
import { GROUPINGS, type Grouping } from '../domain/attention.ts'
import { SEVERITIES } from '../domain/rule.ts'
import type { Instant } from '../domain/time.ts'
import type { Policy } from './policy.ts'
import { olderFirst, type Subject } from './quiet.ts'

/** What the members of a group have in common; null for an alert that lacks one of it, which is shown by itself. */
export function groupKey({ group }: Policy, alert: Subject): string | null {
  if (!group) return null
  const values = group.by.map((shared) => alert[shared])
  return values.includes(null) ? null : [alert.rule, ...group.by.map((shared, index) => `${shared}=${values[index]}`)].join(' ')
}

export function flapKey({ rule, key }: Pick<Subject, 'rule' | 'key'>): string {
  return `${rule} ${key}`
}

/** True when nothing but its group keeps an alert from being shown. */
export function isFree({ attention: { shown, by } }: Pick<Subject, 'attention'>): boolean {
  return shown || (GROUPINGS as readonly (string | null)[]).includes(by)
}

/**
 * Which of two members stands for the group: one that nobody has judged; of alerts in one place the worst that still goes
 * on, of a flapping key the first, so that its row stays where it is.
 */
export function standsBefore(by: Grouping, a: Subject, b: Subject): number {
  const judged = Number(a.verdict !== null) - Number(b.verdict !== null)
  if (judged !== 0) return judged
  if (by === 'flapping') return olderFirst(a, b)
  const over = Number(!goesOn(a)) - Number(!goesOn(b))
  return over || SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity) || olderFirst(a, b)
}

/** How many alerts of a key must be looked at to find more than `changes` changes: two each, and the present one. */
export function enoughFor(changes: number): number {
  return changes + 2
}

/** The newest alerts of a key that began by `at`, as many as it takes to say whether it flapped then. */
export function newestOfKey(alerts: Iterable<Subject>, key: string, at: Instant, changes: number): Subject[] {
  const same = [...alerts].filter((each) => flapKey(each) === key && each.openedAt <= at).sort((a, b) => a.openedAt - b.openedAt || (a.id < b.id ? -1 : 1))
  return same.slice(-enoughFor(changes))
}

/** Raises and ends of these alerts, all of one key, with from < event time ≤ to. */
export function changesIn(alerts: readonly Subject[], from: Instant, to: Instant): Instant[] {
  return alerts
    .filter(({ amended }) => amended !== 'disproved' && amended !== 'merged')
    .flatMap(({ openedAt, resolvedAt }) => (resolvedAt === null ? [openedAt] : [openedAt, resolvedAt]))
    .filter((at) => at > from && at <= to)
    .sort((a, b) => a - b)
}
