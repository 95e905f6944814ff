import { randomUUID } from 'node:crypto'
import { CodedError } from '../domain/errors.ts'
import type { Kind, Payload } from '../domain/observation.ts'
import { type Instant, parseInstant } from '../domain/time.ts'
import { topics } from '../domain/topics.ts'
import { type Database, openDatabase } from '../drivers/sqlite.ts'

/** What a device has to say, before the outbox gives it `seq` and `boot`. */
export interface Report {
  kind: Kind
  device: string
  payload: Payload
}
/** Any message; `at` is its event time. */
export interface Outgoing {
  topic: string
  payload: string | Uint8Array
  at: Instant
}
export interface Queued {
  n: number
  topic: string
  payload: Buffer
}

export interface OutboxOptions {
  path: string
  gateway: string
  /** Bytes of topics and payloads that may wait; beyond it the oldest are dropped and counted. */
  maxBytes?: number
  /** Mints the boot id of a new outbox. */
  mint?: () => string
}

const DEFAULT_MAX_BYTES = 256 * 1024 * 1024
/** Larger than any observation or frame that the platform takes; one such message must not push out all others. */
export const MAX_MESSAGE_BYTES = 8 * 1024 * 1024
const SCHEMA = `
  CREATE TABLE IF NOT EXISTS message (n INTEGER PRIMARY KEY, topic TEXT NOT NULL, payload BLOB NOT NULL, size INTEGER NOT NULL, at INTEGER NOT NULL, queued INTEGER NOT NULL);
  CREATE TABLE IF NOT EXISTS device (id TEXT PRIMARY KEY, seq INTEGER NOT NULL) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value NOT NULL) WITHOUT ROWID;`

type Row = Outgoing & { payload: Buffer; size: number }

/**
 * Store and forward on disk, one file per gateway. A message that `observe` or `put` has taken survives a crash and a
 * power cut until `delivered` is called for it; the file is flushed once per call, so callers hand over batches.
 * Each device's observations bear `seq` (1, 2, 3 …) under a `boot` that lives as long as the file: the platform
 * recognises what is sent twice, and sees as a gap what was dropped.
 */
export class Outbox {
  readonly gateway: string
  readonly boot: string
  readonly #db: Database
  readonly #maxBytes: number
  readonly #seqs = new Map<string, number>()
  #last: number
  #pending: number
  #bytes: number
  #dropped: number

