import type { Kysely } from 'kysely'
import type { Calendar } from '../../domain/calendar.ts'
import type { CalendarView } from '../../domain/ports/register.ts'
import type { Instant } from '../../domain/time.ts'
import type { Schema } from './schema.ts'

export function calendarsTable(db: Kysely<Schema>) {
  return {
    async find(id: string): Promise<CalendarView | undefined> {
      const row = await db.selectFrom('calendars').selectAll().where('id', '=', id).executeTakeFirst()
      return row && toView(row)
    },

    /** In order of id, after `after`. */
    async list(after: string, limit: number): Promise<CalendarView[]> {
      const rows = await db.selectFrom('calendars').selectAll().where('id', '>', after).orderBy('id').limit(limit).execute()
      return rows.map(toView)
    },

    async ids(): Promise<Set<string>> {
      return new Set((await db.selectFrom('calendars').select('id').execute()).map(({ id }) => id))
    },

    /** Its version counts up by one. */
    async put(id: string, calendar: Calendar, by: string, at: Instant): Promise<void> {
      const row = { by, at, json: JSON.stringify(calendar) }
      await db
        .insertInto('calendars')
        .values({ id, version: 1, ...row })
        .onConflict((conflict) => conflict.column('id').doUpdateSet(({ eb, ref }) => ({ ...row, version: eb(ref('calendars.version'), '+', 1) })))
        .execute()
    },
  }
}

function toView({ json, ...row }: Schema['calendars']): CalendarView {
  return { ...(JSON.parse(json) as Calendar), ...row }
}
