import type { OutEvent } from '../event.ts'
import type { Instant } from '../time.ts'

/**
 * An outside case system. `deliver` sends one event and says what became of it; trying again is the outbox's business,
 * whether it can help is the desk's to say, because only it knows a 429 from a 400.
 */
export interface Desk {
  readonly name: string
  /** Never throws: whatever went wrong is an outcome. */
  deliver(event: OutEvent): Promise<DeskOutcome>
  /** Breaks off what is in progress; it is delivered again after the next start. */
  close?(): void
}

export type DeskOutcome =
  | { outcome: 'delivered'; reference?: string }
  /** Try again. With `afterMs` the desk asks for less: nothing at all goes to it before. */
  | { outcome: 'failed'; retry: true; why: string; afterMs?: number }
  /** The desk will never take this event; it goes to the dead letters. */
  | { outcome: 'failed'; retry: false; why: string; disable?: boolean }

/** What a desk is owed. */
export interface DeskStatus {
  desk: string
  /** Deliveries that wait, for their time or for the desk. */
  pending: number
  /** Dead letters: the desk refused them, or was tried for days. */
  dead: number
  /** Since when and why nothing goes to it any more: it answered that it is gone. */
  disabled: { at: Instant; why: string } | null
  /** Why the newest dead letter died, else what the oldest that waits met last. */
  why: string | null
}

/** What admins do about desks. A desk that nobody configured is `desk.unknown`. */
export interface Desks {
  /** Every desk of the configuration. */
  status(): Promise<DeskStatus[]>
  /** Sends dead letters again (of one event, or all), under the ids that they had; says how many. */
  replay(desk: string, seq?: number): Promise<number>
  /** A desk that answered "gone" takes deliveries again; what was queued meanwhile goes out. */
  enable(desk: string): Promise<void>
}
