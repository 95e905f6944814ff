import { type Kysely, type Selectable, sql } from 'kysely'
import type { Alert } from '../../domain/alert.ts'
import type { Grouping } from '../../domain/attention.ts'
import { formatInstant, type Instant } from '../../domain/time.ts'
import type { GroupRow, Schema } from './schema.ts'

/** Alerts of which one, the head, is shown for all. */
export interface Group {
  id: string
  by: Grouping
  /** What its members have in common. */
  key: string
  members: number
  /** Flapping: how often the key was raised and resolved; null for others. */
  changes: number | null
  since: Instant
  /** Grouped: it takes new members before this. Flapping: calm then if nothing changes; null once it is. */
  until: Instant | null
  /** Null: other reasons keep all of its members quiet. */
  head: string | null
}

function toGroup(row: Selectable<GroupRow>): Group {
  return { ...row, by: row.by as Grouping }
}

/** The contract's form. */
export function toGroupView({ id, by, members, changes, since, until }: Group): NonNullable<Alert['group']> {
  return { id, by, members, changes, since: formatInstant(since), until: until === null ? null : formatInstant(until) }
}

export function groupsTable(db: Kysely<Schema>) {
  return {
    async find(id: string): Promise<Group | undefined> {
      const row = await db.selectFrom('groups').selectAll().where('id', '=', id).executeTakeFirst()
      return row && toGroup(row)
    },

    async ofAll(ids: readonly string[]): Promise<Map<string, Group>> {
      const found = new Map<string, Group>()
      for (let start = 0; start < ids.length; start += 500) {
        const rows = await db
          .selectFrom('groups')
          .selectAll()
          .where('id', 'in', ids.slice(start, start + 500))
          .execute()
        for (const row of rows) found.set(row.id, toGroup(row))
      }
      return found
    },

    /** The newest group of this key. */
    async newest(by: Grouping, key: string): Promise<Group | undefined> {
      const row = await db.selectFrom('groups').selectAll().where('by', '=', by).where('key', '=', key).orderBy('since', 'desc').orderBy('id', 'desc').limit(1).executeTakeFirst()
      return row && toGroup(row)
    },

    async save({ id, ...rest }: Group): Promise<void> {
      await db
        .insertInto('groups')
        .values({ id, ...rest })
        .onConflict((conflict) => conflict.column('id').doUpdateSet(rest))
        .execute()
    },

    /** The flapping key that is calm first, if nothing changes. */
    async nextCalm(): Promise<{ id: string; at: Instant } | undefined> {
      const row = await db
        .selectFrom('groups')
        .select(['id', 'until'])
        .where(sql<boolean>`by = 'flapping' and until is not null`)
        .orderBy('until')
        .orderBy('id')
        .limit(1)
        .executeTakeFirst()
      return row?.until === undefined || row.until === null ? undefined : { id: row.id, at: row.until }
    },
  }
}
