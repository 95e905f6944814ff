import type { Moment, Scalar } from '../../domain/alert.ts'
import type { RuleFile } from '../../domain/rule.ts'
import { type Instant, MINUTE, parseDuration, parseInstant } from '../../domain/time.ts'
import { isSubject, type Look } from './look.ts'

/** A picture that should be there. */
export interface Wish {
  shows: Moment
  at: Instant
}

/** What an alert has gone through so far, as far as pictures tell it. */
export interface Story {
  key: string
  openedAt: Instant
  /** Event time of the raise. */
  confirmedAt: Instant
  /** Event time from which on it was no longer so; null while it goes on. */
  overAt: Instant | null
  values: Readonly<Record<string, Scalar>>
  params: Readonly<Record<string, Scalar>>
  /** Times of the observations that it names. */
  named: readonly Instant[]
  rule: Pick<RuleFile, 'on' | 'each' | 'when'> | null
  /** What the camera's model saw from `backMs` before the beginning to the raise, and before the end; oldest first. */
  looks: readonly Look[]
  /** Event times of the pictures that are there, rising. */
  pictures: readonly Instant[]
}

/** Windows that look further back than this are about numbers, not about what passed. */
const MOST_BACK_MS = 10 * MINUTE
/** A picture of the place as it was is not much older than what passed. */
const BEFORE_WITHIN_MS = MINUTE

/**
 * Which pictures prove it. A thing that stays (a parked car): when it was first seen, when it had stayed as long as the rule asks,
 * when its owner was reminded, when it was last seen. Something that passed and left a mark (a rule over scenes that looks back):
 * before, during, after.
 */
export function wishesOf(story: Story): Wish[] {
  const { openedAt, confirmedAt, overAt } = story
  const passing = passingOf(story)
  const wishes: Wish[] = passing ?? [{ shows: 'first', at: openedAt }, ...reminderOf(story), { shows: 'confirmed', at: confirmedAt }]
  if (overAt !== null) wishes.push({ shows: 'last', at: lastSeen(story, overAt) })
  return wishes
}

/** The moment around which a clip tells most. */
export function centreOf(wishes: readonly Wish[], confirmedAt: Instant): Instant {
  return wishes.find(({ shows }) => shows === 'during')?.at ?? confirmedAt
}

/** How far before its beginning the pictures of an alert may lie, by the windows of its rule. */
export function backMs(rule: Story['rule']): number {
  const windows = [...(rule?.when ?? '').matchAll(/["']([0-9a-z.]+)["']/g)].map(([, text]) => parseDuration(text ?? '') ?? 0)
  return Math.min(MOST_BACK_MS, Math.max(0, ...windows))
}

function passingOf(story: Story): Wish[] | undefined {
  const { rule, looks, openedAt, confirmedAt, pictures, named } = story
  if (rule?.on !== 'scene' || rule.each !== undefined || backMs(rule) === 0) return undefined
  const first = looks.find((look) => look.at >= openedAt - backMs(rule) && look.at <= confirmedAt && shows(look, story))
  const during = Math.min(...named, first?.at ?? openedAt)
  const before = pictures.findLast((at) => at < during && at >= during - BEFORE_WITHIN_MS)
  return [...(before === undefined ? [] : [{ shows: 'before' as const, at: before }]), { shows: 'during', at: during }, { shows: 'after', at: confirmedAt }]
}

/** Whether a look holds one of the labels that the rule's condition names, as strong as it asks. */
function shows({ objects }: Look, { rule, params }: Story): boolean {
  const least = typeof params.score === 'number' ? params.score : 0
  return objects.some(({ label, score }) => score >= least && (rule?.when.includes(`"${label}"`) || rule?.when.includes(`'${label}'`)))
}

function reminderOf({ values }: Story): Wish[] {
  const sent = typeof values.reminder === 'string' ? parseInstant(values.reminder) : undefined
  return sent && 'at' in sent ? [{ shows: 'reminder', at: sent.at }] : []
}

function lastSeen(story: Story, overAt: Instant): Instant {
  const earlier = story.looks.filter(({ at }) => at <= overAt)
  const track = story.values.track
  const seen = earlier.findLast(({ objects }) => objects.some((object) => isSubject(object, story.key) || (track !== undefined && object.track === track)))
  return (seen ?? earlier.findLast((look) => shows(look, story)) ?? earlier.at(-1))?.at ?? overAt
}
