import type { Kysely } from 'kysely'
import type { Evidence } from '../../domain/alert.ts'
import { formatInstant, type Instant } from '../../domain/time.ts'
import type { Schema } from './schema.ts'
import { endOf } from './scope.ts'

export type EvidenceKind = Evidence['kind']

/** An alert that still waits for its evidence. */
export interface EvidenceWanted {
  alert: string
  /** True for scenes: camera pictures are wanted besides the readings. */
  stills: boolean
  attempts: number
}

export function evidenceTable(db: Kysely<Schema>) {
  return {
    async of(alert: string): Promise<Evidence[]> {
      const rows = await db.selectFrom('evidence').selectAll().where('alert', '=', alert).orderBy('at').orderBy('id').execute()
      return rows.map(toEvidence)
    },

    /** Evidence of many alerts, for lists. */
    async ofAll(alerts: readonly string[]): Promise<Map<string, Evidence[]>> {
      const found = new Map<string, Evidence[]>()
      for (let start = 0; start < alerts.length; start += 500) {
        const some = alerts.slice(start, start + 500)
        const rows = await db.selectFrom('evidence').selectAll().where('alert', 'in', some).orderBy('at').orderBy('id').execute()
        for (const row of rows) found.set(row.alert, [...(found.get(row.alert) ?? []), toEvidence(row)])
      }
      return found
    },

    /** False when this alert has the file already. */
    async attach(alert: string, file: { id: string; kind: EvidenceKind; sha256: string; at: Instant }): Promise<boolean> {
      const { numInsertedOrUpdatedRows } = await db
        .insertInto('evidence')
        .values({ alert, ...file })
        .onConflict((conflict) => conflict.doNothing())
        .executeTakeFirst()
      return numInsertedOrUpdatedRows === 1n
    },

    /** The SHA-256 of a file that proves some alert in `area`; undefined if there is none. */
    async sha256Of(id: string, area: string): Promise<string | undefined> {
      const row = await db
        .selectFrom('evidence')
        .innerJoin('alerts', 'alerts.id', 'evidence.alert')
        .select('evidence.sha256')
        .where('evidence.id', '=', id)
        .$if(area !== '', (query) => query.where('alerts.place', '>=', area).where('alerts.place', '<', endOf(area)))
        .executeTakeFirst()
      return row?.sha256
    },

    async want(alert: string, stills: boolean): Promise<void> {
      await db
        .insertInto('evidenceWanted')
        .values({ alert, stills: Number(stills), attempts: 0, nextAt: 0 })
        .onConflict((conflict) => conflict.doNothing())
        .execute()
    },

    async due(now: Instant, limit: number): Promise<EvidenceWanted[]> {
      const rows = await db.selectFrom('evidenceWanted').selectAll().where('nextAt', '<=', now).orderBy('nextAt').limit(limit).execute()
      return rows.map(({ alert, stills, attempts }) => ({ alert, stills: stills === 1, attempts }))
    },

    /** When the next attempt is due; undefined if no alert waits. */
    async nextDue(): Promise<Instant | undefined> {
      const row = await db
        .selectFrom('evidenceWanted')
        .select(({ fn }) => fn.min<number | null>('nextAt').as('at'))
        .executeTakeFirst()
      return row?.at ?? undefined
    },

    async later(alert: string, attempts: number, nextAt: Instant): Promise<void> {
      await db.updateTable('evidenceWanted').set({ attempts, nextAt }).where('alert', '=', alert).execute()
    },

    async settled(alert: string): Promise<void> {
      await db.deleteFrom('evidenceWanted').where('alert', '=', alert).execute()
    },
  }
}

function toEvidence(row: { id: string; kind: EvidenceKind; sha256: string; at: number }): Evidence {
  return { id: row.id, kind: row.kind, url: `/api/v1/evidence/${row.id}`, sha256: row.sha256, at: formatInstant(row.at) }
}
