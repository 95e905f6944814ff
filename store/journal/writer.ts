import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, rmSync, statSync } from 'node:fs'
import { CodedError, messageOf } from '../../domain/errors.ts'
import type { Offset } from '../../domain/ids.ts'
import type { JournalWriter, ObservationDraft } from '../../domain/ports/journal.ts'
import type { Control } from '../../domain/record.ts'
import { DAY, type Instant } from '../../domain/time.ts'
import { type Database, openDatabase, type Statement } from '../../drivers/sqlite.ts'
import { encodeBody } from './body.ts'
import { listSegments, SEGMENT_SCHEMA, segmentPath } from './segments.ts'

export interface JournalOptions {
  /** A new file begins when the present one has this many bytes (256 MB) … */
  segmentBytes?: number
  /** … or its first commit is this old (1 day). */
  segmentMs?: number
  /** Whole files are dropped when everything in them is older than this (30 days). */
  keepMs?: number
}

/** A commit is one long row: fewer, larger pages are fewer writes. */
const PAGE_BYTES = 16_384
/** The WAL is copied into the file at this size: often enough that no commit waits long for it. */
const CHECKPOINT_BYTES = 4 * 1024 * 1024
/** Room that must be writable and flushable before a journal that failed takes records again. */
const PROBE_BYTES = 262_144

/**
 * The journal on disk. It is *writable* until an append fails; from then on every append throws
 * `journal.unwritable` until `probe` has shown that the disk takes and flushes data again.
 *
 * After a failed fsync nobody knows which pages are on disk, and the kernel may call them clean. The frames of the
 * failed commit are not in SQLite's WAL index, so no reader sees them while this handle is open; `probe` copies what
 * was acknowledged into the main file, flushes that, and cuts the WAL to nothing, which destroys them. A process
 * that dies before it can do so finds them at the next start and makes them durable before it accepts anything:
 * what shows is always on disk.
 */
export class SqliteJournalWriter implements JournalWriter {
  readonly #folder: string
  readonly #options: Required<JournalOptions>
  #db!: Database
  #insert!: Statement
  #path = ''
  #inode = 0
  #bytes = 0
  #begunAt: Instant | null = null
  #head: Offset = 0
  #receivedAt: Instant = 0
  #why: string | null = null
  #flushMs = 0

  constructor(folder: string, options: JournalOptions = {}) {
    this.#folder = folder
    this.#options = { segmentBytes: options.segmentBytes ?? 256 * 1024 * 1024, segmentMs: options.segmentMs ?? DAY, keepMs: options.keepMs ?? 30 * DAY }
    mkdirSync(folder, { recursive: true })
    const newest = listSegments(folder).at(-1)
    this.#head = newest ? newest.first - 1 : 0
    this.#open(newest?.path ?? segmentPath(folder, 1))
    this.#receivedAt = Math.max(this.#receivedAt, lastReceivedBefore(folder, this.#path))
    this.#settle()
  }

