import type { Offset } from '../../domain/ids.ts'
import { versionKey } from '../../rules/quarantine.ts'
import type { Quarantine } from '../../rules/state.ts'
import { decodeBody } from '../../store/journal/body.ts'
import type { SqliteJournalReader } from '../../store/journal/reader.ts'

/** In the text of a commit with a quarantine's record; payloads may hold it too, so it only says where to look. */
const MARK = '"state":"quarantined"'
const RECORDS_AT_A_TIME = 20_000

/**
 * Quarantines whose records stand at `from` or later: who runs the engine over that place must know them ahead, because
 * they begin before their records (S18).
 */
export function quarantinesFrom(journal: Pick<SqliteJournalReader, 'stored'>, from: Offset): Quarantine[] {
  const found: Quarantine[] = []
  let next = Math.max(1, from)
  for (let batches = journal.stored(next, RECORDS_AT_A_TIME); batches.length > 0; batches = journal.stored(next, RECORDS_AT_A_TIME)) {
    for (const batch of batches) {
      next = batch.first + batch.count
      if (!batch.body.includes(MARK)) continue
      for (const record of decodeBody(batch.body, batch, from)) {
        if (record.type !== 'rule' || record.state !== 'quarantined' || record.from === undefined) continue
        found.push({ rule: record.id, version: record.version, from: record.from, why: record.note })
      }
    }
  }
  return found
}

type Journalled = (quarantine: Quarantine) => Promise<void>

/**
 * Journals each once: a thread that starts again before the record is there finds it again. A version that was moved live
 * since, and is out once more, is out from further on.
 */
export function eachOnce(journalled: Journalled): Journalled {
  const known = new Map<string, { from: Offset; done: Promise<void> }>()
  return (quarantine) => {
    const before = known.get(versionKey(quarantine))
    if (before && quarantine.from <= before.from) return before.done
    const done = journalled(quarantine)
    known.set(versionKey(quarantine), { from: quarantine.from, done })
    return done
  }
}
