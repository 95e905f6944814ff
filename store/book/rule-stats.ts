import { type Kysely, sql } from 'kysely'
import type { RuleStats } from '../../domain/authoring.ts'
import { DAY, type Instant } from '../../domain/time.ts'
import type { Schema } from './schema.ts'
import { endOf } from './scope.ts'

/** Alerts of one version, as a guard counts them. */
export interface VersionCounts {
  /** Raised at or after `recent`. */
  raised: number
  /** Of those raised at or after `since`. */
  judged: number
  falseAlarms: number
}

const DAYS = 14
const JUDGED_DAYS = 30
/** So many false alarms at one asset within so long are worth an author's look (domain B.5). */
const REJECTED = 2
const REJECTED_DAYS = 7
const MOST_REJECTING = 10

/** How rules fare in an area, counted over many rules at once. A day is 24 hours that end now: the city's midnight is no concern of the book's. */
export function ruleStatsTable(db: Kysely<Schema>) {
  const alertsIn = (area: string) => db.selectFrom('alerts').$if(area !== '', (query) => query.where('place', '>=', area).where('place', '<', endOf(area)))

  async function firing(ids: string[], area: string): Promise<Map<string, number>> {
    const rows = await alertsIn(area)
      .select(['rule', ({ fn }) => fn.countAll<number>().as('n')])
      .where('condition', '=', 'firing')
      .where('rule', 'in', ids)
      .groupBy('rule')
      .execute()
    return new Map(rows.map(({ rule, n }) => [rule, n]))
  }

  async function perDay(ids: string[], now: Instant, area: string): Promise<{ rule: string; day: number; n: number }[]> {
    const start = now - DAYS * DAY
    return alertsIn(area)
      .select(['rule', sql<number>`cast((raisedAt - ${start} - 1) / ${DAY} as integer)`.as('day'), ({ fn }) => fn.countAll<number>().as('n')])
      .where('rule', 'in', ids)
      .where('raisedAt', '>', start)
      .where('raisedAt', '<=', now)
      .groupBy(['rule', 'day'])
      .execute()
  }

  async function judgements(ids: string[], now: Instant, area: string): Promise<Map<string, { judged: number; wrong: number }>> {
    const rows = await alertsIn(area)
      .select(['rule', ({ fn }) => fn.countAll<number>().as('judged'), sql<number>`sum(verdict = 'false_alarm')`.as('wrong')])
      .where('rule', 'in', ids)
      .where('raisedAt', '>', now - JUDGED_DAYS * DAY)
      .where('verdict', 'is not', null)
      .groupBy('rule')
      .execute()
    return new Map(rows.map(({ rule, judged, wrong }) => [rule, { judged, wrong }]))
  }

  async function rejections(ids: string[], now: Instant, area: string): Promise<Map<string, RuleStats['rejections']>> {
    const rows = await alertsIn(area)
      .select(['rule', 'asset', ({ fn }) => fn.countAll<number>().as('rejected')])
      .where('rule', 'in', ids)
      .where('raisedAt', '>', now - REJECTED_DAYS * DAY)
      .where('verdict', '=', 'false_alarm')
      .groupBy(['rule', 'asset'])
      .having(({ fn }) => fn.countAll<number>(), '>=', REJECTED)
      .orderBy('rejected', 'desc')
      .orderBy('asset')
      .execute()
    return new Map([...Map.groupBy(rows, ({ rule }) => rule)].map(([rule, its]) => [rule, its.slice(0, MOST_REJECTING).map(({ asset, rejected }) => ({ asset, rejected }))]))
  }

  /** Of each alert in shadow its last word counts: what later data disproved was never raised. `same`: an alert of the same key that stood at the same time. */
  async function shadows(ids: string[], area: string): Promise<Map<string, NonNullable<RuleStats['shadow']>>> {
    // What is in shadow has no alert that would know its place; an area's own is named by the area.
    const asset = sql`json_extract(t.json, '$.asset')`
    const place = sql`coalesce((select s.place from assets s where s.id = ${asset}), ${asset})`
    const here = area === '' ? sql`` : sql`and ${place} >= ${area} and ${place} < ${endOf(area)}`
    const { rows } = await sql<{ rule: string; version: number; raised: number; same: number }>`
      with would as (
        select r.id as rule, r.version, t.alert, max(t."offset" * 4096 + t.n) as newest, json_extract(t.json, '$.key') as key,
          json_extract(t.json, '$.openedAt') as openedAt, json_extract(t.json, '$.resolvedAt') as resolvedAt, json_extract(t.json, '$.amended') as amended
        from rules r join transitions t on t.shadow = 1
          and json_extract(t.json, '$.rule') = r.id and json_extract(t.json, '$.ruleVersion') = r.version and t."offset" >= r."offset"
        where r.state = 'shadow' and r.id in (${sql.join(ids)}) ${here}
        group by r.id, r.version, t.alert)
      select r.id as rule, r.version, count(w.alert) as raised, count(case when exists (
          select 1 from alerts a where a.rule = w.rule and a.key = w.key and a.openedAt <= coalesce(w.resolvedAt, 9e15) and coalesce(a.resolvedAt, 9e15) >= w.openedAt
        ) then 1 end) as same
      from rules r left join would w on w.rule = r.id and w.version = r.version and w.amended is not 'disproved' and w.amended is not 'merged'
      where r.state = 'shadow' and r.id in (${sql.join(ids)})
      group by r.id, r.version`.execute(db)
    return new Map(rows.map(({ rule, ...counts }) => [rule, counts]))
  }

  return {
    /** One for each id; of alerts in `area`. */
    async of(ids: readonly string[], now: Instant, area = ''): Promise<Map<string, RuleStats>> {
      if (ids.length === 0) return new Map()
      const wanted = [...ids]
      const [burning, days, verdicts, shadow] = [await firing(wanted, area), await perDay(wanted, now, area), await judgements(wanted, now, area), await shadows(wanted, area)]
      const rejected = await rejections(wanted, now, area)
      const stats = new Map<string, RuleStats>()
      for (const id of wanted) {
        const { judged, wrong } = verdicts.get(id) ?? { judged: 0, wrong: 0 }
        stats.set(id, {
          firing: burning.get(id) ?? 0,
          perDay: Array<number>(DAYS).fill(0),
          judged,
          falseAlarmShare: judged === 0 ? null : wrong / judged,
          rejections: rejected.get(id) ?? [],
          shadow: shadow.get(id) ?? null,
          reminders: null,
        })
      }
      for (const { rule, day, n } of days) {
        const its = stats.get(rule)
        if (its) its.perDay[day] = n
      }
      return stats
    },

    /** What a version raised at or after `since`, and of that at or after `recent`; with what was said of it. */
    async ofVersion(rule: string, version: number, since: Instant, recent: Instant): Promise<VersionCounts> {
      const row = await db
        .selectFrom('alerts')
        .select([
          sql<number | null>`sum(raisedAt >= ${recent})`.as('raised'),
          sql<number | null>`sum(verdict is not null)`.as('judged'),
          sql<number | null>`sum(verdict is 'false_alarm')`.as('falseAlarms'),
        ])
        .where('rule', '=', rule)
        .where('raisedAt', '>=', since)
        .where('ruleVersion', '=', version)
        .executeTakeFirstOrThrow()
      return { raised: row.raised ?? 0, judged: row.judged ?? 0, falseAlarms: row.falseAlarms ?? 0 }
    },
  }
}