  append(observations: readonly ObservationDraft[], controls: readonly Control[], now: Instant): { first: Offset; receivedAt: Instant } {
    if (this.#why !== null) throw new CodedError('journal.unwritable', this.#why)
    const count = observations.length + controls.length
    const first = this.#head + 1
    if (count === 0) return { first, receivedAt: this.#receivedAt }
    const receivedAt = Math.max(this.#receivedAt, now)
    try {
      if (this.#full(receivedAt)) this.#roll(receivedAt)
      this.#mustBeInPlace()
      const body = encodeBody(observations, controls)
      const begun = performance.now()
      this.#insert.run(first, count, receivedAt, body)
      this.#flushMs = performance.now() - begun
      this.#bytes += body.length
    } catch (thrown) {
      this.#why = messageOf(thrown)
      throw new CodedError('journal.unwritable', this.#why, { cause: thrown })
    }
    this.#begunAt ??= receivedAt
    this.#head += count
    this.#receivedAt = receivedAt
    return { first, receivedAt }
  }

  head(): Offset {
    return this.#head
  }

  /** How long the newest commit took to be written and flushed, in ms. */
  get flushMs(): number {
    return this.#flushMs
  }

  /** Why nothing can be appended; null while it can. */
  failing(): string | null {
    return this.#why
  }

  /** Tries whether the disk takes and flushes data again after a failure; true when appends are accepted from now on. */
  probe(): boolean {
    if (this.#why === null) return true
    try {
      this.#mustHaveFolder()
      if (!this.#inPlace()) this.#reopen()
      if (this.#db.inTransaction) this.#db.exec('ROLLBACK')
      this.#checkpoint()
      this.#db.prepare('INSERT INTO probe VALUES (zeroblob(?))').run(PROBE_BYTES)
      this.#db.exec('DELETE FROM probe')
      this.#checkpoint()
      this.#why = null
    } catch (thrown) {
      this.#why = messageOf(thrown)
    }
    return this.#why === null
  }

  close(): void {
    if (this.#db.open) this.#db.close()
  }

  #open(path: string): void {
    // Not in place until all of it has succeeded: what a full disk cuts short is opened again.
    this.#path = path
    this.#inode = 0
    this.#db = openDatabase(path, { synchronous: 'FULL', pageBytes: PAGE_BYTES })
    this.#db.pragma(`wal_autocheckpoint = ${CHECKPOINT_BYTES / PAGE_BYTES}`)
    this.#db.exec(SEGMENT_SCHEMA)
    syncFolder(this.#folder)
    this.#insert = this.#db.prepare('INSERT INTO batch (first, count, receivedAt, body) VALUES (?, ?, ?, CAST(? AS TEXT))')
    const state = this.#db.prepare('SELECT max(first) AS last, min(receivedAt) AS begunAt, max(receivedAt) AS receivedAt FROM batch').get() as Row
    if (state.last !== null) {
      const { count } = this.#db.prepare('SELECT count FROM batch WHERE first = ?').get(state.last) as { count: number }
      this.#head = Math.max(this.#head, state.last + count - 1)
    }
    this.#begunAt = state.begunAt
    this.#receivedAt = Math.max(this.#receivedAt, state.receivedAt ?? 0)
    const { size, ino } = statSync(path)
    this.#bytes = size
    this.#inode = ino
  }

  /** Somebody took the file away, or it could not be opened: what follows goes to a new one, offsets go on where they were. */
  #reopen(): void {
    this.close()
    this.#open(segmentPath(this.#folder, this.#head + 1))
  }

  #full(now: Instant): boolean {
    return this.#begunAt !== null && (this.#bytes >= this.#options.segmentBytes || now - this.#begunAt >= this.#options.segmentMs)
  }

  #roll(now: Instant): void {
    this.#mustBeInPlace()
    // What a reader keeps from being copied now stays in the WAL beside the file, which every later reader reads too.
    this.#db.pragma('wal_checkpoint(PASSIVE)')
    this.close()
    this.#open(segmentPath(this.#folder, this.#head + 1))
    this.#drop(now - this.#options.keepMs)
  }

  #drop(before: Instant): void {
    const segments = listSegments(this.#folder)
    for (const [index, segment] of segments.entries()) {
      if (index >= segments.length - 1 || newestIn(segment.path) >= before) return
      for (const suffix of ['', '-wal', '-shm']) rmSync(segment.path + suffix, { force: true })
    }
  }

  /** At the start: what an earlier life left in the WAL becomes durable before anything is accepted on top of it. */
  #settle(): void {
    try {
      this.#checkpoint()
    } catch (thrown) {
      this.#why = messageOf(thrown)
    }
  }

  #inPlace(): boolean {
    return statSync(this.#path, { throwIfNoEntry: false })?.ino === this.#inode
  }

  // SQLite goes on writing happily into a file whose name is gone; what it takes there would never be read again.
  #mustBeInPlace(): void {
    this.#mustHaveFolder()
    if (!this.#inPlace()) throw new Error(`the journal file ${this.#path} was removed or replaced`)
  }

  // It is not made anew: the folder is the whole past, and a disk that is not mounted must not be mistaken for an empty one.
  #mustHaveFolder(): void {
    if (existsSync(this.#folder)) return
    throw new Error(`the journal's folder ${this.#folder} is gone; it goes on by itself when the folder is back, or without its past in an empty folder of this name`)
  }

  #checkpoint(): void {
    const [result] = this.#db.pragma('wal_checkpoint(TRUNCATE)') as { busy: number }[]
    if (result?.busy !== 0) throw new Error('the journal is held by a reader and cannot be checkpointed')
  }
}

interface Row {
  last: Offset | null
  begunAt: Instant | null
  receivedAt: Instant | null
}

export function openJournalWriter(folder: string, options?: JournalOptions): SqliteJournalWriter {
  return new SqliteJournalWriter(folder, options)
}

function newestIn(path: string): Instant {
  const db = openDatabase(path, { synchronous: 'FULL', readonly: true })
  try {
    return (db.prepare('SELECT coalesce(max(receivedAt), 0) AS at FROM batch').get() as { at: Instant }).at
  } finally {
    db.close()
  }
}

/** receivedAt must not go back over a restart either, even if the newest file is still empty. */
function lastReceivedBefore(folder: string, path: string): Instant {
  const earlier = listSegments(folder).filter((segment) => segment.path < path)
  const last = earlier.at(-1)
  return last ? newestIn(last.path) : 0
}

/** A new file's name is durable only when its folder is flushed. */
function syncFolder(folder: string): void {
  const handle = openSync(folder, 'r')
  try {
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}
