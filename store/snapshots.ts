import type { Offset } from '../domain/ids.ts'
import { type Database, openDatabase } from '../drivers/sqlite.ts'

/** A state of the engine at an offset; the pieces are the engine's own text. */
export interface StoredSnapshot {
  offset: Offset
  hash: string
  /** Read from the disk each time that they are gone through. */
  pieces: Iterable<string>
}

const KEEP = 4

const SCHEMA = `
  DROP TABLE IF EXISTS snapshot;
  CREATE TABLE IF NOT EXISTS state (offset INTEGER PRIMARY KEY, hash TEXT NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS piece (offset INTEGER NOT NULL, n INTEGER NOT NULL, text TEXT NOT NULL, PRIMARY KEY (offset, n)) STRICT;`

/** Snapshots of the engine: where it starts again, and what a replay compares with on its way. */
export class Snapshots {
  readonly #db: Database

  constructor(path: string, options: { readonly?: boolean } = {}) {
    this.#db = openDatabase(path, { synchronous: 'NORMAL', ...options })
    if (!options.readonly) this.#db.exec(SCHEMA)
  }

  /**
   * Keeps the snapshot (`hash` is asked for after the last piece), the newest few before it, and for each segment of the journal (`segments`: their first offsets)
   * the first at or after its beginning: when older segments are dropped, a replay begins there.
   */
  put({ offset, hash, pieces }: { offset: Offset; pieces: Iterable<string>; hash(): string }, segments: readonly Offset[]): void {
    this.#db.transaction(() => {
      this.#drop(offset)
      const insert = this.#db.prepare('INSERT INTO piece VALUES (?, ?, ?)')
      let n = 0
      for (const piece of pieces) insert.run(offset, n++, piece)
      this.#db.prepare('INSERT INTO state VALUES (?, ?)').run(offset, hash())
      const offsets = this.all().map((each) => each.offset)
      const kept = new Set([...offsets.slice(-KEEP), ...segments.map((first) => offsets.find((each) => each >= first - 1))])
      for (const each of offsets) if (!kept.has(each)) this.#drop(each)
    })()
  }

  /** Those at or after `offset` were made by what turned out to be wrong. */
  dropFrom(offset: Offset): void {
    this.#db.transaction(() => {
      for (const each of this.all()) if (each.offset >= offset) this.#drop(each.offset)
    })()
  }

  #drop(offset: Offset): void {
    this.#db.prepare('DELETE FROM state WHERE offset = ?').run(offset)
    this.#db.prepare('DELETE FROM piece WHERE offset = ?').run(offset)
  }

  /** Newest first, at or before `offset`. */
  *before(offset: Offset): Generator<StoredSnapshot> {
    const found = this.#db.prepare('SELECT offset, hash FROM state WHERE offset <= ? ORDER BY offset DESC').all(offset) as Omit<StoredSnapshot, 'pieces'>[]
    for (const each of found) yield this.#stored(each)
  }

  /** The oldest at or after `offset`. */
  firstFrom(offset: Offset): StoredSnapshot | undefined {
    const found = this.#db.prepare('SELECT offset, hash FROM state WHERE offset >= ? ORDER BY offset LIMIT 1').get(offset) as Omit<StoredSnapshot, 'pieces'> | undefined
    return found && this.#stored(found)
  }

  #stored({ offset, hash }: Omit<StoredSnapshot, 'pieces'>): StoredSnapshot {
    const rows = this.#db.prepare('SELECT text FROM piece WHERE offset = ? ORDER BY n').pluck()
    return { offset, hash, pieces: { [Symbol.iterator]: () => rows.iterate(offset) as IterableIterator<string> } }
  }

  /** Offsets and hashes, oldest first. */
  all(): { offset: Offset; hash: string }[] {
    return this.#db.prepare('SELECT offset, hash FROM state ORDER BY offset').all() as { offset: Offset; hash: string }[]
  }

  close(): void {
    this.#db.close()
  }
}
