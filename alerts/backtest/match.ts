import type { Instant } from '../../domain/time.ts'
import { byBeginning, type Outcome } from './outcomes.ts'

/** What an edit changes of the alerts that the live version raises. */
export interface Matched {
  live: number
  edit: number
  same: number
  added: Outcome[]
  removed: Outcome[]
  changed: { before: Outcome; after: Outcome }[]
}

type Stretch = Pick<Outcome, 'openedAt' | 'resolvedAt'>

/**
 * Pairs the alerts of both versions, key by key: first those that begin together, then those that stand at the same
 * time. Each live alert is the same, changed or removed; one that the edit makes part of a longer alert is changed.
 * What the edit raises besides is added. Alerts that opened before `from` take part and are not counted.
 */
export function match(live: readonly Outcome[], edit: readonly Outcome[], from: Instant): Matched {
  const matched: Matched = { live: 0, edit: 0, same: 0, added: [], removed: [], changed: [] }
  const edits = Map.groupBy(edit, ({ key }) => key)
  const lives = Map.groupBy(live, ({ key }) => key)
  for (const key of new Set([...lives.keys(), ...edits.keys()])) matchKey(lives.get(key) ?? [], edits.get(key) ?? [], from, matched)
  for (const list of [matched.added, matched.removed]) list.sort(byBeginning)
  matched.changed.sort((a, b) => byBeginning(a.before, b.before))
  return matched
}

/** Both lists are in order and the alerts of one key and version do not overlap, so one look along both is enough. */
function matchKey(live: readonly Outcome[], edit: readonly Outcome[], from: Instant, into: Matched): void {
  const byTime = new Map(edit.map((each) => [each.openedAt, each]))
  const pairs = new Map<Outcome, Outcome>()
  for (const before of live) {
    const after = byTime.get(before.openedAt)
    if (after) pairs.set(before, after)
  }
  const taken = new Set(pairs.values())
  let first = 0
  for (const before of live) {
    while (edit[first] && endOf(edit[first] as Outcome) < before.openedAt) first++
    let after = pairs.get(before)
    for (let k = first; !after && edit[k] && overlaps(before, edit[k] as Outcome); k++) if (!taken.has(edit[k] as Outcome)) after = edit[k]
    if (after) taken.add(after)
    const over = edit[first]
    if (before.openedAt >= from) judge(before, after ?? (over && overlaps(before, over) ? over : undefined), into)
  }
  for (const each of edit) {
    if (each.openedAt < from) continue
    into.edit++
    if (!taken.has(each)) into.added.push(each)
  }
}

function judge(before: Outcome, after: Outcome | undefined, into: Matched): void {
  into.live++
  if (!after) into.removed.push(before)
  else if (equal(before, after)) into.same++
  else into.changed.push({ before, after })
}

function equal(a: Outcome, b: Outcome): boolean {
  return a.openedAt === b.openedAt && a.resolvedAt === b.resolvedAt && a.severity === b.severity
}

/** Whether two alerts of one key stood at the same time. */
export function overlaps(a: Stretch, b: Stretch): boolean {
  return a.openedAt <= endOf(b) && b.openedAt <= endOf(a)
}

function endOf({ resolvedAt }: Stretch): Instant {
  return resolvedAt ?? Infinity
}
