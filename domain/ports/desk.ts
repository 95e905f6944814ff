import type { OutEvent } from '../event.ts'

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
