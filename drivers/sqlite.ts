import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import Sqlite from 'better-sqlite3'
import { CodedError, messageOf } from '../domain/errors.ts'

export type Database = Sqlite.Database
export type Statement = Sqlite.Statement

/** The owner of better-sqlite3: every SQLite file of the platform is opened here, so that all have the same pragmas. */
export interface OpenOptions {
  /** `FULL` flushes at every commit (the journal); `NORMAL` at checkpoints (projections, which the journal can rebuild). */
  synchronous: 'FULL' | 'NORMAL'
  readonly?: boolean
  /** How long to wait for another process's lock; 0 where a second process is a mistake. */
  waitMs?: number
  /** Page size of a file that is made now (4096). Large pages suit files that take large rows at their end. */
  pageBytes?: number
}

/**
 * Opens (and with its folder makes) a database in WAL mode; waits up to `waitMs` (default 5 s) for another process's lock.
 * Throws `data.broken` when the file is no database or its first pages are damaged.
 */
export function openDatabase(path: string, { synchronous, readonly = false, waitMs = 5000, pageBytes }: OpenOptions): Database {
  if (!readonly) mkdirSync(dirname(path), { recursive: true })
  const db = new Sqlite(path, { readonly, fileMustExist: readonly, timeout: waitMs })
  try {
    if (pageBytes !== undefined) db.pragma(`page_size = ${pageBytes}`)
    if (!readonly) db.pragma('journal_mode = WAL')
    db.pragma(`synchronous = ${synchronous}`)
    db.pragma('foreign_keys = ON')
    db.pragma('schema_version')
    return db
  } catch (cause) {
    db.close()
    throw isDamage(cause) ? new CodedError('data.broken', `${path} is damaged: ${messageOf(cause)}.`, { cause }) : cause
  }
}

function isDamage(error: unknown): boolean {
  return error instanceof Error && 'code' in error && /^SQLITE_(NOTADB|CORRUPT)/.test(String(error.code))
}
