import type { OutEvent } from '../domain/event.ts'
import type { Desk, DeskOutcome } from '../domain/ports/desk.ts'

/** A desk in the process: for the demo city and for tests. It answers what it is told to, and keeps what it took. */
export interface MemoryDesk extends Desk {
  readonly taken: readonly OutEvent[]
  /** What it answers from now on; `delivered` at first. */
  answer(outcome: DeskOutcome): void
}

export function createMemoryDesk(name: string): MemoryDesk {
  const taken: OutEvent[] = []
  let outcome: DeskOutcome = { outcome: 'delivered' }
  return {
    name,
    taken,
    answer(next) {
      outcome = next
    },
    async deliver(event) {
      if (outcome.outcome === 'delivered' && !taken.some(({ id }) => id === event.id)) taken.push(event)
      return outcome
    },
  }
}
