import { join } from 'node:path'
import { CodedError } from '../domain/errors.ts'
import { openDatabase } from '../drivers/sqlite.ts'

/** Holds the data folder for this process; a crash lets it go, unlike a file with a process id. Throws `data.in_use`. */
export function lockData(dataDir: string): { release(): void } {
  const db = openDatabase(join(dataDir, 'lock.db'), { synchronous: 'NORMAL' })
  try {
    db.pragma('busy_timeout = 0')
    db.exec('BEGIN EXCLUSIVE')
  } catch (cause) {
    db.close()
    throw new CodedError('data.in_use', `Another process runs on ${dataDir}.`, { cause })
  }
  return {
    release: () => {
      db.exec('ROLLBACK')
      db.close()
    },
  }
}