  /** Throws `data.in_use` when another process has the file open. */
  constructor({ path, gateway, maxBytes = DEFAULT_MAX_BYTES, mint = randomUUID }: OutboxOptions) {
    this.gateway = gateway
    this.#maxBytes = maxBytes
    this.#db = openAlone(path)
    this.#db.exec(SCHEMA)
    this.#db.prepare("INSERT OR IGNORE INTO meta VALUES ('boot', ?), ('dropped', 0)").run(mint())
    const meta = new Map(this.#rows<{ name: string; value: string | number }>('SELECT name, value FROM meta').map(({ name, value }) => [name, value]))
    this.boot = String(meta.get('boot'))
    this.#dropped = Number(meta.get('dropped'))
    for (const { id, seq } of this.#rows<{ id: string; seq: number }>('SELECT id, seq FROM device')) this.#seqs.set(id, seq)
    const [held] = this.#rows<{ count: number; bytes: number; last: number }>('SELECT count(*) count, coalesce(sum(size), 0) bytes, coalesce(max(n), 0) last FROM message')
    ;({ count: this.#pending, bytes: this.#bytes, last: this.#last } = held ?? { count: 0, bytes: 0, last: 0 })
  }

  get pending(): number {
    return this.#pending
  }
  get bytes(): number {
    return this.#bytes
  }
  /** Messages ever dropped because the outbox was full; kept over restarts. */
  get dropped(): number {
    return this.#dropped
  }

  /** Event time of the oldest message, and when it was queued. */
  oldest(): { at: Instant; queuedAt: Instant } | undefined {
    return this.#rows<{ at: Instant; queuedAt: Instant }>('SELECT at, queued AS queuedAt FROM message ORDER BY n LIMIT 1')[0]
  }

  /** Takes observations, in order; when it returns they are on disk. Throws `journal.unwritable`, `time.…` or `payload.too_large` and has then taken none. */
  observe(reports: readonly Report[], now: Instant): void {
    const seqs = new Map<string, number>()
    const rows = reports.map(({ kind, device, payload }) => {
      const seq = (seqs.get(device) ?? this.#seqs.get(device) ?? 0) + 1
      seqs.set(device, seq)
      return row(topics.observation(this.gateway, kind, device), JSON.stringify({ ...payload, seq, boot: this.boot }), instantOf(payload.at))
    })
    this.#write(rows, seqs, now)
  }

  /** Takes messages of any topic (frames, replies), in order; otherwise as `observe`. */
  put(messages: readonly Outgoing[], now: Instant): void {
    this.#write(
      messages.map(({ topic, payload, at }) => row(topic, payload, at)),
      new Map(),
      now,
    )
  }

  /** The oldest messages after number `after`, at most `limit`. */
  next(after: number, limit: number): Queued[] {
    return this.#rows<Queued>('SELECT n, topic, payload FROM message WHERE n > ? ORDER BY n LIMIT ?', after, limit)
  }

  /** Everything up to number `n` has been acknowledged. */
  delivered(n: number): void {
    const gone = this.#rows<{ size: number }>('DELETE FROM message WHERE n <= ? RETURNING size', n)
    this.#pending -= gone.length
    this.#bytes -= gone.reduce((sum, { size }) => sum + size, 0)
  }

  close(): void {
    this.#db.close()
  }

  #write(rows: readonly Row[], seqs: ReadonlyMap<string, number>, now: Instant): void {
    if (rows.length === 0) return
    const added = rows.reduce((sum, { size }) => sum + size, 0)
    const insert = this.#db.prepare('INSERT INTO message (n, topic, payload, size, at, queued) VALUES (?, ?, ?, ?, ?, ?)')
    const count = this.#db.prepare('INSERT INTO device VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET seq = excluded.seq')
    const commit = this.#db.transaction(() => {
      rows.forEach(({ topic, payload, size, at }, i) => {
        insert.run(this.#last + i + 1, topic, payload, size, at, now)
      })
      for (const [device, seq] of seqs) count.run(device, seq)
      return this.#makeRoom(this.#bytes + added - this.#maxBytes)
    })
    let dropped: { count: number; bytes: number }
    try {
      dropped = commit()
    } catch (cause) {
      throw new CodedError('journal.unwritable', 'The outbox cannot be written; nothing was taken.', { cause })
    }
    // What is remembered changes only now: a failed transaction leaves no seq used and no byte counted.
    for (const [device, seq] of seqs) this.#seqs.set(device, seq)
    this.#last += rows.length
    this.#pending += rows.length - dropped.count
    this.#bytes += added - dropped.bytes
    this.#dropped += dropped.count
  }

  #makeRoom(excess: number): { count: number; bytes: number } {
    const dropped = { count: 0, bytes: 0 }
    if (excess <= 0) return dropped
    let through = 0
    for (const { n, size } of this.#db.prepare('SELECT n, size FROM message ORDER BY n').iterate() as Iterable<{ n: number; size: number }>) {
      if (dropped.bytes >= excess) break
      dropped.count++
      dropped.bytes += size
      through = n
    }
    this.#db.prepare('DELETE FROM message WHERE n <= ?').run(through)
    this.#db.prepare("UPDATE meta SET value = value + ? WHERE name = 'dropped'").run(dropped.count)
    return dropped
  }

  #rows<T>(sql: string, ...values: unknown[]): T[] {
    return this.#db.prepare(sql).all(...values) as T[]
  }
}

function openAlone(path: string): Database {
  try {
    const db = openDatabase(path, { synchronous: 'FULL', waitMs: 0 })
    // Two publishers on one outbox would send under one client id and throw each other out for ever.
    db.pragma('locking_mode = EXCLUSIVE')
    db.exec('BEGIN IMMEDIATE; COMMIT')
    return db
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && String(cause.code).startsWith('SQLITE_BUSY'))
      throw new CodedError('data.in_use', `Another process runs on the outbox ${path}.`, { cause })
    throw cause
  }
}

function row(topic: string, content: string | Uint8Array, at: Instant): Row {
  const payload = typeof content === 'string' ? Buffer.from(content) : Buffer.from(content.buffer, content.byteOffset, content.byteLength)
  const size = payload.byteLength + topic.length
  if (size > MAX_MESSAGE_BYTES) throw new CodedError('payload.too_large', `A message of ${size} bytes for ${topic} is larger than ${MAX_MESSAGE_BYTES}.`)
  return { topic, payload, size, at }
}

function instantOf(at: string | number): Instant {
  const parsed = parseInstant(at)
  if ('code' in parsed) throw new CodedError(parsed.code)
  return parsed.at
}
