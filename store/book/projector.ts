import { CodedError } from '../../domain/errors.ts'
import type { Offset } from '../../domain/ids.ts'
import type { Change, Digest, Projected } from '../../domain/projection.ts'
import type { Book, Tables } from './book.ts'

/** Writes what one entry means into the book; entries that are not its business it passes over. */
export type Applier = (tables: Tables, entry: Projected) => Promise<Change[]>

export interface Projector {
  /** Projects a digest in one transaction with its `through`. What it returns happened; a digest seen before returns nothing. */
  apply(digest: Digest): Promise<Change[]>
  /** The same for what enters the book without a record: evidence. */
  commit(work: (tables: Tables) => Promise<Change[]>): Promise<Change[]>
  /** Resolves once the record at `offset` has been projected; throws `not_ready` while nothing is. */
  reached(offset: Offset): Promise<void>
  /** Nothing is projected for now: those who wait, and who would before the next digest is in the book, are told why. */
  refuse(why: string): void
}

/**
 * The one writer of the book (S1). Appliers run in the order given, entry by entry; `route` sees all changes of the
 * transaction and queues them for desks within it, so that neither a change without its delivery nor a delivery
 * without its change can survive a crash.
 */
export async function createProjector(book: Book, appliers: readonly Applier[], route: (tables: Tables, changes: readonly Change[]) => Promise<void>): Promise<Projector> {
  let projected = await book.bookOffset()
  let refused: string | undefined
  const waiting = new Set<{ offset: Offset; resolve: () => void; reject: (error: Error) => void }>()

  async function commit(work: (tables: Tables) => Promise<Change[]>): Promise<Change[]> {
    return book.transaction(async (tables) => {
      const changes = await work(tables)
      await route(tables, changes)
      return changes
    })
  }

  async function apply(digest: Digest): Promise<Change[]> {
    if (digest.through <= projected) return []
    const changes = await commit(async (tables) => {
      const done = await tables.offset()
      const all: Change[] = []
      for (const entry of digest.entries) {
        if (entry.offset <= done) continue
        for (const applier of appliers) all.push(...(await applier(tables, entry)))
      }
      await tables.setOffset(Math.max(done, digest.through))
      return all
    })
    projected = Math.max(projected, digest.through)
    refused = undefined
    for (const waiter of waiting) {
      if (waiter.offset > projected) continue
      waiting.delete(waiter)
      waiter.resolve()
    }
    return changes
  }

  return {
    apply,
    commit,
    reached: (offset) => {
      if (offset <= projected) return Promise.resolve()
      if (refused !== undefined) return Promise.reject(new CodedError('not_ready', refused))
      const { promise, resolve, reject } = Promise.withResolvers<void>()
      waiting.add({ offset, resolve, reject })
      return promise
    },
    refuse(why) {
      refused = why
      for (const { reject } of waiting) reject(new CodedError('not_ready', why))
      waiting.clear()
    },
  }
}
