import type { EventType, OutEvent } from '../domain/event.ts'
import type { Desk } from '../domain/ports/desk.ts'
import type { ReminderDue } from '../domain/projection.ts'
import type { Control } from '../domain/record.ts'
import { formatInstant, type Instant, MINUTE } from '../domain/time.ts'
import type { Applier } from '../store/book/projector.ts'
import { placeCode } from '../store/book/scope.ts'

/** What goes to whom a rule reminds. */
export const REMINDER_EVENT: EventType = 'city.wanglou.reminder.sent.v1'

/** What the desk is told; `id` is that of the alert that comes if it stays. */
export interface Reminder extends Pick<ReminderDue, 'id' | 'rule' | 'ruleVersion' | 'key' | 'asset' | 'to' | 'lon' | 'lat' | 'values'> {
  at: string
  openedAt: string
}

/** Puts reminders that the engine asks for among the events, from where they go to their desk. */
export const remindersApplier: Applier = async (tables, entry) => {
  if (entry.type !== 'remind') return []
  const { type: _type, offset: _offset, receivedAt, at, openedAt, ...rest } = entry
  const data: Reminder = { ...rest, at: formatInstant(at), openedAt: formatInstant(openedAt) }
  const asset = await tables.assets.find(entry.asset)
  const area = asset ? placeCode(asset.area, asset.grid) : null
  const event = await tables.events.add({ id: `${entry.id}-reminder`, type: REMINDER_EVENT, time: formatInstant(receivedAt), subject: entry.id, area, data })
  return [{ event, closed: false }]
}

export function reminderIn({ type, data }: Pick<OutEvent, 'type' | 'data'>): Reminder | undefined {
  return type === REMINDER_EVENT ? (data as Reminder) : undefined
}

/** A reminder that comes later than this reminds nobody of what he can still mend. */
const SEND_WITHIN_MS = 15 * MINUTE

/** After this an event is not sent any more; Infinity: as long as the desk is tried. */
export function sendBefore(event: Pick<OutEvent, 'type' | 'time'>): Instant {
  return event.type === REMINDER_EVENT ? Date.parse(event.time) + SEND_WITHIN_MS : Infinity
}

/** What is journalled when it is known what became of a reminder; `sentAt` null: it could not be sent. */
export function reminderRecord({ id, rule, key }: Reminder, sentAt: Instant | null): Control {
  return { type: 'reminder', by: 'platform', id, rule, key, sentAt }
}

/** Where reminders go whose desk nobody configured: they fail at once, and the book and the journal say so. */
export const NO_DESK = '(none)'

export function createNoDesk(): Desk {
  return { name: NO_DESK, deliver: async (event) => ({ outcome: 'failed', retry: false, why: `there is no desk ${reminderIn(event)?.to ?? ''}` }) }
}
