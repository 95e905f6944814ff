import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Offset } from '../../domain/ids.ts'

/** A file of the journal, named for the first offset in it. */
export interface Segment {
  first: Offset
  path: string
}

const NAME = /^(\d{16})\.db$/

export function segmentPath(folder: string, first: Offset): string {
  return join(folder, `${String(first).padStart(16, '0')}.db`)
}

/** Segments of a journal, oldest first; none when the folder does not exist yet. */
export function listSegments(folder: string): Segment[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder)
    .flatMap((name) => {
      const digits = NAME.exec(name)?.[1]
      return digits ? [{ first: Number(digits), path: join(folder, name) }] : []
    })
    .sort((a, b) => a.first - b.first)
}

/** One row is one commit. The primary key is the only index, so a commit only ever writes at the end of the file. */
export const SEGMENT_SCHEMA = `
  CREATE TABLE IF NOT EXISTS batch (first INTEGER PRIMARY KEY, count INTEGER NOT NULL, receivedAt INTEGER NOT NULL, body TEXT NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS probe (bytes BLOB NOT NULL) STRICT;`
