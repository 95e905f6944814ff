import type { Scalar, Transition } from './alert.ts'
import type { OutEvent } from './event.ts'
import type { Kind } from './fields.ts'
import type { AlertId, AssetId, DeviceId, Offset, RuleId } from './ids.ts'
import type { ControlRecord } from './record.ts'
import type { Instant } from './time.ts'

/** A device that nobody registered reported for the first time and is an asset of its own from now on. */
export interface Discovery {
  type: 'discovered'
  offset: Offset
  receivedAt: Instant
  asset: AssetId
  device: DeviceId
  kind: Kind
}

/** A rule with `remind` has held: `to` is to be reminded. `id` is that of the alert that comes if it stays. */
export interface ReminderDue {
  type: 'remind'
  offset: Offset
  receivedAt: Instant
  id: AlertId
  rule: RuleId
  ruleVersion: number
  key: string
  asset: AssetId
  /** Event times: when the hold was satisfied, and when it began. */
  at: Instant
  openedAt: Instant
  /** The desk. */
  to: string
  lon: number | null
  lat: number | null
  values: Record<string, Scalar>
}

/** What the engine says, in order of offset, for the book: its transitions and the control records that passed through it. */
export type Projected = ({ type: 'transition'; receivedAt: Instant } & Transition) | ControlRecord | Discovery | ReminderDue

/** A stretch of the journal, digested. It is applied in one book transaction together with `through`; twice changes nothing. */
export interface Digest {
  through: Offset
  entries: Projected[]
}

/**
 * What projecting changed for the world outside: the event, with the whole Alert or Case as its data. `closed`: what it
 * is about is closed, so the view on MQTT ends with it.
 */
export interface Change {
  event: OutEvent
  closed: boolean
}
