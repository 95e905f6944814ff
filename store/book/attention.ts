import { type Kysely, sql } from 'kysely'
import type { Grouping } from '../../domain/attention.ts'
import type { Shared } from '../../domain/rule.ts'
import type { Matchers } from '../../domain/silence.ts'
import type { Instant } from '../../domain/time.ts'
import { type AlertRecord, attentionRow, toRecord } from './alerts.ts'
import type { Schema } from './schema.ts'
import { endOf } from './scope.ts'

/**
 * While alert `source` goes on, alerts of `rule` whose `on` is `value` are kept quiet; `place`: those so near that they tell of
 * the same thing, `value` is "lon lat metres".
 */
export interface Inhibition {
  source: string
  rule: string
  on: Shared | 'place'
  value: string
}

/** The circle that an inhibition by place is about. */
export function circleOf(value: string): { lon: number; lat: number; metres: number } {
  const [lon = 0, lat = 0, metres = 0] = value.split(' ').map(Number)
  return { lon, lat, metres }
}

/** Whether reduction has anything to look up at all: asked for every record, so it is one short query. */
export interface Standing {
  /** When the next silence begins or ends, or the next flapping key has rested. */
  due: Instant | null
  silenced: boolean
  inhibited: boolean
}

/** A little less than a degree of latitude has, so that the square holds its circle. */
const M_PER_DEGREE = 111_000

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

    /** Alerts that go on and that this inhibition is about; by place those in the square around its circle. */
    async inhibitable({ rule, on, value }: Omit<Inhibition, 'source'>): Promise<AlertRecord[]> {
      const rows = await goingOn()
        .where('rule', '=', rule)
        .$if(on !== 'place', (query) => query.where(on as Shared, '=', value))
        .$if(on === 'place', (query) => {
          const { lon, lat, metres } = circleOf(value)
          const north = metres / M_PER_DEGREE
          const east = north / Math.cos((lat * Math.PI) / 180)
          return query.where(({ between, and }) => and([between('lon', lon - east, lon + east), between('lat', lat - north, lat + north)]))
        })
        .orderBy('id')
        .execute()
      return rows.map(toRecord)
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

    /** Alerts in `area` that this one stands for, because they tell of the same thing, and that go on. */
    async fusedWith(ref: string, area: string): Promise<AlertRecord[]> {
      const rows = await goingOn()
        .where(isQuiet)
        .where('ref', '=', ref)
        .where('by', '=', 'fused')
        .$if(area !== '', (query) => query.where('place', '>=', area).where('place', '<', endOf(area)))
        .orderBy('id')
        .execute()
      return rows.map(toRecord)
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
      return (await db.selectFrom('inhibitions').selectAll().where('source', '=', source).orderBy('rule').orderBy('on').execute()) as Inhibition[]
    },

    /** What may keep alerts of a rule quiet: by what they have in common, and by place all that there is. */
    async inhibitionsOn(rule: string, at: Partial<Record<Shared, string | null>>): Promise<Inhibition[]> {
      const places = Object.entries(at).filter((pair): pair is [string, string] => typeof pair[1] === 'string')
      const rows = await db
        .selectFrom('inhibitions')
        .selectAll()
        .where('rule', '=', rule)
        .where(({ or, and, eb }) => or([eb('on', '=', 'place'), ...places.map(([on, value]) => and([eb('on', '=', on), eb('value', '=', value)]))]))
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
