import { type Kysely, type Selectable, sql } from 'kysely'
import { type BlindCause, type CoverageHour, totalOf } from '../../domain/coverage.ts'
import { HOUR, type Instant } from '../../domain/time.ts'
import type { Schema } from './schema.ts'
import { endOf } from './scope.ts'

/** A camera × algorithm over a stretch of time. */
export interface CoverageTotal {
  camera: string
  algorithm: string
  blindMs: number
}

export interface CoverageFilter {
  camera?: string | undefined
  algorithm?: string | undefined
  from: Instant
  to: Instant
  /** Total of the last page. */
  after?: CoverageTotal | undefined
  limit: number
  area: string
}

/** Rows of one statement. */
const BATCH = 500

/** Coverage hour by hour; what is older than `keepMs` goes as new hours come. */
export function coverageTable(db: Kysely<Schema>) {
  return {
    /** Replaces what was kept of these hours. */
    async put(hours: readonly CoverageHour[]): Promise<void> {
      for (let start = 0; start < hours.length; start += BATCH) {
        await db
          .insertInto('coverage')
          .values(hours.slice(start, start + BATCH).map(toRow))
          .onConflict((conflict) =>
            conflict.columns(['hour', 'camera', 'algorithm']).doUpdateSet(({ ref }) => ({
              through: ref('excluded.through'),
              frames: ref('excluded.frames'),
              inferred: ref('excluded.inferred'),
              blindMs: ref('excluded.blindMs'),
              counts: ref('excluded.counts'),
            })),
          )
          .execute()
      }
    },

    async forgetBefore(hour: Instant): Promise<void> {
      await db.deleteFrom('coverage').where('hour', '<', hour).execute()
    },

    /** The newest hour of every pair, as far back as two hours before the newest of all. */
    async newest(): Promise<CoverageHour[]> {
      const newest = await db
        .selectFrom('coverage')
        .select(({ fn }) => fn.max('hour').as('hour'))
        .executeTakeFirst()
      if (newest?.hour === null || newest?.hour === undefined) return []
      const rows = await db
        .selectFrom('coverage')
        .selectAll()
        .where('hour', '>=', newest.hour - 2 * HOUR)
        .orderBy('hour')
        .execute()
      return [...new Map(rows.map((row) => [`${row.camera} ${row.algorithm}`, toHour(row)])).values()]
    },

    /** Pairs by their blind time, most first; of cameras in `area`. */
    async totals({ camera, algorithm, from, to, after, limit, area }: CoverageFilter): Promise<CoverageTotal[]> {
      const blind = sql<number>`sum("blindMs")`
      const rows = await db
        .selectFrom('coverage')
        .select(['camera', 'algorithm', blind.as('blindMs')])
        .where('hour', '>', from - HOUR)
        .where('hour', '<', to)
        .$if(camera !== undefined, (query) => query.where('camera', '=', camera ?? ''))
        .$if(algorithm !== undefined, (query) => query.where('algorithm', '=', algorithm ?? ''))
        .$if(area !== '', (query) =>
          query.where(
            sql<boolean>`camera in (select coalesce(d.value, a.id) from assets a left join json_each(a.json, '$.devices') d where a.place >= ${area} and a.place < ${endOf(area)})`,
          ),
        )
        .groupBy(['camera', 'algorithm'])
        .$if(after !== undefined, (query) => {
          const last = after as CoverageTotal
          return query.having(sql<boolean>`(-${blind}, camera, algorithm) > (${-last.blindMs}, ${last.camera}, ${last.algorithm})`)
        })
        .orderBy(blind, 'desc')
        .orderBy('camera')
        .orderBy('algorithm')
        .limit(limit)
        .execute()
      return rows
    },

    /** The hours of one pair, in order. */
    async hours(camera: string, algorithm: string, from: Instant, to: Instant): Promise<CoverageHour[]> {
      const rows = await db
        .selectFrom('coverage')
        .selectAll()
        .where('camera', '=', camera)
        .where('algorithm', '=', algorithm)
        .where('hour', '>', from - HOUR)
        .where('hour', '<', to)
        .orderBy('hour')
        .execute()
      return rows.map(toHour)
    },
  }
}

function toRow({ gated, dropped, blindMs, ...rest }: CoverageHour): Schema['coverage'] {
  const { off_schedule: _off, ...blind } = blindMs
  return { ...rest, blindMs: totalOf(blind), counts: JSON.stringify({ gated, dropped, blindMs }) }
}

function toHour({ counts, ...rest }: Selectable<Schema['coverage']>): CoverageHour {
  return { ...rest, ...(JSON.parse(counts) as Pick<CoverageHour, 'gated' | 'dropped'> & { blindMs: Partial<Record<BlindCause, number>> }) }
}
