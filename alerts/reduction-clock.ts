import type { Change } from '../domain/projection.ts'
import { type Instant, SECOND } from '../domain/time.ts'
import type { Book, Tables } from '../store/book/book.ts'
import { type DueLoop, whenDue } from '../store/book/due.ts'
import { elapse, nextDue } from './attention.ts'

export interface ReductionClockDeps {
  book: Book
  commit(work: (tables: Tables) => Promise<Change[]>): Promise<Change[]>
  /** Hands on what changed: feed, MQTT, desks. */
  changed(changes: readonly Change[]): void
  /**
   * How far the book has come: the present when every record is projected, else the receipt of the last one that was.
   * While a backlog is worked off nothing ends before what was received before its end.
   */
  clock(): Instant
  now(): Instant
  failed(error: unknown): void
}

/**
 * Ends silences and flapping when their time has come and no record comes by. It leaves nothing to itself: what it does
 * bears the time that it was due, and a record that comes first does the same (applier.ts).
 */
export function openReductionClock(deps: ReductionClockDeps): DueLoop {
  return whenDue(
    async (now) => {
      const due = (await nextDue(deps.book))?.at
      if (due === undefined || due > now) return due
      const clock = deps.clock()
      if (due > clock) return now + SECOND
      deps.changed(await deps.commit((tables) => elapse(tables, clock)))
      return (await nextDue(deps.book))?.at
    },
    deps.now,
    deps.failed,
  )
}
