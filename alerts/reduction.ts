import { isDeepStrictEqual } from 'node:util'
import { goesOn, type Transition } from '../domain/alert.ts'
import { type Attention, SHOWN } from '../domain/attention.ts'
import { covers } from '../domain/covers.ts'
import type { Instant } from '../domain/time.ts'
import type { Inhibition } from '../store/book/attention.ts'
import type { Group } from '../store/book/groups.ts'
import type { Silence } from '../store/book/silences.ts'
import { changesIn, flapKey, groupKey, isFree, newestOfKey, standsBefore } from './grouping.ts'
import type { Policy } from './policy.ts'
import { inhibited, inhibitionsOf, isAbout, olderFirst, type Subject, silenced } from './quiet.ts'

/**
 * Which alerts operators are shown. A pure function of what the journal says: an event comes, and of every alert that it
 * may concern it is decided anew whether it is shown, and why not, by the first of these that holds:
 *
 *   1. somebody silenced it, or planned work there          until the silence ends
 *   2. another alert explains it, or tells of the same      while that one goes on and nobody called it a false alarm
 *   3. its key flaps and another alert stands for the key   until the key rests; then what still goes on is shown
 *   4. it is one of a group and another stands for it       until it is judged, or is the worst of the rest
 *
 * 1 and 2 are decided of alerts that go on: what was over before anybody was shown it stays quiet. 3 and 4 never hide the
 * last alert that waits for a judgement: when the one that stands for the others is judged, the next one stands. Nothing
 * here knows condition or review but to read them (S11).
 */
export interface ReductionState {
  alerts: ReadonlyMap<string, Subject>
  silences: ReadonlyMap<string, Silence>
  groups: ReadonlyMap<string, Group>
  inhibitions: readonly Inhibition[]
}

export type ReductionEvent =
  /** The condition side changed: `alert` as it is now, at event time `at`, which the platform learned at `clock`. */
  | { type: 'transition'; alert: Subject; what: Transition['what']; at: Instant; clock: Instant; policy: Policy }
  /** Somebody acknowledged or judged it. */
  | { type: 'review'; alert: Subject; policy: Policy }
  /** A silence was made, or somebody ended it. */
  | { type: 'silence'; silence: Silence }
  /** The time came at which a silence begins or ends, or a flapping key has rested. */
  | { type: 'due'; silence: string; at: Instant }
  | { type: 'due'; group: string; at: Instant }

export const NOTHING: ReductionState = { alerts: new Map(), silences: new Map(), groups: new Map(), inhibitions: [] }

/** What is changed while one event is worked in; nobody else sees it. */
interface Draft {
  alerts: Map<string, Subject>
  silences: Map<string, Silence>
  groups: Map<string, Group>
  inhibitions: Inhibition[]
  /** Alerts of which must be decided anew whether something keeps them quiet. */
  concerned: Set<string>
  /** Groups whose members, counters or head may have changed. */
  touched: Set<string>
}

export function reduce(state: ReductionState, event: ReductionEvent): ReductionState {
  const draft: Draft = {
    alerts: new Map(state.alerts),
    silences: new Map(state.silences),
    groups: new Map(state.groups),
    inhibitions: [...state.inhibitions],
    concerned: new Set(),
    touched: new Set(),
  }
  take(draft, event)
  decide(draft)
  const { alerts, silences, groups, inhibitions } = draft
  return { alerts, silences, groups, inhibitions }
}

function take(draft: Draft, event: ReductionEvent): void {
  switch (event.type) {
    case 'transition':
      draft.alerts.set(event.alert.id, event.alert)
      draft.concerned.add(event.alert.id)
      explain(draft, event.alert, event.policy)
      if (event.what === 'raised' || event.what === 'resolved') join(draft, event)
      return
    case 'review':
      draft.alerts.set(event.alert.id, event.alert)
      draft.concerned.add(event.alert.id)
      explain(draft, event.alert, event.policy)
      return
    case 'silence':
      return putSilence(draft, event.silence)
    case 'due':
      return 'silence' in event ? turnSilence(draft, event.silence, event.at) : calm(draft, event.group)
  }
}

/** What an alert keeps quiet has changed: those that it concerned, and those that it concerns. */
function explain(draft: Draft, alert: Subject, policy: Policy): void {
  const before = draft.inhibitions.filter(({ source }) => source === alert.id)
  const after = inhibitionsOf(alert, policy)
  if (isDeepStrictEqual(before, after)) return
  draft.inhibitions = [...draft.inhibitions.filter(({ source }) => source !== alert.id), ...after]
  for (const each of draft.alerts.values()) if (goesOn(each) && [...before, ...after].some((one) => isAbout(one, each))) draft.concerned.add(each.id)
}

function putSilence(draft: Draft, silence: Silence): void {
  draft.silences.set(silence.id, silence)
  for (const alert of draft.alerts.values()) {
    const its = silence.state === 'active' ? covers(silence.matchers, alert) : alert.attention.ref === silence.id
    if (its && goesOn(alert)) draft.concerned.add(alert.id)
  }
}

function turnSilence(draft: Draft, id: string, at: Instant): void {
  const silence = draft.silences.get(id)
  if (silence?.state === 'scheduled') putSilence(draft, { ...silence, state: 'active' })
  else if (silence?.state === 'active') putSilence(draft, { ...silence, state: 'expired', endedAt: at })
}

