/** Types of outgoing CloudEvents (contract.md). */
export const ALERT_EVENTS = ['opened', 'updated', 'resolved', 'verdict'] as const
export type EventType = `city.wanglou.alert.${(typeof ALERT_EVENTS)[number]}.v1` | `city.wanglou.case.${string}.v1` | 'city.wanglou.reminder.sent.v1'

/** Something that consumers may want to know, in the book's own order. `id` is the same on every delivery. */
export interface OutEvent {
  /** Cursor: counts up without reuse. */
  seq: number
  id: string
  type: EventType
  time: string
  subject: string
  area: string | null
  data: unknown
}
