import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import Sqlite from 'better-sqlite3'

export type Database = Sqlite.Database
export type Statement = Sqlite.Statement

/** The owner of better-sqlite3: every SQLite file of the platform is opened here, so that all have the same pragmas. */
export interface OpenOptions {
  /** `FULL` flushes at every commit (the journal); `NORMAL` at checkpoints (projections, which the journal can rebuild). */
  synchronous: 'FULL' | 'NORMAL'
  readonly?: boolean
  /** Page size of a file that is made now (4096). Large pages suit files that take large rows at their end. */
  pageBytes?: number
}

/** Opens (and with its folder makes) a database in WAL mode; waits up to 5 s for another process's write lock. */
export function openDatabase(path: string, { synchronous, readonly = false, pageBytes }: OpenOptions): Database {
  if (!readonly) mkdirSync(dirname(path), { recursive: true })
  const db = new Sqlite(path, { readonly, fileMustExist: readonly, timeout: 5000 })
  if (pageBytes !== undefined) db.pragma(`page_size = ${pageBytes}`)
  if (!readonly) db.pragma('journal_mode = WAL')
  db.pragma(`synchronous = ${synchronous}`)
  db.pragma('foreign_keys = ON')
  return db
}
