import type { Guard } from '../domain/rule.ts'
import { HOUR, type Instant } from '../domain/time.ts'
import type { Book } from '../store/book/book.ts'
import type { VersionCounts } from '../store/book/rule-stats.ts'
import type { RuleRecord, VersionMove } from '../store/book/rules.ts'

/** Who is named where a guard did it. */
export const GUARD = 'guard'

/** A version that was put back, the one in force since, and the numbers that spoke against it. */
export interface PutBack {
  rule: string
  version: number
  now: number | null
  why: string
}

export interface GuardDeps {
  book: Pick<Book, 'rules' | 'ruleStats'>
  putBack(id: string, version: number, why: string): Promise<{ version: number | null } | undefined>
}

/** Looks at every version on trial and puts back those that fail. */
export async function checkGuards({ book, putBack }: GuardDeps, now: Instant): Promise<PutBack[]> {
  const done: PutBack[] = []
  for (const { id, version, guard, since } of await book.rules.guarded()) {
    if (!guard) continue
    const why = whyPutBack(guard, await book.ruleStats.ofVersion(id, version, since, Math.max(since, now - HOUR)))
    const back = why === undefined ? undefined : await putBack(id, version, why)
    if (back && why !== undefined) done.push({ rule: id, version, now: back.version, why })
  }
  return done
}

/**
 * Why a version on trial fails, undefined when it does not. Alerts are those of the last hour, or since it went live if
 * that is less: a flood need not last an hour to be one.
 */
export function whyPutBack({ alertsPerHour, falseAlarmShare, judged: least }: Guard, { raised, judged, falseAlarms }: VersionCounts): string | undefined {
  if (alertsPerHour !== undefined && raised > alertsPerHour) return `一小时内报警 ${raised} 次，上限 ${alertsPerHour} 次 / ${raised} alerts within an hour, limit ${alertsPerHour}`
  if (falseAlarmShare === undefined || judged < least || falseAlarms / judged <= falseAlarmShare) return undefined
  return `${judged} 次研判中误报 ${falseAlarms} 次（${percent(falseAlarms / judged)}），上限 ${percent(falseAlarmShare)} / ${falseAlarms} of ${judged} judged alerts were false (${percent(falseAlarms / judged)}), limit ${percent(falseAlarmShare)}`
}

const percent = (share: number): string => `${Math.round(share * 1000) / 10}%`

type Version = Pick<RuleRecord, 'version' | 'state' | 'areas' | 'guard' | 'file' | 'movedBy'>

/**
 * The version to put back for one that fails, with the guard that it runs or ran under: on trial in areas, the one that is
 * live elsewhere; live everywhere, the one that was so before and that no guard has put back itself. Undefined when there
 * is none that may still run: then the rule goes out of force.
 */
export function versionBefore(tried: Version, versions: readonly Version[], moves: readonly VersionMove[]): Pick<VersionMove, 'version' | 'guard'> | undefined {
  if (tried.areas !== null) return versions.find(({ state, areas }) => state === 'live' && areas === null)
  const sound = new Set(versions.filter((each) => each.file !== null && each.state !== 'removed' && each.state !== 'quarantined' && !hasFailed(each)).map(({ version }) => version))
  return moves.findLast(({ version, state, areas }) => version !== tried.version && state === 'live' && areas === null && sound.has(version))
}

/** Two versions that both fail must not put each other back for ever. */
function hasFailed({ state, movedBy }: Version): boolean {
  return state === 'draft' && movedBy === GUARD
}
