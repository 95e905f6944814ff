import type { Alert } from './alert.ts'
import type { Case } from './case.ts'
import type { OutEvent } from './event.ts'
import type { Kind } from './fields.ts'

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

/** What `GET feed` sends. Alerts and cases bear the event's seq as SSE id; assets bear none: only the newest matters. */
export type FeedEvent =
  | { event: 'alert'; seq: number; area: string | null; data: Alert }
  | { event: 'case'; seq: number; area: string | null; data: Case }
  | { event: 'asset'; area: string | null; data: AssetChange }

/** What the feed says of an event; undefined for events that it does not carry (reminders). */
export function feedEventOf({ type, seq, area, data }: OutEvent): FeedEvent | undefined {
  if (type.startsWith('city.wanglou.alert.')) return { event: 'alert', seq, area, data: data as Alert }
  if (type.startsWith('city.wanglou.case.')) return { event: 'case', seq, area, data: data as Case }
  return undefined
}