type TransitionEvent = Extract<ReductionEvent, { type: 'transition' }>

/** A raise or an end: the key may flap, and a raise may belong to a group. */
function join(draft: Draft, event: TransitionEvent): void {
  const { alert, what, clock, policy } = event
  if (policy.flap && flap(draft, event, policy.flap)) return
  const key = what === 'raised' ? groupKey(policy, alert) : null
  if (key === null || !policy.group) return
  const open = [...draft.groups.values()].find((group) => group.by === 'grouped' && group.key === key && group.until !== null && clock < group.until)
  const group = open ?? { id: `g-${alert.id}`, by: 'grouped', key, members: 0, changes: null, since: clock, until: clock + policy.group.withinMs, head: null }
  draft.groups.set(group.id, group)
  enter(draft, group.id, alert.id)
}

/** Counts a change of a flapping key, or finds that the key flaps now; false when it does not. */
function flap(draft: Draft, { alert, what, at, clock }: TransitionEvent, { changes, withinMs, quietForMs }: NonNullable<Policy['flap']>): boolean {
  const key = flapKey(alert)
  const open = [...draft.groups.values()].find((group) => group.by === 'flapping' && group.key === key && group.until !== null)
  if (open) {
    draft.groups.set(open.id, { ...open, changes: (open.changes ?? 0) + 1, until: clock + quietForMs })
    draft.touched.add(open.id)
    if (what === 'raised') enter(draft, open.id, alert.id)
    return true
  }
  const same = newestOfKey(draft.alerts.values(), key, at, changes)
  const counted = changesIn(same, at - withinMs, at)
  if (counted.length <= changes) return false
  const id = `f-${alert.id}-${clock}`
  draft.groups.set(id, { id, by: 'flapping', key, members: 0, changes: counted.length, since: counted[0] ?? at, until: clock + quietForMs, head: null })
  // Those that somebody has judged have been seen; they stay where they are.
  for (const each of same) if (each.verdict === null && changesIn([each], at - withinMs, at).length > 0) enter(draft, id, each.id)
  return true
}

/** A flapping key has rested: what still goes on stands by itself again, what is over stays with the group. */
function calm(draft: Draft, id: string): void {
  const group = draft.groups.get(id)
  if (!group || group.until === null) return
  draft.groups.set(id, { ...group, until: null })
  draft.touched.add(id)
  for (const alert of draft.alerts.values()) if (alert.group === id && goesOn(alert)) leave(draft, alert.id)
}

function enter(draft: Draft, groupId: string, alertId: string): void {
  const [group, alert] = [draft.groups.get(groupId), draft.alerts.get(alertId)]
  if (!group || !alert || alert.group === groupId) return
  leave(draft, alertId)
  draft.groups.set(groupId, { ...group, members: group.members + 1 })
  draft.alerts.set(alertId, { ...alert, group: groupId })
  draft.touched.add(groupId)
  draft.concerned.add(alertId)
}

function leave(draft: Draft, alertId: string): void {
  const alert = draft.alerts.get(alertId)
  const group = draft.groups.get(alert?.group ?? '')
  if (!alert || !group) return
  draft.groups.set(group.id, { ...group, members: group.members - 1 })
  draft.alerts.set(alertId, { ...alert, group: null })
  draft.touched.add(group.id)
  draft.concerned.add(alertId)
}

/** First what keeps each alert quiet by itself, then who stands for the groups, then what follows for their members. */
function decide(draft: Draft): void {
  // The youngest first, so that of alerts that explain each other the oldest stays.
  const concerned = [...draft.concerned].flatMap((id) => draft.alerts.get(id) ?? []).sort((a, b) => olderFirst(b, a))
  for (const alert of concerned) {
    const own = goesOn(alert) ? (silenced(draft.silences.values(), alert) ?? inhibited(draft.inhibitions, draft.alerts, alert)) : isFree(alert) ? null : alert.attention
    draft.alerts.set(alert.id, { ...alert, attention: own ?? SHOWN })
    if (alert.group !== null) draft.touched.add(alert.group)
  }
  const heads = new Set<string>()
  for (const id of draft.touched) for (const head of elect(draft, id)) heads.add(head)
  for (const id of [...draft.concerned, ...heads]) {
    const alert = draft.alerts.get(id)
    if (alert && isFree(alert)) draft.alerts.set(id, { ...alert, attention: amongMembers(draft, alert) })
  }
}

/** Chooses who stands for a group; answers the one before and the one now. */
function elect(draft: Draft, id: string): string[] {
  const group = draft.groups.get(id)
  if (!group) return []
  const [first] = [...draft.alerts.values()].filter((alert) => alert.group === id && isFree(alert)).sort((a, b) => standsBefore(group.by, a, b))
  const head = first?.id ?? null
  draft.groups.set(id, { ...group, head })
  return [group.head, head].filter((each) => each !== null)
}

/** How an alert is shown that nothing but its group may keep quiet. */
function amongMembers(draft: Draft, alert: Subject): Attention {
  const group = draft.groups.get(alert.group ?? '')
  if (group && group.head !== alert.id) return { shown: false, by: group.by, ref: group.id, until: null }
  if (group?.by === 'flapping' && group.until !== null) return { shown: true, by: 'flapping', ref: group.id, until: group.until }
  if (alert.maintenance && goesOn(alert)) return { shown: true, by: 'maintenance', ...alert.maintenance }
  return SHOWN
}
