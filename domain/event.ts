/** Types of outgoing CloudEvents (contract.md). */
export const ALERT_EVENTS = ['opened', 'updated', 'resolved', 'verdict'] as const
/** A version of a rule was saved or came into another state. */
export const RULE_EVENT = 'city.wanglou.rule.changed.v1'
export type EventType = `city.wanglou.alert.${(typeof ALERT_EVENTS)[number]}.v1` | `city.wanglou.case.${string}.v1` | 'city.wanglou.reminder.sent.v1' | typeof RULE_EVENT

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
