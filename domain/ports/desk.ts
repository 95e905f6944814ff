import type { OutEvent } from '../event.ts'

/**
 * An outside case system. `deliver` sends one event and says what became of it; trying again is the outbox's business,
 * whether it can help is the desk's to say, because only it knows a 429 from a 400.
 */
export interface Desk {
  readonly name: string
  deliver(event: OutEvent): Promise<DeskOutcome>
}

export type DeskOutcome =
  | { outcome: 'delivered'; reference?: string }
  /** Try again, not before `afterMs` if given. */
  | { outcome: 'failed'; retry: true; why: string; afterMs?: number }
  /** The desk will never take this event; it goes to the dead letters. */
  | { outcome: 'failed'; retry: false; why: string; disable?: boolean }
