import type { Kind } from '../../domain/fields.ts'
import type { DeviceId, Offset } from '../../domain/ids.ts'
import { effectiveAt, type Observation } from '../../domain/observation.ts'
import { HOUR, type Instant } from '../../domain/time.ts'
import type { Database, Statement } from '../../drivers/sqlite.ts'

/**
 * Telemetry lies in chunks: all observations of one device and kind that were flushed together, as JSON text. A row per
 * observation would cost ten times the disk and a random write each; a chunk per flush and a merge per hour cost neither.
 */
export const HISTORY_SCHEMA = `
  CREATE TABLE IF NOT EXISTS chunk (
    id INTEGER PRIMARY KEY, device TEXT NOT NULL, kind TEXT NOT NULL, fromAt INTEGER NOT NULL, toAt INTEGER NOT NULL,
    firstOffset INTEGER NOT NULL, lastOffset INTEGER NOT NULL, n INTEGER NOT NULL, body TEXT NOT NULL);
  CREATE INDEX IF NOT EXISTS chunk_device ON chunk (device, toAt);
  CREATE INDEX IF NOT EXISTS chunk_kind ON chunk (kind, toAt);
  CREATE TABLE IF NOT EXISTS flushed (one INTEGER PRIMARY KEY CHECK (one = 1), offset INTEGER NOT NULL);
  INSERT OR IGNORE INTO flushed VALUES (1, 0);
`

interface ChunkRow {
  id: number
  device: string
  kind: Kind
  fromAt: Instant
  toAt: Instant
  body: string
}

/** Sorts by event time as rules see it, then by arrival. */
export function byTime(a: Observation, b: Observation): number {
  return effectiveAt(a) - effectiveAt(b) || a.offset - b.offset
}

export interface ChunkQuery {
  device?: DeviceId
  kind?: Kind
  from: Instant
  to: Instant
}

/** Observations of the chunks that touch the query; the caller filters them exactly. */
export class ChunkReader {
  readonly #byDevice: Statement
  readonly #byKind: Statement
  readonly #all: Statement

  constructor(db: Database) {
    this.#byDevice = db.prepare('SELECT body FROM chunk WHERE device = ? AND toAt >= ? AND fromAt <= ?')
    this.#byKind = db.prepare('SELECT body FROM chunk WHERE kind = ? AND toAt >= ? AND fromAt <= ?')
    this.#all = db.prepare('SELECT body FROM chunk WHERE toAt >= ? AND fromAt <= ?')
  }

  *read({ device, kind, from, to }: ChunkQuery): Generator<Observation> {
    const rows = device !== undefined ? this.#byDevice.iterate(device, from, to) : kind !== undefined ? this.#byKind.iterate(kind, from, to) : this.#all.iterate(from, to)
    for (const { body } of rows as Iterable<{ body: string }>) yield* JSON.parse(body) as Observation[]
  }
}

export class ChunkWriter {
  readonly #db: Database
  readonly #insert: Statement
  readonly #flushed: Statement

  constructor(db: Database) {
    this.#db = db
    this.#insert = db.prepare('INSERT INTO chunk (device, kind, fromAt, toAt, firstOffset, lastOffset, n, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?)')
    this.#flushed = db.prepare('UPDATE flushed SET offset = max(offset, ?)')
  }

  /** One transaction: the groups and how far the journal has gone into them. */
  write(groups: Iterable<readonly Observation[]>, through: Offset): void {
    this.#db.transaction(() => {
      for (const group of groups) this.#put(group)
      this.#flushed.run(through)
    })()
  }

  #put(group: readonly Observation[]): void {
    const first = group[0]
    if (!first) return
    let [fromAt, toAt, low, high] = [Infinity, -Infinity, Infinity, -Infinity]
    for (const each of group) {
      const at = effectiveAt(each)
      fromAt = Math.min(fromAt, at)
      toAt = Math.max(toAt, at)
      low = Math.min(low, each.offset)
      high = Math.max(high, each.offset)
    }
    this.#insert.run(first.device, first.kind, fromAt, toAt, low, high, group.length, JSON.stringify(group))
  }

  /** Merges the small chunks of hours that are over, of at most `devices` devices; returns how many chunks became fewer. */
  compact(now: Instant, devices: number): number {
    const until = now - HOUR
    const due = this.#db
      .prepare('SELECT device, kind, toAt / 3600000 AS hour FROM chunk WHERE toAt < ? AND n < 512 GROUP BY device, kind, hour HAVING count(*) > 3 LIMIT ?')
      .all(until, devices) as { device: string; kind: Kind; hour: number }[]
    let fewer = 0
    this.#db.transaction(() => {
      for (const { device, kind, hour } of due) fewer += this.#merge(device, kind, hour * HOUR)
    })()
    return fewer
  }

  #merge(device: string, kind: Kind, from: Instant): number {
    const rows = this.#db
      .prepare('SELECT id, device, kind, fromAt, toAt, body FROM chunk WHERE device = ? AND kind = ? AND toAt >= ? AND toAt < ? AND n < 512')
      .all(device, kind, from, from + HOUR) as ChunkRow[]
    const drop = this.#db.prepare('DELETE FROM chunk WHERE id = ?')
    for (const { id } of rows) drop.run(id)
    this.#put(rows.flatMap(({ body }) => JSON.parse(body) as Observation[]).sort(byTime))
    return rows.length - 1
  }

  drop(before: Instant): number {
    return this.#db.prepare('DELETE FROM chunk WHERE toAt < ?').run(before).changes
  }
}
