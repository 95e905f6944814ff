import type { TimelineEntry } from '../../domain/alert.ts'
import type { RuleExplanation } from '../../domain/authoring.ts'
import { formatInstant, type Instant, parseInstant } from '../../domain/time.ts'
import type { KeyTrace } from '../../rules/explain.ts'
import type { Silence } from '../../store/book/silences.ts'
import { quietOf } from '../attention.ts'

export type Way = RuleExplanation['inTheWay'][number]

/** What of the rule, the camera and the city stood in the way of a key. */
export function waysOf(key: KeyTrace, at: Instant): Way[] {
  const ways: Way[] = []
  const { schedule, unknownBefore } = key
  if (schedule && schedule.on !== true) ways.push({ what: 'schedule', detail: offDuty(schedule), until: schedule.until === null ? null : formatInstant(schedule.until) })
  if (key.informed) ways.push({ what: 'maintenance', detail: 'a maintenance order is open: information only', until: null })
  if (key.state === 'shadow') ways.push({ what: 'shadow', detail: `version ${key.version} is in shadow and raises nothing`, until: null })
  if (key.hold.phase === 'cooling' || key.hold.phase === 'waiting')
    ways.push({ what: 'coolDown', detail: 'after an alert has resolved the rule rests', until: formatInstant(key.hold.since) })
  for (const field of key.stale) ways.push({ what: 'stale', detail: `${field} is too old to count`, until: null })
  if (unknownBefore !== null) ways.push({ what: 'stale', detail: `what was before ${formatInstant(unknownBefore)} is not known, and the rule looks back farther`, until: null })
  if (key.sinceAt > at)
    ways.push({ what: 'notBound', detail: `version ${key.version} came into force later, at ${formatInstant(key.sinceAt)}: this is how it would have judged`, until: null })
  return ways
}

function offDuty({ id, on }: NonNullable<KeyTrace['schedule']>): string {
  return on === false ? `the camera is off duty by the calendar ${id}` : `the camera serves the rule by the calendar ${id}, which nobody has told the platform of`
}

/** After a verdict the same key raises nothing new until it has resolved once (S11); as it was at `at`. */
export function verdictWay(timeline: readonly TimelineEntry[], at: Instant): Way[] {
  const last = until(timeline, at).findLast(({ what }) => what === 'verdict' || what === 'reopened')
  return last?.what === 'verdict' ? [{ what: 'verdict', detail: `judged ${last.note.split(':')[0]}: nothing new is raised until it has resolved`, until: null }] : []
}

/**
 * What kept an alert from being shown to operators at `at`; that it is a group's or a flapping key's is no reason that it
 * should not have been raised.
 */
export function quietWay(timeline: readonly TimelineEntry[], at: Instant, silences: ReadonlyMap<string, Silence>): Way[] {
  const last = until(timeline, at).findLast(({ what }) => what === 'quiet' || what === 'shown')
  const quiet = last?.what === 'quiet' ? quietOf(last.note) : undefined
  if (!last || !quiet || quiet.by === 'grouped' || quiet.by === 'flapping') return []
  const silence = silences.get(quiet.ref)
  return [{ what: quiet.by === 'fused' ? 'inhibited' : quiet.by, detail: `kept quiet: ${last.note}`, until: silence ? formatInstant(silence.endedAt ?? silence.to) : null }]
}

function until(timeline: readonly TimelineEntry[], clock: Instant): TimelineEntry[] {
  return timeline.filter((line) => {
    const at = parseInstant(line.at)
    return 'at' in at && at.at <= clock
  })
}
