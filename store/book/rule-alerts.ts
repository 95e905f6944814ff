import type { Kysely } from 'kysely'
import type { Scalar, Verdict } from '../../domain/alert.ts'
import type { Severity } from '../../domain/rule.ts'
import type { Instant } from '../../domain/time.ts'
import type { Schema } from './schema.ts'

/** When an alert stood, and what operators said of it. */
export interface AlertSpan {
  id: string
  key: string
  asset: string
  openedAt: Instant
  resolvedAt: Instant | null
  severity: Severity
  verdict: Verdict | null
  values: Record<string, Scalar>
}

export function ruleAlertsTable(db: Kysely<Schema>) {
  return {
    /** Alerts of a rule that stood at some time of a span and were not withdrawn, by their beginning. */
    async between(rule: string, from: Instant, to: Instant): Promise<AlertSpan[]> {
      const rows = await db
        .selectFrom('alerts')
        .select(['id', 'key', 'asset', 'openedAt', 'resolvedAt', 'severity', 'verdict', 'values'])
        .where('rule', '=', rule)
        .where('openedAt', '<=', to)
        .where(({ or, eb }) => or([eb('resolvedAt', 'is', null), eb('resolvedAt', '>=', from)]))
        .where(({ or, eb }) => or([eb('amended', 'is', null), eb('amended', '=', 'times')]))
        .orderBy('openedAt')
        .orderBy('id')
        .execute()
      return rows.map((row) => ({ ...row, values: JSON.parse(row.values) })) as AlertSpan[]
    },
  }
}
