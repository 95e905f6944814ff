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

  /**
   * Keeps the snapshot, the newest few before it, and for each segment of the journal (`segments`: their first offsets)
   * the first at or after its beginning: when older segments are dropped, a replay begins there.
   */
  put({ offset, hash, body }: StoredSnapshot, segments: readonly Offset[]): void {
    this.#db.transaction(() => {
      this.#db.prepare('INSERT OR REPLACE INTO snapshot VALUES (?, ?, ?)').run(offset, hash, body)
      const offsets = this.all().map((each) => each.offset)
      const kept = new Set([...offsets.slice(-KEEP), ...segments.map((first) => offsets.find((each) => each >= first - 1))])
      const drop = this.#db.prepare('DELETE FROM snapshot WHERE offset = ?')
      for (const each of offsets) if (!kept.has(each)) drop.run(each)
    })()
  }

  /** Newest first, at or before `offset`. */
  *before(offset: Offset): Generator<StoredSnapshot> {
    const offsets = this.#db.prepare('SELECT offset FROM snapshot WHERE offset <= ? ORDER BY offset DESC').all(offset) as { offset: Offset }[]
    for (const each of offsets) yield this.#db.prepare('SELECT offset, hash, body FROM snapshot WHERE offset = ?').get(each.offset) as StoredSnapshot
  }

  /** The oldest at or after `offset`. */
  firstFrom(offset: Offset): StoredSnapshot | undefined {
    return this.#db.prepare('SELECT offset, hash, body FROM snapshot WHERE offset >= ? ORDER BY offset LIMIT 1').get(offset) as StoredSnapshot | undefined
  }

  /** Offsets and hashes, oldest first. */
  all(): { offset: Offset; hash: string }[] {
    return this.#db.prepare('SELECT offset, hash FROM snapshot ORDER BY offset').all() as { offset: Offset; hash: string }[]
  }

  close(): void {
    this.#db.close()
  }
}
