import { mkdirSync, statfsSync } from 'node:fs'
import { dirname } from 'node:path'
import Sqlite from 'better-sqlite3'
import { CodedError, isDiskRefusal, messageOf } from '../domain/errors.ts'

export type Database = Sqlite.Database
export type Statement = Sqlite.Statement

/** What SQLite must have beside a file in WAL mode. */
const SHARED_MEMORY_BYTES = 32_768

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
 * Throws `data.broken` when the file is no database or its first pages are damaged, `data.unwritable` when the disk refuses.
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
    if (isDamage(cause)) throw new CodedError('data.broken', `${path} is damaged: ${messageOf(cause)}.`, { cause })
    throw isDiskRefusal(cause) ? new CodedError('data.unwritable', `${path} cannot be opened: ${isFull(path) ? 'the disk is full' : messageOf(cause)}.`, { cause }) : cause
  }
}

/** SQLite says only "I/O error" when there is no room for what it keeps beside a file. */
function isFull(path: string): boolean {
  const { bavail, bsize } = statfsSync(dirname(path))
  return bavail * bsize < SHARED_MEMORY_BYTES
}

function isDamage(error: unknown): boolean {
  return error instanceof Error && 'code' in error && /^SQLITE_(NOTADB|CORRUPT)/.test(String(error.code))
}
