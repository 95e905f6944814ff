import type { DeviceId, Offset } from '../../domain/ids.ts'
import { effectiveAt, type Kind, type Observation } from '../../domain/observation.ts'
import type { HistoryReader, HistoryWriter } from '../../domain/ports/history.ts'
import { DAY, HOUR, type Instant } from '../../domain/time.ts'
import { type Database, openDatabase, type Statement } from '../../drivers/sqlite.ts'
import { Checkpoints } from './checkpoints.ts'
import { ChunkBuilder } from './chunk-builder.ts'
import { type Chunk, flushedOf, HISTORY_SCHEMA, joinChunks, merged } from './chunks.ts'

export interface HistoryOptions {
  /** Chunks older than this are dropped (90 days), measured against the newest `receivedAt`. */
  keepMs?: number
  /** Its log is carried into its file by a thread beside this one, so that a flush never waits for the disk. */
  aside?: boolean
}

/** It flushes by itself when this many observations wait, or this many bytes of them; not while the disk refuses. */
export const MAX_BUFFERED = 131_072
const MAX_BYTES = 64 * 1024 * 1024
/** So full a writer asks for a flush, while there is still room for what comes during it. */
const FULL_ENOUGH = 0.75
/** A chunk is a row of many kilobytes. */
const PAGE_BYTES = 16_384
/** The log is carried over here all the same when it grows to this: the thread beside may have died. */
const LOG_PAGES = 16_384
/** Hours that become one chunk in one go, and in one step. */
const COMPACTIONS_PER_FLUSH = 128
const COMPACTIONS_PER_STEP = 4
const DROPS_PER_FLUSH = 500
/** A chunk of more bytes is large enough as it is; an hour of a device that floods must not have to fit into memory. */
const JOINED_BYTES = 256 * 1024

/** What is on its way to the disk in one transaction, which may stay open over many turns of the thread. */
interface Leaving {
  builders: ChunkBuilder[]
  /** So many of them are written, and are read from the database. */
  written: number
  /** The newest observation in them. */
  through: Offset
}

/**
 * History on disk, as its one writer sees it: reads include what is not flushed yet. Call `flush` now and then, or
 * `begin` and then `step` until it says that all is written, where the thread has others to serve in between: what is not
 * flushed has to be read from the journal again after a restart, and a flush that gathers more makes fewer, larger chunks.
 */
export class SqliteHistory implements HistoryWriter, HistoryReader {
  readonly #db: Database
  readonly #checkpoints: Checkpoints | undefined
  readonly #keepMs: number
  readonly #insert: Statement
  /** By device: one for each kind and hour that it sent. */
  #builders = new Map<string, ChunkBuilder[]>()
  /** Those of the flush before, empty: they take what comes while these here are written, in the same memory. */
  #resting = new Map<string, ChunkBuilder[]>()
  #leaving: Leaving | undefined
  /** The hour that each device and kind last wrote to, and hours that are over and wait to become one chunk. */
  readonly #hours = new Map<string, number>()
  readonly #over: { device: string; kind: Kind; hour: number }[] = []
  #buffered = 0
  #bytes = 0
  /** The disk did not take the last flush: adding does not try again, whoever flushes does. */
  #refused = false
  #added: Offset
  #flushed: Offset
  #clock: Instant = 0

