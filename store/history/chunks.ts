import type { DeviceId, GatewayId, Offset } from '../../domain/ids.ts'
import { effectiveAt, type Kind, type Observation, type Payload } from '../../domain/observation.ts'
import { HOUR, type Instant } from '../../domain/time.ts'
import type { Database } from '../../drivers/sqlite.ts'
import { Heap } from './heap.ts'

/**
 * Telemetry lies in chunks: what one device sent of one kind between two flushes and within one hour of the clock, as
 * one row. Because no chunk is longer than an hour, a span needs only those that begin within it or in the hour before,
 * and an index gives them in order. Times here are effective times (S9). `flushed` changes in the transaction of its chunks.
 */
export const HISTORY_SCHEMA = `
  CREATE TABLE IF NOT EXISTS chunk (id INTEGER PRIMARY KEY, device TEXT NOT NULL, kind TEXT NOT NULL, fromAt INTEGER NOT NULL, toAt INTEGER NOT NULL,
    firstOffset INTEGER NOT NULL, lastOffset INTEGER NOT NULL, n INTEGER NOT NULL, body TEXT NOT NULL) STRICT;
  CREATE INDEX IF NOT EXISTS chunk_device ON chunk (device, fromAt);
  CREATE INDEX IF NOT EXISTS chunk_kind ON chunk (kind, fromAt);
  CREATE INDEX IF NOT EXISTS chunk_time ON chunk (fromAt);
  CREATE TABLE IF NOT EXISTS flushed (one INTEGER PRIMARY KEY CHECK (one = 1), offset INTEGER NOT NULL) STRICT;`

export interface Span {
  device?: string
  kind?: Kind
  from: Instant
  to: Instant
}

export interface Chunk {
  device: string
  kind: Kind
  fromAt: Instant
  toAt: Instant
  firstOffset: Offset
  lastOffset: Offset
  n: number
  /** JSON text in UTF-8: an array of `Stored`, in no order. Payloads stand in it as they were sent. */
  body: Buffer
}

type Stored = [offset: Offset, receivedAt: Instant, gateway: string, at: Instant, payload: Payload]

/** Chunks of one device, kind and hour → one. */
export function joinChunks(chunks: readonly Chunk[]): Chunk {
  const [first] = chunks
  if (first === undefined) throw new TypeError('a chunk is made of at least one')
  return {
    device: first.device,
    kind: first.kind,
    fromAt: least(chunks.map(({ fromAt }) => fromAt)),
    toAt: greatest(chunks.map(({ toAt }) => toAt)),
    firstOffset: least(chunks.map(({ firstOffset }) => firstOffset)),
    lastOffset: greatest(chunks.map(({ lastOffset }) => lastOffset)),
    n: chunks.reduce((sum, { n }) => sum + n, 0),
    body: Buffer.from(`[${chunks.map(({ body }) => body.toString().slice(1, -1)).join(',')}]`),
  }
}

export function decodeChunk({ device, kind, body }: Pick<Chunk, 'device' | 'kind' | 'body'>): Observation[] {
  return (JSON.parse(body.toString()) as Stored[]).map(([offset, receivedAt, gateway, at, payload]) => ({
    type: 'observation',
    offset,
    receivedAt,
    kind,
    device: device as DeviceId,
    gateway: gateway as GatewayId,
    at,
    payload,
  }))
}

/** In order of (effective time, offset). */
export function inOrder(a: Observation, b: Observation): number {
  return effectiveAt(a) - effectiveAt(b) || a.offset - b.offset
}

export function inSpan(observation: Observation, { device, kind, from, to }: Span): boolean {
  const at = effectiveAt(observation)
  return at >= from && at <= to && (device === undefined || observation.device === device) && (kind === undefined || observation.kind === kind)
}

/**
 * What chunks on disk and `loose` observations hold of a span, in order of (time, offset). Chunks are opened one after
 * another as the order needs them: whoever stops after a page has read little more than that page.
 */
export function* merged(db: Database, span: Span, loose: readonly Observation[]): Generator<Observation> {
  const waiting = new Heap<Observation>(inOrder)
  for (const one of loose) if (inSpan(one, span)) waiting.push(one)
  for (const chunk of overlapping(db, span)) {
    for (let least = waiting.peek(); least !== undefined && effectiveAt(least) < chunk.fromAt; least = waiting.peek()) {
      yield least
      waiting.pop()
    }
    for (const one of decodeChunk(chunk)) if (inSpan(one, span)) waiting.push(one)
  }
  for (let least = waiting.pop(); least !== undefined; least = waiting.pop()) yield least
}

function overlapping(db: Database, { device, kind, from, to }: Span): IterableIterator<Pick<Chunk, 'device' | 'kind' | 'fromAt' | 'body'>> {
  const wheres = ['fromAt > $earliest', 'fromAt <= $to', 'toAt >= $from']
  const named: Record<string, string | number> = { earliest: from - HOUR, from, to }
  if (device !== undefined) {
    wheres.push('device = $device')
    named.device = device
  }
  if (kind !== undefined) {
    // A device has few kinds: its own index is the better one.
    wheres.push(device === undefined ? 'kind = $kind' : '+kind = $kind')
    named.kind = kind
  }
  const chunks = db.prepare(`SELECT device, kind, fromAt, CAST(body AS BLOB) AS body FROM chunk WHERE ${wheres.join(' AND ')} ORDER BY fromAt`)
  return chunks.iterate(named) as IterableIterator<Chunk>
}

export function flushedOf(db: Database): Offset {
  return (db.prepare('SELECT offset FROM flushed').pluck().get() as Offset | undefined) ?? 0
}

function least(numbers: readonly number[]): number {
  return numbers.reduce((a, b) => Math.min(a, b))
}

function greatest(numbers: readonly number[]): number {
  return numbers.reduce((a, b) => Math.max(a, b))
}
