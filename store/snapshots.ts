import type { Offset } from '../domain/ids.ts'
import { type Database, openDatabase } from '../drivers/sqlite.ts'

/** A state of the engine at an offset; the body is the engine's own text. */
export interface StoredSnapshot {
  offset: Offset
  hash: string
  body: string
}

const KEEP = 4

/** Snapshots of the engine: where it starts again, and what a replay compares with on its way. */
export class Snapshots {
  readonly #db: Database

  constructor(path: string, options: { readonly?: boolean } = {}) {
    this.#db = openDatabase(path, { synchronous: 'NORMAL', ...options })
    if (!options.readonly) this.#db.exec('CREATE TABLE IF NOT EXISTS snapshot (offset INTEGER PRIMARY KEY, hash TEXT NOT NULL, body TEXT NOT NULL)')
  }

  /** Keeps the snapshot and the newest few before it, and for ever the oldest at or after `oldest`: a replay begins there. */
  put(snapshot: StoredSnapshot, oldest: Offset): void {
    const { offset, hash, body } = snapshot
    this.#db.prepare('INSERT OR REPLACE INTO snapshot VALUES (?, ?, ?)').run(offset, hash, body)
    const first = this.#db.prepare('SELECT min(offset) AS first FROM snapshot WHERE offset >= ?').get(oldest - 1) as { first: Offset | null }
    this.#db.prepare('DELETE FROM snapshot WHERE offset <> ? AND offset NOT IN (SELECT offset FROM snapshot ORDER BY offset DESC LIMIT ?)').run(first.first ?? -1, KEEP)
  }

  /** Newest first, at or before `offset`. */
  *before(offset: Offset): Generator<StoredSnapshot> {
    const offsets = this.#db.prepare('SELECT offset FROM snapshot WHERE offset <= ? ORDER BY offset DESC').all(offset) as { offset: Offset }[]
    for (const each of offsets) yield this.#db.prepare('SELECT offset, hash, body FROM snapshot WHERE offset = ?').get(each.offset) as StoredSnapshot
  }

  /** Offsets and hashes, oldest first. */
  all(): { offset: Offset; hash: string }[] {
    return this.#db.prepare('SELECT offset, hash FROM snapshot ORDER BY offset').all() as { offset: Offset; hash: string }[]
  }

  close(): void {
    this.#db.close()
  }
}
