import type { Offset } from '../../domain/ids.ts'
import type { JournalBatch, JournalReader, JournalWriter, ObservationDraft } from '../../domain/ports/journal.ts'
import type { Control } from '../../domain/record.ts'
import type { Instant } from '../../domain/time.ts'
import { decodeBody, encodeBody } from './body.ts'

/** The journal in memory, writer and reader in one: for tests and backtests. */
export class MemoryJournal implements JournalWriter, JournalReader {
  readonly #batches: { first: Offset; receivedAt: Instant; count: number; body: Buffer }[] = []
  #head: Offset = 0

  append(observations: readonly ObservationDraft[], controls: readonly Control[], now: Instant): { first: Offset; receivedAt: Instant } {
    const first = this.#head + 1
    const receivedAt = Math.max(this.#batches.at(-1)?.receivedAt ?? 0, now)
    const count = observations.length + controls.length
    if (count > 0) this.#batches.push({ first, receivedAt, count, body: encodeBody(observations, controls) })
    this.#head += count
    return { first, receivedAt }
  }

  read(from: Offset, limit: number): JournalBatch[] {
    const found: JournalBatch[] = []
    let left = limit
    for (const { first, receivedAt, count, body } of this.#batches) {
      if (left <= 0) break
      if (first + count <= from) continue
      const records = decodeBody(body, { first, receivedAt }, from)
      found.push({ first: Math.max(first, from), receivedAt, records })
      left -= records.length
    }
    return found
  }

  head(): Offset {
    return this.#head
  }

  oldest(): Offset {
    return 1
  }

  close(): void {}
}
