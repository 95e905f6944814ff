import { statSync } from 'node:fs'
import type { Offset } from '../../domain/ids.ts'
import type { JournalBatch, JournalReader } from '../../domain/ports/journal.ts'
import type { Instant } from '../../domain/time.ts'
import { type Database, openDatabase, type Statement } from '../../drivers/sqlite.ts'
import { decodeBody } from './body.ts'
import { listSegments, type Segment } from './segments.ts'

/** A commit as it lies on disk. */
export interface StoredBatch {
  first: Offset
  count: number
  receivedAt: Instant
  /** JSON text in UTF-8 (body.ts). */
  body: Buffer
}

interface OpenSegment {
  db: Database
  inode: number
  batches: Statement
  last: Statement
}

/** Segments that one reader keeps open: the one being written and the one being read. */
const MAX_OPEN = 2

/** Reads the journal from any thread or process while another writes it. */
export class SqliteJournalReader implements JournalReader {
  readonly #folder: string
  readonly #open = new Map<string, OpenSegment>()

  constructor(folder: string) {
    this.#folder = folder
  }

  read(from: Offset, limit: number): JournalBatch[] {
    return this.stored(from, limit).map(({ first, receivedAt, body }) => ({
      first: Math.max(first, from),
      receivedAt,
      records: decodeBody(body, { first, receivedAt }, from),
    }))
  }

  /** As `read`, with bodies unparsed. */
  stored(from: Offset, limit: number): StoredBatch[] {
    const found: StoredBatch[] = []
    let [next, left] = [Math.max(1, from), limit]
    for (const segment of this.#from(next)) {
      for (const batch of this.#in(segment)?.batches.iterate({ next }) ?? []) {
        const stored = batch as StoredBatch
        found.push(stored)
        left -= stored.first + stored.count - Math.max(next, stored.first)
        next = stored.first + stored.count
        if (left <= 0) return found
      }
    }
    return found
  }

  head(): Offset {
    for (const segment of listSegments(this.#folder).toReversed()) {
      const row = this.#in(segment)?.last.get() as { first: Offset; count: number } | undefined
      if (row) return row.first + row.count - 1
      if (segment.first > 1) return segment.first - 1
    }
    return 0
  }

  oldest(): Offset {
    return listSegments(this.#folder)[0]?.first ?? 1
  }

  /** First offset of the first commit that was received at `at` or later; head + 1 when there is none. */
  offsetAt(at: Instant): Offset {
    for (const segment of listSegments(this.#folder)) {
      const row = this.#in(segment)?.db.prepare('SELECT first FROM batch WHERE receivedAt >= ? ORDER BY first LIMIT 1').get(at) as { first: Offset } | undefined
      if (row) return row.first
    }
    return this.head() + 1
  }

  close(): void {
    for (const { db } of this.#open.values()) db.close()
    this.#open.clear()
  }

  #from(from: Offset): Segment[] {
    const segments = listSegments(this.#folder)
    const holder = segments.findLastIndex((segment) => segment.first <= from)
    return segments.slice(Math.max(0, holder))
  }

  #in(segment: Segment): OpenSegment | undefined {
    const inode = statSync(segment.path, { throwIfNoEntry: false })?.ino
    // Retention may have dropped it since the folder was listed.
    if (inode === undefined) return undefined
    const known = this.#open.get(segment.path)
    if (known?.inode === inode) return known
    known?.db.close()
    this.#open.delete(segment.path)
    const db = openDatabase(segment.path, { synchronous: 'FULL', readonly: true })
    if (!hasBatches(db)) {
      db.close()
      return undefined
    }
    const opened = { db, inode, batches: db.prepare(BATCHES_FROM), last: db.prepare('SELECT first, count FROM batch ORDER BY first DESC LIMIT 1') }
    this.#open.set(segment.path, opened)
    for (const [path, { db: old }] of this.#open) {
      if (this.#open.size <= MAX_OPEN) break
      old.close()
      this.#open.delete(path)
    }
    return opened
  }
}

const BATCHES_FROM = `
  SELECT first, count, receivedAt, CAST(body AS BLOB) AS body FROM batch
  WHERE first >= coalesce((SELECT max(first) FROM batch WHERE first <= $next), 0) AND first + count > $next
  ORDER BY first`

/** False in the moment between the making of a file and of its table. */
function hasBatches(db: Database): boolean {
  return db.prepare("SELECT 1 FROM sqlite_master WHERE name = 'batch'").get() !== undefined
}

export function openJournalReader(folder: string): SqliteJournalReader {
  return new SqliteJournalReader(folder)
}
