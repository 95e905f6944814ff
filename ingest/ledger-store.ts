import { randomBytes } from 'node:crypto'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { CodedError } from '../domain/errors.ts'
import type { Page } from '../domain/ports/alerts.ts'
import type { LedgerView, RejectView } from '../domain/ports/telemetry.ts'
import { formatInstant, type Instant } from '../domain/time.ts'
import { type Database, openDatabase, type Statement } from '../drivers/sqlite.ts'
import type { Dedupe } from './dedupe.ts'
import { KeyRuns } from './key-runs.ts'
import { type DeviceEntry, type Ledger, ledgerView } from './ledger.ts'

/**
 * What the ingest room remembers between two lives: `ledger.db`. It is written behind the journal, a whole state in one
 * transaction together with the offset up to which it is true; what the journal has beyond that is judged again.
 */
const SCHEMA = `
  CREATE TABLE IF NOT EXISTS through (one INTEGER PRIMARY KEY CHECK (one = 1), offset INTEGER NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS secret (one INTEGER PRIMARY KEY CHECK (one = 1), bytes BLOB NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS device (device TEXT PRIMARY KEY, state TEXT NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS recent (one INTEGER PRIMARY KEY CHECK (one = 1), oldest INTEGER NOT NULL, newest INTEGER NOT NULL, entries BLOB NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS reject (id INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, gateway TEXT NOT NULL, topic TEXT NOT NULL,
    code TEXT NOT NULL, why TEXT NOT NULL, bytes INTEGER NOT NULL) STRICT;
  CREATE INDEX IF NOT EXISTS reject_gateway ON reject (gateway, id);`

/** How runs are cut into parts (key-runs.ts). */
const FORMAT = 2

/** A refused message as it is kept: never its payload. */
export interface RejectRow {
  at: Instant
  gateway: string
  topic: string
  code: string
  why: string
  bytes: number
}

const MAX_TOPIC_KEPT = 256
const MAX_WHY_KEPT = 512

export function ledgerPath(dataDir: string): string {
  return join(dataDir, 'ledger.db')
}

export class LedgerStore {
  readonly #db: Database
  readonly #maxRejects: number
  readonly #put: Statement
  readonly runs: KeyRuns
  /** What fingerprints are made with. */
  readonly secret: Uint8Array

  /**
   * `head` is the journal's: a ledger that knows more than the journal holds is of a journal that was lost, and one
   * without a secret, or of another format, has keys that nobody can find any more; they go, and the journal is judged again.
   */
  constructor(path: string, { head, maxRejects }: { head: number; maxRejects: number }) {
    this.#maxRejects = maxRejects
    const db = openStore(path)
    if (throughOf(db) <= head && (throughOf(db) === 0 || (secretOf(db) !== undefined && formatOf(db) === FORMAT))) this.#db = db
    else {
      db.close()
      for (const suffix of ['', '-wal', '-shm']) rmSync(path + suffix, { force: true })
      this.#db = openStore(path)
    }
    this.runs = new KeyRuns(this.#db)
    this.#db.pragma(`user_version = ${FORMAT}`)
    this.secret = secretOf(this.#db) ?? newSecret(this.#db)
    this.#put = this.#db.prepare('INSERT INTO device VALUES (?, ?) ON CONFLICT (device) DO UPDATE SET state = excluded.state')
  }

  /** The journal offset up to which this state is true. */
  through(): number {
    return throughOf(this.#db)
  }

  load(ledger: Ledger, dedupe: Dedupe, now: Instant): void {
    const rows = this.#db.prepare('SELECT state FROM device').pluck().all() as string[]
    ledger.restore(
      rows.map((state) => JSON.parse(state) as DeviceEntry),
      now,
    )
    const recent = this.#db.prepare('SELECT oldest, newest, entries FROM recent').get() as { oldest: Instant; newest: Instant; entries: Uint8Array } | undefined
    if (!recent || recent.entries.length === 0) return
    const { buffer, byteOffset, length } = recent.entries
    dedupe.restore(new Uint32Array(buffer.slice(byteOffset, byteOffset + length)), recent.oldest, recent.newest)
  }

  /** Writes the whole state down. If it throws, nothing was written and everything is still in memory for the next time. */
  save(ledger: Ledger, dedupe: Dedupe, { through, rejects }: { through: number; rejects: readonly RejectRow[] }): void {
    const dirty = ledger.dirty()
    this.#db.transaction(() => {
      for (const entry of dirty) this.#put.run(entry.device, JSON.stringify(entry))
      const { entries, oldest, newest } = dedupe.recent()
      this.#db.prepare('INSERT OR REPLACE INTO recent VALUES (1, ?, ?, ?)').run(oldest, newest, new Uint8Array(entries.buffer, 0, entries.byteLength))
      this.#db.prepare('INSERT OR REPLACE INTO through VALUES (1, ?)').run(through)
      this.#saveRejects(rejects)
    })()
    ledger.clean()
  }

  /**
   * Moves the keys in memory to a run on disk. The offset stays where it was: what is judged again after a restart
   * may be in a run already, which changes nothing.
   */
  spill(dedupe: Dedupe): void {
    const { entries, oldest, newest } = dedupe.recent()
    try {
      this.#db.transaction(() => this.runs.add(entries, oldest, newest))()
    } catch (thrown) {
      this.runs.reload()
      throw thrown
    }
    dedupe.spilled()
  }

  close(): void {
    this.#db.close()
  }

  #saveRejects(rejects: readonly RejectRow[]): void {
    if (rejects.length === 0) return
    const insert = this.#db.prepare('INSERT INTO reject (at, gateway, topic, code, why, bytes) VALUES (?, ?, ?, ?, ?, ?)')
    for (const { at, gateway, topic, code, why, bytes } of rejects) insert.run(at, gateway, topic.slice(0, MAX_TOPIC_KEPT), code, why.slice(0, MAX_WHY_KEPT), bytes)
    this.#db.prepare('DELETE FROM reject WHERE id <= (SELECT max(id) FROM reject) - ?').run(this.#maxRejects)
  }
}

