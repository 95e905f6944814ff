import { CodedError } from '../../domain/errors.ts'
import type { Audit, AuditEntry } from '../../domain/ports/access.ts'
import { formatInstant } from '../../domain/time.ts'
import type { Database } from '../../drivers/sqlite.ts'

interface AuditRow {
  seq: number
  at: number
  by: string
  what: string
  target: string
  detail: string
}

/** The audit log in access.db: newest first, a cursor is the number of the entry that was shown last. */
export function createAudit(db: Database): Audit {
  const insert = db.prepare('INSERT INTO audit (at, by, what, target, detail) VALUES (?, ?, ?, ?, ?)')
  const select = db.prepare<[number, number], AuditRow>('SELECT * FROM audit WHERE seq < ? ORDER BY seq DESC LIMIT ?')
  return {
    append: (entry) => void insert.run(Date.parse(entry.at), entry.by, entry.what, entry.target, entry.detail),
    async list({ limit, cursor }) {
      const rows = select.all(before(cursor), limit + 1)
      const shown = rows.slice(0, limit)
      return { items: shown.map(entryOf), next: rows.length > limit ? String(shown.at(-1)?.seq) : null }
    },
  }
}

function before(cursor: string | undefined): number {
  if (cursor === undefined) return Number.MAX_SAFE_INTEGER
  if (!/^\d{1,15}$/.test(cursor)) throw new CodedError('cursor.invalid')
  return Number(cursor)
}

function entryOf({ at, by, what, target, detail }: AuditRow): AuditEntry {
  return { at: formatInstant(at), by, what, target, detail }
}
