import { type Kysely, sql } from 'kysely'
import type { Grouping } from '../../domain/attention.ts'
import type { Shared } from '../../domain/rule.ts'
import type { Matchers } from '../../domain/silence.ts'
import type { Instant } from '../../domain/time.ts'
import { type AlertRecord, attentionRow, toRecord } from './alerts.ts'
import type { Schema } from './schema.ts'
import { endOf } from './scope.ts'

/** While alert `source` goes on, alerts of `rule` whose `on` is `value` are kept quiet. */
export interface Inhibition {
  source: string
  rule: string
  on: Shared
  value: string
}

/** Whether reduction has anything to look up at all: asked for every record, so it is one short query. */
export interface Standing {
  /** When the next silence begins or ends, or the next flapping key has rested. */
  due: Instant | null
  silenced: boolean
  inhibited: boolean
}

/** Severities in order; text for text as in the index alertsStands, or it is not used. */
const RANK = sql<number>`case severity when 'critical' then 0 when 'major' then 1 when 'minor' then 2 else 3 end`

/** The alerts that reduction must look at together, and what it decided of them. */
export function attentionTable(db: Kysely<Schema>) {
  const alerts = () => db.selectFrom('alerts').selectAll()
  // Written out: SQLite uses a partial index only where it can read the constant.
  const goingOn = () => alerts().where(sql<boolean>`condition <> 'resolved'`)
  const isQuiet = sql<boolean>`shown = 0`

  return {
    async save({ id, group, attention }: Pick<AlertRecord, 'id' | 'group' | 'attention'>): Promise<void> {
      await db
        .updateTable('alerts')
        .set({ group, ...attentionRow(attention) })
        .where('id', '=', id)
        .execute()
    },

    async standing(): Promise<Standing> {
      const { rows } = await sql<{ begins: number | null; calm: number | null; silenced: number; inhibited: number }>`select
        (select min(dueAt) from silences where dueAt is not null) as begins,
        (select min(until) from groups where by = 'flapping' and until is not null) as calm,
        exists (select 1 from silences where state = 'active') as silenced,
        exists (select 1 from inhibitions) as inhibited`.execute(db)
      const { begins = null, calm = null, silenced, inhibited } = rows[0] ?? {}
      const due = begins === null || calm === null ? (begins ?? calm) : Math.min(begins, calm)
      return { due, silenced: silenced === 1, inhibited: inhibited === 1 }
    },

    /** The newest alerts of one key that began by `at`. */
    async ofKey(rule: string, key: string, at: Instant, limit: number): Promise<AlertRecord[]> {
      const rows = await alerts()
        .where('rule', '=', rule)
        .where('key', '=', key)
        .where('openedAt', '<=', at)
        .orderBy('openedAt', 'desc')
        .orderBy('id', 'desc')
        .limit(limit)
        .execute()
      return rows.map(toRecord)
    },

    /** Alerts that go on and that this inhibition is about. */
    async inhibitable({ rule, on, value }: Omit<Inhibition, 'source'>): Promise<AlertRecord[]> {
      return (await goingOn().where('rule', '=', rule).where(on, '=', value).orderBy('id').execute()).map(toRecord)
    },

    /** Alerts that go on and that a silence is about. */
    async matching({ rule, asset, area, severity, key }: Matchers): Promise<AlertRecord[]> {
      const rows = await goingOn()
        .$if(rule !== undefined, (q) => q.where('rule', '=', rule ?? ''))
        .$if(asset !== undefined, (q) => q.where('asset', '=', asset ?? ''))
        .$if(area !== undefined, (q) => q.where('place', '>=', area ?? '').where('place', '<', endOf(area ?? '')))
        .$if(severity !== undefined, (q) => q.where('severity', 'in', severity ?? []))
        .$if(key !== undefined, (q) => q.where('key', '=', key ?? ''))
        .orderBy('id')
        .execute()
      return rows.map(toRecord)
    },

    /** Alerts that go on and that this silence keeps quiet. */
    async quietedBy(ref: string): Promise<AlertRecord[]> {
      return (await goingOn().where(isQuiet).where('ref', '=', ref).orderBy('id').execute()).map(toRecord)
    },

    /** How many alerts in `area` that go on each silence keeps quiet. */
    async quietCounts(refs: readonly string[], area: string): Promise<Map<string, number>> {
      const rows = await db
        .selectFrom('alerts')
        .select(['ref', ({ fn }) => fn.countAll<number>().as('count')])
        .where(sql<boolean>`condition <> 'resolved'`)
        .where(isQuiet)
        .where('ref', 'in', refs)
        .$if(area !== '', (query) => query.where('place', '>=', area).where('place', '<', endOf(area)))
        .groupBy('ref')
        .execute()
      return new Map(rows.map(({ ref, count }) => [ref ?? '', count]))
    },

    async goingOnIn(group: string): Promise<AlertRecord[]> {
      return (await goingOn().where('group', '=', group).orderBy('id').execute()).map(toRecord)
    },

    /** Members of a group in `area`, oldest first. */
    async members(group: string, area: string): Promise<AlertRecord[]> {
      const rows = await alerts()
        .where('group', '=', group)
        .$if(area !== '', (query) => query.where('place', '>=', area).where('place', '<', endOf(area)))
        .orderBy('raisedAt')
        .orderBy('id')
        .execute()
      return rows.map(toRecord)
    },

    /** The member that would stand for a group if `except` did not: the same order as alerts/grouping.ts `standsBefore`. */
    async successor(group: { id: string; by: Grouping }, except: readonly string[]): Promise<AlertRecord | undefined> {
      const row = await alerts()
        .where('group', '=', group.id)
        .where(({ or, eb }) => or([eb('shown', '=', 1), eb('by', 'in', ['flapping', 'grouped'])]))
        .where('id', 'not in', except)
        .orderBy(sql`review = 'judged'`)
        .$if(group.by === 'grouped', (query) => query.orderBy(sql`condition = 'resolved'`).orderBy(RANK))
        .orderBy('raisedAt')
        .orderBy('id')
        .limit(1)
        .executeTakeFirst()
      return row && toRecord(row)
    },

    /** The order of this type that is open for an asset at `at`. */
    async openOrder(asset: string, type: string, at: Instant): Promise<{ ref: string; until: Instant | null } | null> {
      const row = await db
        .selectFrom('cases')
        .select(['id', 'to'])
        .where('asset', '=', asset)
        .where('type', '=', type)
        .where('open', '=', 1)
        .where(({ or, eb }) => or([eb('from', 'is', null), eb('from', '<=', at)]))
        .where(({ or, eb }) => or([eb('to', 'is', null), eb('to', '>', at)]))
        .orderBy('offset')
        .limit(1)
        .executeTakeFirst()
      return row ? { ref: row.id, until: row.to } : null
    },

    /** True when the gateway of an alert matters to any live rule. */
    async rulesSpeakOfGateways(): Promise<boolean> {
      const row = await db.selectFrom('rules').select('id').where('state', '=', 'live').where('file', 'like', '%"gateway"%').limit(1).executeTakeFirst()
      return row !== undefined
    },

    /** What an alert keeps quiet. */
    async inhibitionsOf(source: string): Promise<Inhibition[]> {
      return (await db.selectFrom('inhibitions').selectAll().where('source', '=', source).orderBy('rule').execute()) as Inhibition[]
    },

    /** What may keep alerts of a rule quiet. */
    async inhibitionsOn(rule: string, at: Partial<Record<Shared, string | null>>): Promise<Inhibition[]> {
      const places = Object.entries(at).filter((pair): pair is [string, string] => typeof pair[1] === 'string')
      if (places.length === 0) return []
      const rows = await db
        .selectFrom('inhibitions')
        .selectAll()
        .where('rule', '=', rule)
        .where(({ or, and, eb }) => or(places.map(([on, value]) => and([eb('on', '=', on), eb('value', '=', value)]))))
        .orderBy('source')
        .execute()
      return rows as Inhibition[]
    },

    async replaceInhibitions(source: string, inhibitions: readonly Inhibition[]): Promise<void> {
      await db.deleteFrom('inhibitions').where('source', '=', source).execute()
      if (inhibitions.length > 0)
        await db
          .insertInto('inhibitions')
          .values([...inhibitions])
          .execute()
    },
  }
}
