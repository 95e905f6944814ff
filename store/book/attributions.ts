import { type Kysely, sql } from 'kysely'
import type { Candidate } from '../../domain/attribution.ts'
import type { Instant } from '../../domain/time.ts'
import type { Schema } from './schema.ts'

/** An alert of which it is to be asked (again) whose it was. */
export interface AttributionWanted {
  alert: string
  attempts: number
  /** What was found so far; null: nothing was asked yet. */
  candidates: Candidate[] | null
}

/** Whose vehicles alerts are laid to, and when to ask again. */
export function attributionsTable(db: Kysely<Schema>) {
  return {
    async candidatesOf(alert: string): Promise<Candidate[]> {
      const row = await db.selectFrom('attributions').select('candidates').where('alert', '=', alert).executeTakeFirst()
      return row?.candidates ? JSON.parse(row.candidates) : []
    },

    /** Asked anew from the first attempt on; what was found stays until something else is. */
    async want(alert: string): Promise<void> {
      await db
        .insertInto('attributions')
        .values({ alert, candidates: null, attempts: 0, nextAt: 0 })
        .onConflict((conflict) => conflict.column('alert').doUpdateSet({ attempts: 0, nextAt: 0 }))
        .execute()
    },

    async due(now: Instant, limit: number): Promise<AttributionWanted[]> {
      // Written out: SQLite uses a partial index only where it can read the condition.
      const rows = await db
        .selectFrom('attributions')
        .selectAll()
        .where(sql<boolean>`nextAt is not null`)
        .where('nextAt', '<=', now)
        .orderBy('nextAt')
        .orderBy('alert')
        .limit(limit)
        .execute()
      return rows.map(({ alert, attempts, candidates }) => ({ alert, attempts, candidates: candidates === null ? null : JSON.parse(candidates) }))
    },

    /** When the next attempt is due; undefined if no alert waits. */
    async nextDue(): Promise<Instant | undefined> {
      const row = await db.selectFrom('attributions').select('nextAt').where(sql<boolean>`nextAt is not null`).orderBy('nextAt').limit(1).executeTakeFirst()
      return row?.nextAt ?? undefined
    },

    /** Asked again then; null: no more. */
    async later(alert: string, attempts: number, nextAt: Instant | null): Promise<void> {
      await db.updateTable('attributions').set({ attempts, nextAt }).where('alert', '=', alert).execute()
    },

    async save(alert: string, candidates: readonly Candidate[]): Promise<void> {
      await db
        .updateTable('attributions')
        .set({ candidates: JSON.stringify(candidates) })
        .where('alert', '=', alert)
        .execute()
    },
  }
}
