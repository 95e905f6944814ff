import type { Kysely, Selectable } from 'kysely'
import { type EventType, type OutEvent, RULE_EVENT } from '../../domain/event.ts'
import type { Schema } from './schema.ts'
import { endOf } from './scope.ts'

export function eventsTable(db: Kysely<Schema>) {
  return {
    /** Gives it the next `seq`. Its id comes from what caused it, so that a book that is built anew numbers the same. */
    async add(event: Omit<OutEvent, 'seq'>): Promise<OutEvent> {
      const { seq } = await db
        .insertInto('events')
        .values({ ...event, data: JSON.stringify(event.data) })
        .returning('seq')
        .executeTakeFirstOrThrow()
      return { seq, ...event }
    },

    async get(seq: number): Promise<OutEvent | undefined> {
      const row = await db.selectFrom('events').selectAll().where('seq', '=', seq).executeTakeFirst()
      return row && toEvent(row)
    },

    /** The newest `seq`, 0 when there is none. */
    async head(): Promise<number> {
      const row = await db
        .selectFrom('events')
        .select(({ fn }) => fn.max<number | null>('seq').as('seq'))
        .executeTakeFirst()
      return row?.seq ?? 0
    },

    /** The oldest `seq` still kept; undefined when there is none. */
    async oldest(): Promise<number | undefined> {
      const row = await db
        .selectFrom('events')
        .select(({ fn }) => fn.min<number | null>('seq').as('seq'))
        .executeTakeFirst()
      return row?.seq ?? undefined
    },

    /** Events with after < seq ≤ head in order of seq, in `area`, of `types`; if absent all but those of rules, which only those get who ask for them. */
    async after(after: number, head: number, query: { types?: readonly string[] | 'every'; limit: number }, area: string): Promise<OutEvent[]> {
      const rows = await db
        .selectFrom('events')
        .selectAll()
        .where('seq', '>', after)
        .where('seq', '<=', head)
        .$if(query.types === undefined, (q) => q.where('type', '!=', RULE_EVENT))
        .$if(Array.isArray(query.types), (q) => q.where('type', 'in', query.types as readonly string[]))
        .$if(area !== '', (q) => q.where('area', '>=', area).where('area', '<', endOf(area)))
        .orderBy('seq')
        .limit(query.limit)
        .execute()
      return rows.map(toEvent)
    },
  }
}

function toEvent(row: Selectable<Schema['events']>): OutEvent {
  return { ...row, type: row.type as EventType, data: JSON.parse(row.data) }
}
