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
  /** How long to wait for another process's lock; 0 where a second process is a mistake. */
  waitMs?: number
}

/** Opens (and with its folder, which is its owner's alone, makes) a database in WAL mode; waits up to `waitMs` (default 5 s) for another process's lock. */
export function openDatabase(path: string, { synchronous, readonly = false, waitMs = 5000 }: OpenOptions): Database {
  if (!readonly) mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  const db = new Sqlite(path, { readonly, fileMustExist: readonly, timeout: waitMs })
  if (!readonly) db.pragma('journal_mode = WAL')
  db.pragma(`synchronous = ${synchronous}`)
  db.pragma('foreign_keys = ON')
  return db
}
