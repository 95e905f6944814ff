import type { Alert } from './alert.ts'
import type { Case } from './case.ts'
import { type OutEvent, RULE_EVENT } from './event.ts'
import type { Kind } from './fields.ts'
import type { RuleState } from './rule.ts'

/** An asset whose newest values changed; the map moves it. `lon`/`lat` are the newest trustworthy fix. */
export interface AssetChange {
  id: string
  kind: string
  observed: Kind
  lon: number | null
  lat: number | null
  at: number
  values: Record<string, unknown>
}

/** A version of a rule was saved or came into this state; `by` whom and why. */
export interface RuleChange {
  id: string
  version: number
  state: RuleState | 'removed'
  /** `live` in these areas only; null: everywhere. */
  areas: string[] | null
  by: string
  at: string
  note: string
}

/**
 * What `GET feed` sends. Alerts, cases and rules bear the event's seq as SSE id; assets bear none: only the newest matters.
 * Rules are everybody's, whatever their area.
 */
export type FeedEvent =
  | { event: 'alert'; seq: number; area: string | null; data: Alert }
  | { event: 'case'; seq: number; area: string | null; data: Case }
  | { event: 'rule'; seq: number; area: null; data: RuleChange }
  | { event: 'asset'; area: string | null; data: AssetChange }

/** What the feed says of an event; undefined for events that it does not carry (reminders). */
export function feedEventOf({ type, seq, area, data }: OutEvent): FeedEvent | undefined {
  if (type.startsWith('city.wanglou.alert.')) return { event: 'alert', seq, area, data: data as Alert }
  if (type.startsWith('city.wanglou.case.')) return { event: 'case', seq, area, data: data as Case }
  if (type === RULE_EVENT) return { event: 'rule', seq, area: null, data: data as RuleChange }
  return undefined
}
