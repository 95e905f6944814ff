import type { Alert, Condition, Review, Verdict } from '../../domain/alert.ts'
import type { Reason } from '../../domain/attention.ts'
import type { Severity } from '../../domain/rule.ts'

// domain's lists stand beside their zod schemas; written again here, checked against the types, the page needs no zod.
export const SEVERITIES = ['critical', 'major', 'minor', 'info'] as const satisfies readonly Severity[]
export const CONDITIONS = ['firing', 'recovering', 'resolved'] as const satisfies readonly Condition[]
export const REVIEWS = ['open', 'acknowledged', 'judged'] as const satisfies readonly Review[]
export const REASONS = ['silence', 'maintenance', 'inhibited', 'fused', 'flapping', 'grouped'] as const satisfies readonly Reason[]
export const VERDICTS = ['confirmed', 'false_alarm', 'benign', 'unclear'] as const satisfies readonly Verdict[]

/** 3 for critical down to 0 for info. */
export function rank(severity: Severity): number {
  return 3 - SEVERITIES.indexOf(severity)
}

/** Still on somebody's plate: not judged yet. */
export function isToDo(alert: Pick<Alert, 'review'>): boolean {
  return alert.review !== 'judged'
}

/** Going on. A key that flaps goes on as a whole, though the alert that stands for it may be over. */
export function isActive(alert: Pick<Alert, 'condition' | 'attention'>): boolean {
  return alert.condition !== 'resolved' || (alert.attention.shown && alert.attention.by === 'flapping')
}

export function isShown(alert: Pick<Alert, 'attention'>): boolean {
  return alert.attention.shown
}

/** Belongs on the live map: still going on, not judged to be nothing, and not kept quiet; of a group every place is shown. */
export function isOnMap(alert: Pick<Alert, 'condition' | 'review' | 'verdict' | 'attention'>): boolean {
  if (!isShown(alert) && alert.attention.by !== 'grouped') return false
  return (isActive(alert) || isToDo(alert)) && alert.verdict !== 'false_alarm' && alert.verdict !== 'benign' && !(alert.review === 'judged' && !isActive(alert))
}
