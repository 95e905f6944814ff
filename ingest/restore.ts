import type { Offset } from '../domain/ids.ts'
import type { Payload } from '../domain/observation.ts'
import { BodyWalk } from '../store/journal/body.ts'
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
      const walk = new BodyWalk(body, { first, receivedAt })
      while (walk.next()) {
        if (walk.offset < next) continue
        const { kind, device, gateway, at } = walk
        const json = body.subarray(walk.payloadAt, walk.payloadEnd)
        judge.remember({ kind, device, gateway, at, json, payload: JSON.parse(json.toString()) as Payload }, receivedAt)
      }
      judge.settle(receivedAt)
      next = first + count
    }
    if (batches.length === 0) return
    stepped()
  }
}