  constructor(path: string, { keepMs = 90 * DAY, aside = false }: HistoryOptions = {}) {
    this.#db = openDatabase(path, { synchronous: 'NORMAL', pageBytes: PAGE_BYTES })
    if (aside) {
      this.#checkpoints = new Checkpoints(path)
      this.#db.pragma(`wal_autocheckpoint = ${LOG_PAGES}`)
    }
    this.#db.exec(HISTORY_SCHEMA)
    this.#keepMs = keepMs
    this.#insert = this.#db.prepare(
      'INSERT INTO chunk (device, kind, fromAt, toAt, firstOffset, lastOffset, n, body) VALUES ($device, $kind, $fromAt, $toAt, $firstOffset, $lastOffset, $n, CAST($body AS TEXT))',
    )
    this.#flushed = flushedOf(this.#db)
    this.#added = this.#flushed
  }

  /** Observations that are on disk already are passed over, so that whoever restarts may begin a little too early. */
  add(observations: readonly Observation[]): void {
    for (const observation of observations) {
      const text = Buffer.from(JSON.stringify(observation.payload))
      this.addText(observation, text, 0, text.length)
    }
  }

  /** As `add`, of an observation whose payload lies as JSON text in a larger buffer: it is copied, and not written anew. */
  addText(observation: Observation, source: Uint8Array, start: number, end: number): void {
    if (observation.offset <= this.#added) return
    this.#added = observation.offset
    this.#clock = Math.max(this.#clock, observation.receivedAt)
    this.#bytes += this.#builderFor(observation).add(observation, source, start, end)
    this.#buffered++
    if (!this.#refused && (this.#buffered >= MAX_BUFFERED || this.#bytes >= MAX_BYTES)) this.flush()
  }

  flush(): void {
    this.#write(Infinity)
    this.begin()
    this.#write(Infinity)
    this.#compact(COMPACTIONS_PER_FLUSH)
  }

  /** Whether so much waits that a flush should begin. */
  get due(): boolean {
    return this.#leaving === undefined && this.crowded
  }

  /** Whether there is little room left beside what is on its way to the disk. */
  get crowded(): boolean {
    return this.#buffered >= FULL_ENOUGH * MAX_BUFFERED || this.#bytes >= FULL_ENOUGH * MAX_BYTES
  }

  /** From here on all that waits is on its way to the disk; `step` writes it. Nothing happens while an earlier flush is under way. */
  begin(): void {
    if (this.#leaving !== undefined || this.#buffered === 0) return
    this.#leaving = { builders: active(this.#builders), written: 0, through: this.#added }
    this.#builders = this.#resting
    this.#resting = new Map()
    this.#buffered = 0
    this.#bytes = 0
  }

  /**
   * Writes up to so many chunks of the flush that has begun, and then tidies the hours that are over; true while more is
   * to be done. A flush counts with the last of its chunks or not at all: when the disk refuses, this throws, and the
   * next step begins the same flush again.
   */
  step(chunks: number): boolean {
    if (this.#leaving === undefined) this.#compact(COMPACTIONS_PER_STEP)
    else this.#write(chunks)
    return this.#leaving !== undefined || this.#over.length > 0
  }

  #write(chunks: number): void {
    const leaving = this.#leaving
    if (leaving === undefined) return
    try {
      if (!this.#db.inTransaction) this.#db.exec('BEGIN')
      const some = leaving.builders.slice(leaving.written, leaving.written + chunks)
      for (const builder of some) this.#insert.run(builder.chunk())
      leaving.written += some.length
      if (leaving.written < leaving.builders.length) return
      this.#db.prepare('INSERT OR REPLACE INTO flushed VALUES (1, ?)').run(leaving.through)
      this.#drop()
      this.#db.exec('COMMIT')
    } catch (cause) {
      leaving.written = 0
      this.#refused = true
      // Some errors have rolled it back already.
      if (this.#db.inTransaction) this.#db.exec('ROLLBACK')
      throw cause
    }
    this.#refused = false
    this.#flushed = leaving.through
    this.#leaving = undefined
    this.#rest(leaving.builders)
    this.#checkpoints?.run()
  }

  flushed(): Offset {
    return this.#flushed
  }

  read(query: { device: DeviceId; kind?: Kind; from: Instant; to: Instant; before?: Offset; limit?: number }): Observation[] {
    const { builders, written } = this.#leaving ?? { builders: [], written: 0 }
    const unwritten = builders.slice(written).filter(({ device }) => device === query.device)
    const loose = [...unwritten, ...(this.#builders.get(query.device) ?? [])].filter((builder) => !builder.empty && (query.kind ?? builder.kind) === builder.kind)
    return readPage(
      this.#db,
      query,
      loose.flatMap((builder) => builder.observations()),
    )
  }

  /** Throws when the disk does not take the rest; it is closed all the same. */
  close(): void {
    try {
      this.flush()
    } finally {
      this.#checkpoints?.close()
      this.#db.close()
    }
  }

  #builderFor(observation: Observation): ChunkBuilder {
    const { device, kind } = observation
    const hour = Math.floor(effectiveAt(observation) / HOUR)
    let builders = this.#builders.get(device)
    if (builders === undefined) {
      builders = []
      this.#builders.set(device, builders)
    }
    for (const builder of builders) if (builder.takes(kind, hour)) return builder
    const builder = new ChunkBuilder(device, kind)
    builders.push(builder)
    return builder
  }

  /** They are on disk. The memory of devices that go on reporting is used again, that of the others given up. */
  #rest(builders: readonly ChunkBuilder[]): void {
    for (const builder of builders) {
      this.#noteHour(builder.chunk())
      builder.clear()
      this.#resting.set(builder.device, [...(this.#resting.get(builder.device) ?? []), builder])
    }
  }

  #noteHour({ device, kind, toAt }: Chunk): void {
    const key = `${device}/${kind}`
    const hour = Math.floor(toAt / HOUR)
    const last = this.#hours.get(key)
    if (last !== undefined && last < hour) this.#over.push({ device, kind, hour: last })
    this.#hours.set(key, Math.max(last ?? hour, hour))
  }

  /** The chunks of an hour that is over become one. */
  #compact(most: number): void {
    const some = this.#over.slice(0, most)
    if (some.length > 0) this.#db.transaction(() => some.forEach((one) => void this.#join(one)))()
    this.#over.splice(0, some.length)
  }

  #join({ device, kind, hour }: { device: string; kind: Kind; hour: number }): void {
    const rows = this.#db
      .prepare(
        'SELECT id, device, kind, fromAt, toAt, firstOffset, lastOffset, n, CAST(body AS BLOB) AS body FROM chunk WHERE device = ? AND +kind = ? AND fromAt >= ? AND fromAt < ? AND octet_length(body) <= ?',
      )
      .all(device, kind, hour * HOUR, (hour + 1) * HOUR, JOINED_BYTES) as (Chunk & { id: number })[]
    if (rows.length < 2) return
    this.#insert.run(joinChunks(rows))
    const remove = this.#db.prepare('DELETE FROM chunk WHERE id = ?')
    for (const { id } of rows) remove.run(id)
  }

  #drop(): void {
    this.#db.prepare('DELETE FROM chunk WHERE id IN (SELECT id FROM chunk WHERE fromAt < ? ORDER BY fromAt LIMIT ?)').run(this.#clock - this.#keepMs - HOUR, DROPS_PER_FLUSH)
  }
}

function active(builders: ReadonlyMap<string, readonly ChunkBuilder[]>): ChunkBuilder[] {
  return [...builders.values()].flat().filter((builder) => !builder.empty)
}

/** The query of domain's port over a database and what is not in it yet. */
export function readPage(
  db: Database,
  {
    device,
    kind,
    from,
    to,
    before = Number.MAX_SAFE_INTEGER,
    limit = Number.MAX_SAFE_INTEGER,
  }: { device: DeviceId; kind?: Kind; from: Instant; to: Instant; before?: Offset; limit?: number },
  loose: readonly Observation[],
): Observation[] {
  const found: Observation[] = []
  if (limit <= 0) return found
  for (const observation of merged(db, { device, ...(kind !== undefined && { kind }), from, to }, loose)) {
    if (observation.offset >= before) continue
    found.push(observation)
    if (found.length >= limit) break
  }
  return found
}

export function openHistory(path: string, options?: HistoryOptions): SqliteHistory {
  return new SqliteHistory(path, options)
}
