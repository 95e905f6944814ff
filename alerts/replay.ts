import type { Offset } from '../domain/ids.ts'
import type { HistoryReader } from '../domain/ports/history.ts'
import type { JournalReader } from '../domain/ports/journal.ts'
import { Engine } from '../rules/engine.ts'
import { hashOf, thaw } from '../rules/snapshot.ts'
import { emptyState, type Quarantine } from '../rules/state.ts'
import type { StoredSnapshot } from '../store/snapshots.ts'

export interface Difference {
  offset: Offset
  n: number
  what: 'not_replayed' | 'not_recorded' | 'different' | 'snapshot'
  recorded: string | null
  replayed: string | null
}

export interface ReplayResult {
  /** Offsets that were run again. */
  from: Offset
  through: Offset
  compared: number
  equal: number
  snapshots: number
  differences: Difference[]
}

export interface ReplayParts {
  journal: JournalReader
  history: HistoryReader
  /** Where to begin, if the journal no longer reaches back to its first record. */
  start: StoredSnapshot | undefined
  /** Of rules that took too long, with records from the beginning on. */
  quarantines(from: Offset): readonly Quarantine[]
  /** Hashes to be met on the way. */
  snapshots: readonly { offset: Offset; hash: string }[]
  /** Recorded transitions as canonical JSON, in order of (offset, n). */
  recorded(from: Offset, through: Offset): Promise<{ offset: Offset; n: number; text: string }[]>
  text(transition: Parameters<typeof JSON.stringify>[0]): string
  through: Offset
  progress?(offset: Offset): void
}

const STEP = 2000
const MOST_DIFFERENCES = 100

/** Runs the engine over the journal again and compares what it says with what was recorded (S14). */
export async function replay(parts: ReplayParts): Promise<ReplayResult> {
  const state = (parts.start && thaw(parts.start)) ?? emptyState()
  const engine = new Engine(parts.history, state, { quarantines: parts.quarantines(state.offset + 1) })
  const result: ReplayResult = { from: engine.state.offset + 1, through: parts.through, compared: 0, equal: 0, snapshots: 0, differences: [] }
  const marks = parts.snapshots.filter(({ offset }) => offset > engine.state.offset && offset <= parts.through)
  while (engine.state.offset < parts.through) {
    const mark = marks[0]
    const until = Math.min(mark?.offset ?? Infinity, parts.through)
    const from = engine.state.offset + 1
    const records = parts.journal
      .read(from, STEP)
      .flatMap((batch) => batch.records)
      .filter(({ offset }) => offset <= until)
    if (records.length === 0) break
    const said = engine.step(records).filter((entry) => entry.type === 'transition')
    compare(
      result,
      await parts.recorded(from, engine.state.offset),
      said.map((transition) => ({ offset: transition.offset, n: transition.n, text: parts.text(transition) })),
    )
    if (mark?.offset === engine.state.offset) {
      marks.shift()
      checkSnapshot(result, engine, mark)
    }
    parts.progress?.(engine.state.offset)
  }
  return result
}

function checkSnapshot(result: ReplayResult, engine: Engine, mark: { offset: Offset; hash: string }): void {
  result.snapshots++
  const hash = hashOf(engine.state)
  if (hash !== mark.hash) add(result, { offset: mark.offset, n: 0, what: 'snapshot', recorded: mark.hash, replayed: hash })
}

interface Said {
  offset: Offset
  n: number
  text: string
}

/** Merges two ordered lists; what stands at the same (offset, n) must be the same text. */
function compare(result: ReplayResult, recorded: readonly Said[], replayed: readonly Said[]): void {
  let [i, j] = [0, 0]
  while (i < recorded.length || j < replayed.length) {
    const [old, now] = [recorded[i], replayed[j]]
    const order = !old ? 1 : !now ? -1 : old.offset - now.offset || old.n - now.n
    result.compared++
    if (order < 0 && old) add(result, { offset: old.offset, n: old.n, what: 'not_replayed', recorded: old.text, replayed: null })
    else if (order > 0 && now) add(result, { offset: now.offset, n: now.n, what: 'not_recorded', recorded: null, replayed: now.text })
    else if (old && now && old.text === now.text) result.equal++
    else if (old && now) add(result, { offset: old.offset, n: old.n, what: 'different', recorded: old.text, replayed: now.text })
    if (order <= 0) i++
    if (order >= 0) j++
  }
}

function add(result: ReplayResult, difference: Difference): void {
  if (result.differences.length < MOST_DIFFERENCES) result.differences.push(difference)
}
