import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { CodedError, messageOf } from '../domain/errors.ts'
import { type Database, openDatabase } from '../drivers/sqlite.ts'

/**
 * Makes the data folder if need be and holds it for this process; a crash lets it go, unlike a file with a process id.
 * Throws `data.in_use` or `data.unwritable`.
 */
export function lockData(dataDir: string): { release(): void } {
  const db = openLock(dataDir)
  try {
    db.pragma('busy_timeout = 0')
    db.exec('BEGIN EXCLUSIVE')
  } catch (cause) {
    db.close()
    if (!isBusy(cause)) throw unwritable(dataDir, cause)
    throw new CodedError('data.in_use', `Another process runs on ${dataDir}.`, { cause })
  }
  return {
    release: () => {
      db.exec('ROLLBACK')
      db.close()
    },
  }
}

function openLock(dataDir: string): Database {
  try {
    mkdirSync(dataDir, { recursive: true })
    return openDatabase(join(dataDir, 'lock.db'), { synchronous: 'NORMAL' })
  } catch (cause) {
    throw unwritable(dataDir, cause)
  }
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('SQLITE_BUSY')
}

function unwritable(dataDir: string, cause: unknown): CodedError {
  return new CodedError('data.unwritable', `The data folder ${dataDir} cannot be written: ${messageOf(cause)}.`, { cause })
}
