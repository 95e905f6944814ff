import type { Offset } from '../ids.ts'
import type { Control, JournalRecord } from '../record.ts'
import type { Instant } from '../time.ts'

/** What the ingest room hands over once it has judged a message: `json` is the payload's own JSON, byte for byte; bytes are UTF-8 and only read. */
export interface ObservationDraft {
  kind: string
  device: string
  gateway: string
  at: Instant
  json: string | Uint8Array
}

/** One commit: records with consecutive offsets and one `receivedAt`. */
export interface JournalBatch {
  first: Offset
  receivedAt: Instant
  records: JournalRecord[]
}

/**
 * The one ordered truth (S1). `append` returns only after the records are on disk and flushed; if it throws,
 * none of them is in the journal. Offsets are 1, 2, 3 … without gaps. `receivedAt` never goes back, whatever the
 * system clock does. One process writes, any number read.
 */
export interface JournalWriter {
  append(observations: readonly ObservationDraft[], controls: readonly Control[], now: Instant): { first: Offset; receivedAt: Instant }
  /** Last committed offset, 0 when empty. */
  head(): Offset
  close(): void
}

export interface JournalReader {
  /** Batches that contain or follow `from`, oldest first, records below `from` left out; at most about `limit` records. */
  read(from: Offset, limit: number): JournalBatch[]
  head(): Offset
  /** First offset still kept; head + 1 when empty. */
  oldest(): Offset
  close(): void
}

/** How rooms outside the journal's thread add control records: committed and flushed when it resolves. */
export interface ControlAppender {
  append(controls: readonly Control[]): Promise<{ first: Offset; receivedAt: Instant }>
}
