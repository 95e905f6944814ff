import type { Kysely, Selectable } from 'kysely'
import type { Case, CaseState } from '../../domain/case.ts'
import type { Offset } from '../../domain/ids.ts'
import type { CaseQuery } from '../../domain/ports/cases.ts'
import type { Matter } from '../../domain/rule.ts'
import { formatInstant, type Instant } from '../../domain/time.ts'
import { decodeCursor } from './cursor.ts'
import type { CaseRow, Schema } from './schema.ts'
import { endOf } from './scope.ts'

/** A case as the book keeps it; its history stands beside it. */
export interface CaseRecord {
  id: string
  /** incident, maintenance … */
  type: string
  alert: string | null
  state: CaseState
  open: boolean
  matter: Matter | null
  asset: string | null
  department: string | null
  level: Case['level']
  dueAt: Instant | null
  /** When a maintenance order holds. */
  from: Instant | null
  to: Instant | null
  desk: string | null
  place: string | null
  offset: Offset
}

/** One move of a case, as its record said. */
export interface CaseMove {
  offset: Offset
  at: Instant
  by: string
  from: CaseState | null
  to: CaseState
  note: string
  photos: readonly string[]
}

function toRow(record: CaseRecord): CaseRow {
  return { ...record, open: Number(record.open), matter: record.matter && JSON.stringify(record.matter) }
}

function toRecord(row: Selectable<CaseRow>): CaseRecord {
  return { ...row, state: row.state as CaseState, level: row.level as Case['level'], open: row.open === 1, matter: row.matter && JSON.parse(row.matter) }
}

/** The contract's form. `alerts` are those that it is for, the one that it was made of first. */
export function toCase(record: CaseRecord, moves: readonly CaseMove[], alerts: readonly string[]): Case {
  return {
    id: record.id,
    type: record.type,
    alerts: [...alerts],
    state: record.state,
    matter: record.matter,
    asset: record.asset,
    department: record.department,
    level: record.level,
    dueAt: record.dueAt === null ? null : formatInstant(record.dueAt),
    history: moves.map(({ at, by, from, to, note, photos }) => ({ at: formatInstant(at), by, from, to, note, ...(photos.length > 0 && { photos: [...photos] }) })),
  }
}

export function casesTable(db: Kysely<Schema>) {
  return {
    async find(id: string, area = ''): Promise<CaseRecord | undefined> {
      const row = await db
        .selectFrom('cases')
        .selectAll()
        .where('id', '=', id)
        .$if(area !== '', (query) => query.where('place', '>=', area).where('place', '<', endOf(area)))
        .executeTakeFirst()
      return row && toRecord(row)
    },

    async save(record: CaseRecord): Promise<void> {
      const { id, ...rest } = toRow(record)
      await db
        .insertInto('cases')
        .values({ id, ...rest })
        .onConflict((conflict) => conflict.column('id').doUpdateSet(rest))
        .execute()
    },

    /** Newest first; one row more than `query.limit` if there are more. */
    async list(query: CaseQuery, area: string): Promise<CaseRecord[]> {
      const before = query.cursor === undefined ? undefined : decodeCursor(query.cursor, ['number'])[0]
      const rows = await db
        .selectFrom('cases')
        .selectAll()
        .$if(query.state !== undefined, (q) => q.where('state', 'in', query.state ?? []))
        .$if(query.asset !== undefined, (q) => q.where('asset', '=', query.asset ?? ''))
        .$if(area !== '', (q) => q.where('place', '>=', area).where('place', '<', endOf(area)))
        .$if(before !== undefined, (q) => q.where('offset', '<', before ?? 0))
        .orderBy('offset', 'desc')
        .limit(query.limit + 1)
        .execute()
      return rows.map(toRecord)
    },

    /** Those that consumers on MQTT should see, in order of id, after `after`. */
    async unclosed(after: string, limit: number): Promise<CaseRecord[]> {
      const rows = await db.selectFrom('cases').selectAll().where('id', '>', after).where('open', '=', 1).orderBy('id').limit(limit).execute()
      return rows.map(toRecord)
    },

    async addMove(id: string, move: CaseMove): Promise<void> {
      await db
        .insertInto('caseHistory')
        .values({ case: id, ...move, photos: JSON.stringify(move.photos) })
        .execute()
    },

    /** The alerts that many cases are for, the one that each was made of first. */
    async alerts(records: readonly CaseRecord[]): Promise<Map<string, string[]>> {
      const found = new Map(records.map(({ id, alert }) => [id, alert === null ? [] : [alert]]))
      const ids = [...found.keys()]
      for (let start = 0; start < ids.length; start += 500) {
        const some = ids.slice(start, start + 500)
        const rows = await db.selectFrom('alerts').select(['id', 'case']).where('case', 'in', some).orderBy('id').execute()
        for (const row of rows) if (found.get(row.case ?? '')?.includes(row.id) === false) found.get(row.case ?? '')?.push(row.id)
      }
      return found
    },

    /** Moves of many cases, oldest first. */
    async moves(ids: readonly string[]): Promise<Map<string, CaseMove[]>> {
      const found = new Map<string, CaseMove[]>()
      for (let start = 0; start < ids.length; start += 500) {
        const some = ids.slice(start, start + 500)
        const rows = await db.selectFrom('caseHistory').selectAll().where('case', 'in', some).orderBy('id').execute()
        for (const { case: id, from, to, photos, offset, at, by, note } of rows) {
          const move = { offset, at, by, from: from as CaseState | null, to: to as CaseState, note, photos: JSON.parse(photos) }
          found.set(id, [...(found.get(id) ?? []), move])
        }
      }
      return found
    },
  }
}
