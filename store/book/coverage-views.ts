import { BLIND_CAUSES, type BlindCause, type CoverageHour, type LookCounts, totalOf } from '../../domain/coverage.ts'
import type { CoverageReader, CoverageStretch, CoverageView } from '../../domain/ports/coverage.ts'
import { formatInstant, MINUTE } from '../../domain/time.ts'
import type { Tables } from './book.ts'
import { decodeCursor, pageOf } from './cursor.ts'

/** Coverage as people read it (domain/ports/coverage.ts) on the book. */
export function createCoverage({ coverage }: Pick<Tables, 'coverage'>): CoverageReader {
  return {
    async list({ limit, cursor, ...query }, who) {
      const [blindMs, camera, algorithm] = cursor === undefined ? [] : decodeCursor(cursor, ['number', 'string', 'string'])
      const after = blindMs === undefined ? undefined : { blindMs, camera: camera as string, algorithm: algorithm as string }
      const totals = await coverage.totals({ ...query, after, limit: limit + 1, area: who.area })
      const page = pageOf(
        totals,
        limit,
        (total) => total,
        (total) => [total.blindMs, total.camera, total.algorithm],
      )
      const items: CoverageView[] = []
      for (const total of page.items) items.push(viewOf(total, await coverage.hours(total.camera, total.algorithm, query.from, query.to)))
      return { items, next: page.next }
    },
  }
}

function viewOf({ camera, algorithm }: { camera: string; algorithm: string }, hours: readonly CoverageHour[]): CoverageView {
  const whole = stretchOf(hours)
  const cause = BLIND_CAUSES.filter((each) => each !== 'off_schedule').reduce<BlindCause | null>(
    (most, each) => ((whole.causes[each] ?? 0) > (most === null ? 0 : (whole.causes[most] ?? 0)) ? each : most),
    null,
  )
  return { camera, algorithm, ...whole, cause, hours: hours.map((hour) => ({ at: formatInstant(hour.hour), ...stretchOf([hour]) })) }
}

function stretchOf(hours: readonly CoverageHour[]): CoverageStretch {
  const counts: LookCounts = { frames: 0, inferred: 0, gated: {}, dropped: {} }
  const blindMs: Record<string, number> = {}
  for (const hour of hours) {
    counts.frames += hour.frames
    counts.inferred += hour.inferred
    add(counts.gated, hour.gated)
    add(counts.dropped, hour.dropped)
    add(blindMs, hour.blindMs)
  }
  const { off_schedule: _off, ...blind } = blindMs
  const causes = Object.fromEntries(Object.entries(blindMs).map(([cause, ms]) => [cause, minutes(ms)]))
  return { ...counts, blindMinutes: minutes(totalOf(blind)), causes }
}

function add(sums: Record<string, number>, counts: Readonly<Record<string, number | undefined>>): void {
  for (const [name, count] of Object.entries(counts)) sums[name] = (sums[name] ?? 0) + (count ?? 0)
}

/** To a tenth of a minute. */
function minutes(ms: number): number {
  return Math.round((ms * 10) / MINUTE) / 10
}
