import type { Kysely } from 'kysely'
import type { Amendment, Condition, Verdict } from '../../domain/alert.ts'
import type { Schema } from './schema.ts'

/** An alert that told of the same thing at the same time. */
export interface Partner {
  id: string
  rule: string
  asset: string
  condition: Condition
  amended: Amendment | null
  verdict: Verdict | null
}

/** Alerts that were shown as one: `source` stood for `target`. What was once is kept: it is what confirms an alert. */
export function fusionsTable(db: Kysely<Schema>) {
  const columns = ['alerts.id', 'alerts.rule', 'alerts.asset', 'alerts.condition', 'alerts.amended', 'alerts.verdict'] as const
  return {
    /** False when they were fused before. */
    async add(source: string, target: string): Promise<boolean> {
      const { numInsertedOrUpdatedRows } = await db
        .insertInto('fusions')
        .values({ source, target })
        .onConflict((conflict) => conflict.doNothing())
        .executeTakeFirst()
      return numInsertedOrUpdatedRows === 1n
    },

    /** With whom each of these alerts was fused, by its id. */
    async ofAll(ids: readonly string[]): Promise<Map<string, Partner[]>> {
      const found = new Map<string, Partner[]>()
      for (let start = 0; start < ids.length; start += 500) {
        const some = ids.slice(start, start + 500)
        const rows = [
          ...(await db
            .selectFrom('fusions')
            .innerJoin('alerts', 'alerts.id', 'fusions.target')
            .select('fusions.source as of')
            .select(columns)
            .where('fusions.source', 'in', some)
            .execute()),
          ...(await db
            .selectFrom('fusions')
            .innerJoin('alerts', 'alerts.id', 'fusions.source')
            .select('fusions.target as of')
            .select(columns)
            .where('fusions.target', 'in', some)
            .execute()),
        ]
        for (const { of, ...row } of rows.sort((a, b) => (a.id < b.id ? -1 : 1))) found.set(of, [...(found.get(of) ?? []), row as Partner])
      }
      return found
    },
  }
}
