import type { Alert, Condition, Review, Verdict } from '../../domain/alert.ts'
import type { Severity } from '../../domain/rule.ts'

// domain's lists stand beside their zod schemas; written again here, checked against the types, the page needs no zod.
export const SEVERITIES = ['critical', 'major', 'minor', 'info'] as const satisfies readonly Severity[]
export const CONDITIONS = ['firing', 'recovering', 'resolved'] as const satisfies readonly Condition[]
export const REVIEWS = ['open', 'acknowledged', 'judged'] as const satisfies readonly Review[]
export const VERDICTS = ['confirmed', 'false_alarm', 'benign', 'unclear'] as const satisfies readonly Verdict[]

/** 3 for critical down to 0 for info. */
export function rank(severity: Severity): number {
  return 3 - SEVERITIES.indexOf(severity)
}

/** Still on somebody's plate: not judged yet. */
export function isToDo(alert: Pick<Alert, 'review'>): boolean {
  return alert.review !== 'judged'
}

export function isActive(alert: Pick<Alert, 'condition'>): boolean {
  return alert.condition !== 'resolved'
}

/** Belongs on the live map: still going on and not judged to be nothing. */
export function isOnMap(alert: Pick<Alert, 'condition' | 'review' | 'verdict'>): boolean {
  return (isActive(alert) || isToDo(alert)) && alert.verdict !== 'false_alarm' && alert.verdict !== 'benign' && !(alert.review === 'judged' && !isActive(alert))
}
