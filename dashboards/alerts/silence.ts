import type { Alert } from '../../domain/alert.ts'
import { covers } from '../../domain/covers.ts'
import type { Matchers, SilenceKind } from '../../domain/silence.ts'
import type { SilenceOrder } from '../api/client.ts'
import { isActive, SEVERITIES } from './words.ts'

const HOUR = 3_600_000
/** How long, in hours: a shift, a day, a week are what people mean. */
export const LENGTHS = [1, 4, 8, 24, 168] as const

/** What an operator has ticked so far. */
export interface SilenceDraft {
  kind: SilenceKind
  hours: number
  /** Planned ahead, ms; null: from now on, for `hours`. */
  planned: { from: number; to: number } | null
  asset: boolean
  rule: boolean
  grid: boolean
  /** Show an alert all the same when it becomes worse than this one is. */
  rise: boolean
  reason: string
}

/** The narrowest that helps, with the door left open for worse. */
export const FRESH: SilenceDraft = { kind: 'silence', hours: 4, planned: null, asset: true, rule: true, grid: false, rise: true, reason: '' }

export function matchersOf(draft: SilenceDraft, alert: Alert): Matchers {
  const area = alert.grid ?? alert.area
  return {
    ...(draft.asset && { asset: alert.asset }),
    ...(draft.rule && { rule: alert.rule }),
    ...(draft.grid && area !== null && { area }),
    ...(draft.rise && alert.severity !== 'critical' && { severity: SEVERITIES.slice(SEVERITIES.indexOf(alert.severity)) }),
  }
}

/** A silence of severities alone would be of the whole city: nobody means that when looking at one alert. */
export function isBounded(draft: SilenceDraft): boolean {
  return draft.asset || draft.rule || draft.grid
}

/** A planned one ends after it begins, and not in the past. */
export function isInOrder({ planned }: Pick<SilenceDraft, 'planned'>, now: number): boolean {
  return planned === null || (planned.to > planned.from && planned.to > now)
}

export function orderOf(draft: SilenceDraft, alert: Alert, now: number): SilenceOrder {
  const { from, to } = draft.planned ?? { from: null, to: now + draft.hours * HOUR }
  const times = { ...(from !== null && { from: new Date(from).toISOString() }), to: new Date(to).toISOString() }
  return { kind: draft.kind, matchers: matchersOf(draft, alert), ...times, reason: draft.reason.trim() }
}

/** Alerts that go on, are shown, and would not be any more. */
export function wouldQuiet(matchers: Matchers, alerts: readonly Alert[]): number {
  return alerts.filter((alert) => isActive(alert) && alert.attention.shown && covers(matchers, alert)).length
}
