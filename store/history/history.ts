import type { DeviceId, Offset } from '../../domain/ids.ts'
import { effectiveAt, type Observation } from '../../domain/observation.ts'
import type { Page } from '../../domain/ports/alerts.ts'
import type { HistoryReader, HistoryWriter } from '../../domain/ports/history.ts'
import type { ObservationQuery, ObservationView } from '../../domain/ports/telemetry.ts'
import { formatInstant, type Instant } from '../../domain/time.ts'
import { type Database, openDatabase } from '../../drivers/sqlite.ts'
import { byTime, ChunkReader, ChunkWriter, HISTORY_SCHEMA } from './chunks.ts'
import { pageOfObservations } from './page.ts'

type Query = Parameters<HistoryReader['read']>[0]
/** Beyond this the buffer is flushed at once. */
const MOST_BUFFERED = 32_768
const COMPACT_EVERY_MS = 60_000
const COMPACT_DEVICES = 50

function matches(query: Query): (observation: Observation) => boolean {
  const { kind, from, to, before = Infinity } = query
  return (each) => effectiveAt(each) >= from && effectiveAt(each) <= to && each.offset < before && (kind === undefined || each.kind === kind)
}

/** History as its one writer sees it: what was added is readable at once, from the buffer or from disk. */
export class HistoryStore implements HistoryReader, HistoryWriter {
  readonly #db: Database
  readonly #reader: ChunkReader
  readonly #writer: ChunkWriter
  readonly #buffer = new Map<string, Observation[]>()
  #buffered = 0
  #last: Offset
  #flushed: Offset
  #compactedAt: Instant = 0

  constructor(path: string) {
    this.#db = openDatabase(path, { synchronous: 'NORMAL' })
    this.#db.exec(HISTORY_SCHEMA)
    this.#reader = new ChunkReader(this.#db)
    this.#writer = new ChunkWriter(this.#db)
    this.#flushed = flushedOf(this.#db)
    this.#last = this.#flushed
  }

  add(observations: readonly Observation[]): void {
    for (const each of observations) {
      const key = `${each.device}\n${each.kind}`
      const list = this.#buffer.get(key)
      if (list) list.push(each)
      else this.#buffer.set(key, [each])
      this.#last = each.offset
    }
    this.#buffered += observations.length
    if (this.#buffered >= MOST_BUFFERED) this.flush()
  }

  flush(): void {
    if (this.#buffered === 0) return
    this.#writer.write(this.#buffer.values(), this.#last)
    this.#buffer.clear()
    this.#buffered = 0
    this.#flushed = this.#last
  }

  flushed(): Offset {
    return this.#flushed
  }

  /** Merges small chunks now and then, a bounded piece of work; `now` is any clock that moves with time. */
  tidy(now: Instant, dropBefore: Instant): void {
    if (now - this.#compactedAt < COMPACT_EVERY_MS) return
    this.#compactedAt = now
    this.#writer.compact(now, COMPACT_DEVICES)
    this.#writer.drop(dropBefore)
  }

  read(query: Query): Observation[] {
    const found = [...this.#reader.read(query), ...this.#unflushed(query.device)].filter(matches(query)).sort(byTime)
    return query.limit === undefined ? found : found.slice(0, query.limit)
  }

  *#unflushed(device: DeviceId): Generator<Observation> {
    if (this.#buffered === 0) return
    for (const [key, list] of this.#buffer) if (key.startsWith(`${device}\n`)) yield* list
  }

  close(): void {
    this.flush()
    this.#db.close()
  }
}

/** History as others see it: what the writer has flushed. */
export class FlushedHistory implements HistoryReader {
  readonly #db: Database
  readonly #reader: ChunkReader

  constructor(path: string) {
    this.#db = openDatabase(path, { synchronous: 'NORMAL', readonly: true })
    this.#reader = new ChunkReader(this.#db)
  }

  read(query: Query): Observation[] {
    const found = [...this.#reader.read(query)].filter(matches(query)).sort(byTime)
    return query.limit === undefined ? found : found.slice(0, query.limit)
  }

  /** As the contract's `GET observations`: as sent, plus who, when and where in the journal. */
  observations(query: ObservationQuery): Page<ObservationView> {
    const { device, kind, from = 0, to = Number.MAX_SAFE_INTEGER } = query
    const found = this.#reader.read({ ...(device === undefined ? {} : { device: device as DeviceId }), ...(kind === undefined ? {} : { kind }), from, to })
    return pageOfObservations(found, { ...query, from, to }, viewOf)
  }

  flushed(): Offset {
    return flushedOf(this.#db)
  }

  close(): void {
    this.#db.close()
  }
}

function flushedOf(db: Database): Offset {
  return (db.prepare('SELECT offset FROM flushed').get() as { offset: Offset }).offset
}

function viewOf({ payload, device, kind, gateway, receivedAt, offset }: Observation): ObservationView {
  return { ...payload, device, kind, gateway, receivedAt: formatInstant(receivedAt), offset }
}

export function openHistoryWriter(path: string): HistoryStore {
  return new HistoryStore(path)
}

/** Opens the history read-only; it must exist. */
export function openHistoryReader(path: string): FlushedHistory {
  return new FlushedHistory(path)
}
