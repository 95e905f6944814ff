import { existsSync } from 'node:fs'
import { CodedError } from '../../domain/errors.ts'
import type { DeviceId, Offset } from '../../domain/ids.ts'
import { effectiveAt, type Kind, type Observation } from '../../domain/observation.ts'
import type { Page } from '../../domain/ports/alerts.ts'
import type { HistoryReader } from '../../domain/ports/history.ts'
import type { JournalReader } from '../../domain/ports/journal.ts'
import type { ObservationQuery, ObservationView } from '../../domain/ports/telemetry.ts'
import { formatInstant, HOUR, type Instant } from '../../domain/time.ts'
import { type Database, openDatabase } from '../../drivers/sqlite.ts'
import { flushedOf, HISTORY_SCHEMA, merged, type Span } from './chunks.ts'
import { devicesNear, type NearQuery } from './near.ts'
import { readPage } from './writer.ts'

const STEP = 4096
/** No chunk is longer than an hour: the one that ends last begins within the hour before the last beginning. */
const NEWEST = `SELECT max(toAt) FROM chunk WHERE device = @device AND kind = @kind
  AND fromAt >= (SELECT max(fromAt) FROM chunk WHERE device = @device AND kind = @kind) - ${HOUR}`
const END: Instant = 253_402_300_799_999

/**
 * History as another thread or process reads it while the engine writes. With the journal at hand it also sees what is
 * not flushed yet: everything that was acknowledged before the call.
 */
export class SqliteHistoryReader implements HistoryReader {
  readonly #path: string
  readonly #journal: JournalReader | undefined
  #db: Database | undefined
  /** Observations of the journal after what is flushed, as far as they were read. */
  #tail: Observation[] = []
  #tailEnd: Offset = 0

  constructor(path: string, journal?: JournalReader) {
    this.#path = path
    this.#journal = journal
  }

  read(query: { device: DeviceId; kind?: Kind; from: Instant; to: Instant; before?: Offset; limit?: number }): Observation[] {
    return this.#snapshot((db, tail) => readPage(db, query, tail))
  }

  /** The newest event time at which a device said something of this kind. */
  newestAt(device: DeviceId, kind: Kind): Instant | undefined {
    return this.#snapshot((db, tail) => {
      const stored = db.prepare(NEWEST).pluck().get({ device, kind }) as Instant | null
      return tail.reduce((newest: Instant | undefined, each) => {
        if (each.device !== device || each.kind !== kind) return newest
        return newest === undefined ? effectiveAt(each) : Math.max(newest, effectiveAt(each))
      }, stored ?? undefined)
    })
  }

  /** A page in order of event time. `every` keeps the first observation of each device in each stretch. Throws `cursor.invalid`. */
  observations(query: ObservationQuery): Page<ObservationView> {
    const after = parseCursor(query.cursor)
    const stretch = query.every ?? 0
    // A page that begins within a stretch needs that stretch's beginning to know what was shown of it.
    const resumeAt = stretch > 0 ? Math.floor(after.at / stretch) * stretch : after.at
    const span: Span = {
      from: Math.max(query.from ?? 0, resumeAt),
      to: query.to ?? END,
      ...(query.device !== undefined && { device: query.device }),
      ...(query.kind !== undefined && { kind: query.kind }),
    }
    return this.#snapshot((db, tail) => {
      const found: Observation[] = []
      for (const observation of thinned(merged(db, span, tail), stretch)) {
        if (!isAfter(observation, after)) continue
        if (found.length === query.limit) return { items: found.map(view), next: cursorOf(found.at(-1)) }
        found.push(observation)
      }
      return { items: found.map(view), next: null }
    })
  }

  /**
   * Devices that were in a box, with what they reported in the whole span. It looks at one state of the history however
   * often it lets others go on, so one such call at a time, and no other reads through this reader meanwhile.
   */
  async near(query: NearQuery, breathe: () => Promise<void>): Promise<Map<string, Observation[]>> {
    const db = this.#open()
    db.exec('BEGIN')
    try {
      return await devicesNear(db, query, this.#tailAfter(flushedOf(db)), breathe, () => performance.now())
    } finally {
      db.exec('COMMIT')
    }
  }

  close(): void {
    this.#db?.close()
  }

  /** Both in one read transaction: what a flush moves from the tail to the disk is seen once. */
  #snapshot<T>(look: (db: Database, tail: readonly Observation[]) => T): T {
    const db = this.#open()
    return db.transaction(() => look(db, this.#tailAfter(flushedOf(db))))()
  }

  #open(): Database {
    if (this.#db === undefined || this.#db.memory) {
      this.#db?.close()
      this.#db = existsSync(this.#path) ? openDatabase(this.#path, { synchronous: 'NORMAL', readonly: true }) : emptyHistory()
    }
    return this.#db
  }

  #tailAfter(flushed: Offset): readonly Observation[] {
    if (this.#journal === undefined) return []
    this.#tail = this.#tail.filter(({ offset }) => offset > flushed)
    this.#tailEnd = Math.max(this.#tailEnd, flushed)
    for (let batches = this.#journal.read(this.#tailEnd + 1, STEP); batches.length > 0; batches = this.#journal.read(this.#tailEnd + 1, STEP)) {
      for (const record of batches.flatMap(({ records }) => records)) {
        if (record.type === 'observation') this.#tail.push(record)
        this.#tailEnd = record.offset
      }
    }
    return this.#tail
  }
}

/** Before the engine's first flush there is no file; an empty history stands in for it. */
function emptyHistory(): Database {
  const db = openDatabase(':memory:', { synchronous: 'NORMAL' })
  db.exec(HISTORY_SCHEMA)
  return db
}

/** At most one observation per device in each stretch of `every` ms; all of them when it is 0. */
function* thinned(observations: Iterable<Observation>, every: number): Generator<Observation> {
  const shown = new Map<string, number>()
  for (const observation of observations) {
    const stretch = every > 0 ? Math.floor(effectiveAt(observation) / every) : observation.offset
    const key = `${observation.device}/${observation.kind}`
    if (every > 0 && shown.get(key) === stretch) continue
    if (every > 0) shown.set(key, stretch)
    yield observation
  }
}

interface Cursor {
  at: Instant
  offset: Offset
}

function parseCursor(cursor: string | undefined): Cursor {
  if (cursor === undefined) return { at: -1, offset: 0 }
  const parts = /^(\d{1,15})-(\d{1,16})$/.exec(cursor)
  if (!parts) throw new CodedError('cursor.invalid')
  return { at: Number(parts[1]), offset: Number(parts[2]) }
}

function cursorOf(last: Observation | undefined): string | null {
  return last === undefined ? null : `${effectiveAt(last)}-${last.offset}`
}

function isAfter(observation: Observation, { at, offset }: Cursor): boolean {
  const own = effectiveAt(observation)
  return own > at || (own === at && observation.offset > offset)
}

function view({ payload, device, kind, gateway, receivedAt, offset }: Observation): ObservationView {
  return { ...payload, device, kind, gateway, receivedAt: formatInstant(receivedAt), offset }
}

export function openHistoryReader(path: string, journal?: JournalReader): SqliteHistoryReader {
  return new SqliteHistoryReader(path, journal)
}
