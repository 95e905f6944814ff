import { existsSync } from 'node:fs'
import type { Offset } from '../../domain/ids.ts'
import { effectiveAt, type Kind, type Observation, type Payload } from '../../domain/observation.ts'
import type { HistoryReader } from '../../domain/ports/history.ts'
import type { JournalReader } from '../../domain/ports/journal.ts'
import type { Instant } from '../../domain/time.ts'
import { openDatabase } from '../../drivers/sqlite.ts'
import type { CompiledRule } from '../../rules/rule.ts'
import { HistoryScan } from '../../store/history/scan.ts'

/** What of the stored observations a backtest looks at. */
export interface Selection {
  kinds: readonly Kind[]
  start: Instant
  to: Instant
  device(device: string): boolean
  /** Members of payloads; the others are not even read. */
  members: ReadonlySet<string>
}

/** What every judgement needs: where the thing was, whether that fix is to be trusted (S19), what a look shows. */
const ALWAYS = ['lon', 'lat', 'crs', 'alarms', 'objects', 'values']

export function membersOf(rules: readonly CompiledRule[]): ReadonlySet<string> {
  return new Set([...ALWAYS, ...rules.flatMap(({ reads }) => reads)])
}

/** In journal order: what history has on disk, then what only the journal has yet. `done` says how much of it has come, 0 to 1. */
export function* storedObservations(path: string, journal: JournalReader, selection: Selection): Generator<{ observations: Observation[]; done: number }> {
  const { kinds, start: from, to, device, members } = selection
  let flushed: Offset = 0
  if (existsSync(path)) {
    const db = openDatabase(path, { synchronous: 'NORMAL', readonly: true })
    const scan = new HistoryScan(db, { kinds, from, to, device, members })
    try {
      let come = 0
      for (const observations of scan.turns()) {
        come += observations.length
        yield { observations, done: scan.most === 0 ? 1 : come / scan.most }
      }
      flushed = scan.flushed
    } finally {
      scan.close()
      db.close()
    }
  }
  yield* tail(journal, flushed, selection)
}

const STEP = 4096

function* tail(journal: JournalReader, flushed: Offset, selection: Selection): Generator<{ observations: Observation[]; done: number }> {
  const head = journal.head()
  for (let next = flushed + 1; next <= head; ) {
    const records = journal.read(next, STEP).flatMap((batch) => batch.records)
    const last = records.at(-1)
    if (!last) return
    next = last.offset + 1
    const observations = records.filter((record): record is Observation => record.type === 'observation' && record.offset <= head && isSelected(record, selection))
    yield { observations: observations.map((each) => trimmed(each, selection.members)), done: 1 }
  }
}

function isSelected(observation: Observation, { kinds, start, to, device }: Selection): boolean {
  const at = effectiveAt(observation)
  return kinds.includes(observation.kind) && at >= start && at <= to && device(observation.device)
}

function trimmed(observation: Observation, members: ReadonlySet<string>): Observation {
  const payload: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(observation.payload)) if (members.has(name)) payload[name] = value
  return { ...observation, payload: payload as Payload }
}

/** The same selection, for the engine when late data makes it look back (S6). */
export function selectedHistory(history: HistoryReader, { kinds, start, to, members }: Selection): HistoryReader {
  return {
    read: (query) =>
      history
        .read({ ...query, from: Math.max(query.from, start), to: Math.min(query.to, to) })
        .filter(({ kind }) => kinds.includes(kind))
        .map((each) => trimmed(each, members)),
  }
}
