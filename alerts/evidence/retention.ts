import type { EvidenceId } from '../../domain/ids.ts'
import type { Audit } from '../../domain/ports/access.ts'
import type { Files } from '../../domain/ports/files.ts'
import type { Change } from '../../domain/projection.ts'
import { DAY, formatInstant, HOUR, type Instant } from '../../domain/time.ts'
import type { Book, Tables } from '../../store/book/book.ts'
import { alertChanged } from '../../store/book/changes.ts'

export interface RetentionDeps {
  book: Book
  files: Pick<Files, 'remove' | 'ids'>
  /** Days after which the files of an alert that is over are deleted: one without a case, and one whose case was closed then. */
  days: { unlinked: number; linked: number }
  audit: Pick<Audit, 'append'>
  commit(work: (tables: Tables) => Promise<Change[]>): Promise<Change[]>
  changed(changes: readonly Change[]): void
}

const BATCH = 100
/** What an attempt has just written is not named yet. */
const YOUNG_MS = HOUR

/**
 * Deletes what has outlived its use: pictures, clips, scenes and readings; the line in the list, and the manifest with all
 * hashes, stay. First the book says so, then the audit log, then the bytes go: a crash in between leaves bytes that `sweep` finds.
 */
export async function deleteAged({ book, files, days, audit, commit, changed }: RetentionDeps, now: Instant): Promise<number> {
  let count = 0
  for (;;) {
    const alerts = await book.evidence.aged({ unlinked: now - days.unlinked * DAY, linked: now - days.linked * DAY }, BATCH)
    if (alerts.length === 0) return count
    for (const id of alerts) {
      const gone: { id: string; kind: string; sha256: string }[] = []
      changed(
        await commit(async (tables) => {
          gone.push(...(await tables.evidence.bury(id, now)))
          await tables.alerts.addLine(id, { at: now, by: 'platform', what: 'evidence', note: `deleted after its time: ${gone.map(({ kind }) => kind).join(', ')}` })
          const alert = await tables.alerts.find(id)
          return alert ? [await alertChanged(tables, alert, 'updated', { id: `${id}-evidence-deleted-${now}`, at: now })] : []
        }),
      )
      audit.append({ at: formatInstant(now), by: 'platform', what: 'evidence.delete', target: id, detail: JSON.stringify(gone.map(({ kind, sha256 }) => ({ kind, sha256 }))) })
      for (const file of gone) if (!(await book.evidence.isNamed(file.id))) await files.remove(file.id as EvidenceId)
      count += gone.length
    }
  }
}

/** Removes files that no alert names: what a crash left between a file and its line in the book. */
export async function sweep({ book, files, audit }: RetentionDeps, now: Instant): Promise<number> {
  let count = 0
  for await (const id of files.ids(now - YOUNG_MS)) {
    if (await book.evidence.isNamed(id)) continue
    await files.remove(id)
    count++
  }
  if (count > 0) audit.append({ at: formatInstant(now), by: 'platform', what: 'evidence.sweep', target: '', detail: `${count} files that no alert names` })
  return count
}
