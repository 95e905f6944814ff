import type { Kysely, Selectable } from 'kysely'
import type { RuleFile } from '../../domain/rule.ts'
import type { Instant } from '../../domain/time.ts'
import type { RuleRow, Schema } from './schema.ts'

/** A version of a rule as the book keeps it. */
export interface RuleRecord {
  id: string
  version: number
  state: RuleRow['state']
  source: string
  file: RuleFile | null
  author: string
  note: string
  at: Instant
}

function toRecord(row: Selectable<RuleRow>): RuleRecord {
  return { ...row, file: row.file && JSON.parse(row.file) }
}

export function rulesTable(db: Kysely<Schema>) {
  return {
    async find(id: string, version: number): Promise<RuleRecord | undefined> {
      const row = await db.selectFrom('rules').selectAll().where('id', '=', id).where('version', '=', version).executeTakeFirst()
      return row && toRecord(row)
    },

    /** Newest version first. */
    async versions(id: string): Promise<RuleRecord[]> {
      const rows = await db.selectFrom('rules').selectAll().where('id', '=', id).orderBy('version', 'desc').execute()
      return rows.map(toRecord)
    },

    /** Ids after `after` of rules that have a version which is not removed. */
    async ids(after: string, limit: number): Promise<string[]> {
      const rows = await db.selectFrom('rules').select('id').distinct().where('id', '>', after).where('state', '!=', 'removed').orderBy('id').limit(limit).execute()
      return rows.map((row) => row.id)
    },

    async save(rule: RuleRecord): Promise<void> {
      const { id, version, ...rest } = { ...rule, file: rule.file && JSON.stringify(rule.file) }
      await db
        .insertInto('rules')
        .values({ id, version, ...rest })
        .onConflict((conflict) => conflict.columns(['id', 'version']).doUpdateSet({ state: rest.state }))
        .execute()
    },

    /** At most one version of a rule is live and one in shadow: the others that were go back to draft. */
    async demote(id: string, except: number, state: 'live' | 'shadow'): Promise<void> {
      await db.updateTable('rules').set({ state: 'draft' }).where('id', '=', id).where('version', '!=', except).where('state', '=', state).execute()
    },
  }
}
