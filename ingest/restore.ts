import type { Offset } from '../domain/ids.ts'
import type { Payload } from '../domain/observation.ts'
import { rawObservations } from '../store/journal/body.ts'
import type { SqliteJournalReader } from '../store/journal/reader.ts'
import type { Judge } from './judge.ts'

const STEP = 4096

/**
 * Judges again what the journal holds from `from` on, so that the ledger and the memory of keys know all that was
 * acknowledged, however the last life ended. `stepped` is called after each stretch.
 */
export function restore(journal: SqliteJournalReader, judge: Judge, { from, stepped }: { from: Offset; stepped: () => void }): void {
  for (let next = from; ; ) {
    const batches = journal.stored(next, STEP)
    for (const { first, count, receivedAt, body } of batches) {
      for (const raw of rawObservations(body, { first, receivedAt }, next)) judge.remember({ ...raw, payload: JSON.parse(raw.json) as Payload }, receivedAt)
      judge.settle(receivedAt)
      next = first + count
    }
    if (batches.length === 0) return
    stepped()
  }
}
