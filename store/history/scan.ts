import type { DeviceId, GatewayId, Offset } from '../../domain/ids.ts'
import { effectiveAt, type Kind, type Observation } from '../../domain/observation.ts'
import { HOUR, type Instant } from '../../domain/time.ts'
import type { Database } from '../../drivers/sqlite.ts'
import { flushedOf } from './chunks.ts'
import { type Layout, scanChunk } from './scan-chunk.ts'

/** What a scan reads: kinds, a span of effective times, some devices, and of each payload these members only. */
export interface ScanQuery {
  kinds: readonly Kind[]
  from: Instant
  to: Instant
  device?(device: string): boolean
  members: ReadonlySet<string>
}

interface ChunkHead {
  id: number
  device: string
  kind: Kind
  firstOffset: Offset
  n: number
}

/** So many offsets are put in order at a time: a turn of some milliseconds, and little memory. */
const OFFSETS_PER_TURN = 50_000

/**
 * Everything that history holds of a span, in journal order: what a backtest runs over. Chunks lie by device and time,
 * so they are opened in order of their first offset and what they hold is sorted until the next one begins. One read
 * transaction lasts from `open` to `close`: what the writer joins or drops meanwhile is read as it was.
 */
export class HistoryScan {
  readonly #db: Database
  readonly #query: ScanQuery
  readonly #chunks: ChunkHead[]
  /** At most so many observations come. */
  readonly most: number
  /** What came later is not on disk yet. */
  readonly flushed: Offset

  constructor(db: Database, query: ScanQuery) {
    this.#db = db
    this.#query = query
    db.exec('BEGIN')
    this.flushed = flushedOf(db)
    this.#chunks = heads(db, query)
    this.most = this.#chunks.reduce((sum, { n }) => sum + n, 0)
  }

  *turns(): Generator<Observation[]> {
    const chunks = this.#chunks
    const body = this.#db.prepare('SELECT body FROM chunk WHERE id = ?').pluck()
    const layouts = new Map<Kind, Layout>(this.#query.kinds.map((kind) => [kind, []]))
    let waiting: Observation[] = []
    for (let next = 0; next < chunks.length || waiting.length > 0; ) {
      const end = Math.min(waiting[0]?.offset ?? Infinity, chunks[next]?.firstOffset ?? Infinity) + OFFSETS_PER_TURN
      for (let chunk = chunks[next]; chunk && chunk.firstOffset < end; chunk = chunks[++next])
        this.#take(chunk, body.get(chunk.id) as string, layouts.get(chunk.kind) ?? [], waiting)
      waiting.sort(byOffset)
      const ready = waiting.findIndex(({ offset }) => offset >= end)
      yield ready < 0 ? waiting : waiting.slice(0, ready)
      waiting = ready < 0 ? [] : waiting.slice(ready)
    }
  }

  close(): void {
    if (this.#db.open && this.#db.inTransaction) this.#db.exec('ROLLBACK')
  }

  #take(chunk: ChunkHead, body: string, layout: Layout, into: Observation[]): void {
    const { from, to, members } = this.#query
    const [kind, device] = [chunk.kind, chunk.device as DeviceId]
    scanChunk(body, members, layout, (offset, receivedAt, gateway, at, payload) => {
      const observation: Observation = { type: 'observation', offset, receivedAt, kind, device, gateway: gateway as GatewayId, at, payload }
      const own = effectiveAt(observation)
      if (own >= from && own <= to) into.push(observation)
    })
  }
}

function byOffset(a: Observation, b: Observation): number {
  return a.offset - b.offset
}

function heads(db: Database, { kinds, from, to, device }: ScanQuery): ChunkHead[] {
  const found: ChunkHead[] = []
  const select = db.prepare('SELECT id, device, kind, firstOffset, n FROM chunk WHERE kind = ? AND fromAt > ? AND fromAt <= ? AND toAt >= ?')
  for (const kind of kinds) {
    for (const head of select.iterate(kind, from - HOUR, to, from) as IterableIterator<ChunkHead>) if (!device || device(head.device)) found.push(head)
  }
  return found.sort((a, b) => a.firstOffset - b.firstOffset)
}