function openStore(path: string): Database {
  const db = openDatabase(path, { synchronous: 'NORMAL' })
  db.exec(SCHEMA)
  return db
}

function formatOf(db: Database): number {
  return db.pragma('user_version', { simple: true }) as number
}

function secretOf(db: Database): Uint8Array | undefined {
  const bytes = db.prepare('SELECT bytes FROM secret').pluck().get() as Uint8Array | undefined
  return bytes && Uint8Array.from(bytes)
}

function newSecret(db: Database): Uint8Array {
  const secret = Uint8Array.from(randomBytes(8))
  db.prepare('INSERT INTO secret VALUES (1, ?)').run(secret)
  return secret
}

function throughOf(db: Database): number {
  return (db.prepare('SELECT offset FROM through').pluck().get() as number | undefined) ?? 0
}

/** Reads `ledger.db` from another thread than the one that writes it. */
export class LedgerReader {
  readonly #db: Database

  constructor(dataDir: string) {
    this.#db = openDatabase(ledgerPath(dataDir), { synchronous: 'NORMAL', readonly: true })
  }

  /** Devices in order of their ids. */
  ledger({ device, limit, cursor = '' }: { device?: string; limit: number; cursor?: string }): Page<LedgerView> {
    const states = this.#db
      .prepare('SELECT state FROM device WHERE device > $cursor AND ($device IS NULL OR device = $device) ORDER BY device LIMIT $limit')
      .pluck()
      .all({ cursor, device: device ?? null, limit: limit + 1 }) as string[]
    const items = states.map((state) => ledgerView(JSON.parse(state) as DeviceEntry))
    return page(items, limit, (last) => last.device)
  }

  /** Rejects, newest first. */
  rejects({ gateway, limit, cursor }: { gateway?: string; limit: number; cursor?: string }): Page<RejectView> {
    const before = cursor === undefined ? Number.MAX_SAFE_INTEGER : Number(cursor)
    if (!Number.isSafeInteger(before)) throw new CodedError('cursor.invalid')
    const rows = this.#db
      .prepare('SELECT id, at, gateway, topic, code, why, bytes FROM reject WHERE id < $before AND ($gateway IS NULL OR gateway = $gateway) ORDER BY id DESC LIMIT $limit')
      .all({ before, gateway: gateway ?? null, limit: limit + 1 }) as (RejectRow & { id: number })[]
    const { items, next } = page(rows, limit, (last) => String(last.id))
    return { items: items.map(({ id: _, at, ...row }) => ({ at: formatInstant(at), ...row })), next }
  }

  close(): void {
    this.#db.close()
  }
}

/** One row more than asked for was read to know whether there is a next page. */
function page<T>(rows: T[], limit: number, cursorOf: (last: T) => string): Page<T> {
  const items = rows.slice(0, limit)
  const last = items.at(-1)
  return { items, next: rows.length > limit && last !== undefined ? cursorOf(last) : null }
}
