import { existsSync, renameSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { CodedError } from '../domain/errors.ts'
import { openDatabase } from '../drivers/sqlite.ts'
import type { Log } from './log.ts'
import type { DataPaths } from './paths.ts'

/**
 * Files that the journal can rebuild and that cannot be read any more are put aside, so that a torn disk block costs a
 * slower start and not the platform. The journal itself, passwords and evidence are nobody's copy: they are left alone.
 */
export function putAsideBroken({ book, history, snapshots }: DataPaths, log: Log): void {
  for (const path of [book, history, snapshots, join(dirname(book), 'ledger.db')]) {
    const why = faultOf(path)
    if (why === undefined) continue
    for (const suffix of ['-wal', '-shm', '']) if (existsSync(path + suffix)) renameSync(path + suffix, `${path}.broken${suffix}`)
    log.error({ path, why, kept: `${path}.broken` }, 'the file cannot be read; it was put aside and is rebuilt from the journal')
  }
}

function faultOf(path: string): string | undefined {
  if (!existsSync(path)) return undefined
  try {
    openDatabase(path, { synchronous: 'NORMAL' }).close()
    return undefined
  } catch (error) {
    if (error instanceof CodedError && error.code === 'data.broken') return error.message
    throw error
  }
}
