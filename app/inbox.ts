import { join } from 'node:path'
import type { Instant } from '../domain/time.ts'
import { type Database, openDatabase } from '../drivers/sqlite.ts'

/**
 * What commands of other processes want of the platform. Only the platform writes the journal and the book, so they
 * leave it here and a running platform takes it within a second, else the next one to start. An entry is removed after it
 * was done: if the process dies in between it is done again, which changes nothing.
 */
export type InboxEntry =
  | { type: 'asset'; by: string; asset: unknown }
  | { type: 'rule'; by: string; id: string; source: string; note: string }
  | { type: 'desk'; by: string; desk: string; act: 'replay' | 'enable' }

export class Inbox {
  readonly #db: Database

  constructor(dataDir: string) {
    this.#db = openDatabase(join(dataDir, 'inbox.db'), { synchronous: 'FULL' })
    this.#db.exec('CREATE TABLE IF NOT EXISTS entry (id INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, body TEXT NOT NULL)')
  }

  /** All or nothing. */
  add(entries: readonly InboxEntry[], at: Instant): void {
    const insert = this.#db.prepare('INSERT INTO entry (at, body) VALUES (?, ?)')
    this.#db.transaction(() => {
      for (const entry of entries) insert.run(at, JSON.stringify(entry))
    })()
  }

  /** Oldest first. */
  take(limit: number): { id: number; entry: InboxEntry }[] {
    const rows = this.#db.prepare('SELECT id, body FROM entry ORDER BY id LIMIT ?').all(limit) as { id: number; body: string }[]
    return rows.map(({ id, body }) => ({ id, entry: JSON.parse(body) as InboxEntry }))
  }

  remove(through: number): void {
    this.#db.prepare('DELETE FROM entry WHERE id <= ?').run(through)
  }

  /** How many entries nobody has taken yet. */
  get waiting(): number {
    return (this.#db.prepare('SELECT count(*) AS n FROM entry').get() as { n: number }).n
  }

  close(): void {
    this.#db.close()
  }
}
