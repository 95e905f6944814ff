import type { Offset } from '../domain/ids.ts'
import { effectiveAt, type Observation } from '../domain/observation.ts'
import type { HistoryReader } from '../domain/ports/history.ts'
import { DAY, type Instant } from '../domain/time.ts'
import { judgedSince, ruleNamed, selected } from './assets.ts'
import { applyObservation, newRun, type Run, type Sink } from './course.ts'
import { type Interval, reconcile, type Target } from './reconcile.ts'
import { withReminder } from './remind.ts'
import type { CompiledRule } from './rule.ts'
import { eventAt, greatestSkew } from './skew.ts'
import { type AssetState, type Checkpoint, type Course, copyCourse, type EngineState, type KeyState } from './state.ts'
import { elapseTo } from './timers.ts'
import { isLate } from './watermark.ts'

/** What a backfill needs of the live engine. */
export interface Surroundings {
  state: EngineState
  history: HistoryReader
  emit: Target['emit']
  informed: Target['informed']
  gathered: Target['gathered']
}

const NONE: readonly CompiledRule[] = []

/** Reach of a backfill (S6); older observations are history only. */
export const BACKFILL_MS = DAY

/**
 * Observations arrived behind the asset's frontier, the oldest at `at`, the newest at `to` (S6): the asset's course is run
 * again from the newest checkpoint before them, over all that came before the record at `before` in order of event time,
 * until after them it agrees with what was there before; the difference in alerts is emitted. `late`: one that the history may not have yet. False
 * when no checkpoint reaches back so far.
 */
export function backfill(around: Surroundings, asset: AssetState, { at, to }: { at: Instant; to: Instant }, before: Offset, late?: Observation): boolean {
  const { state } = around
  const index = asset.checkpoints.findLastIndex((each) => each.at <= at)
  const from = asset.checkpoints[index]
  if (!from) return false
  state.counts.backfills++
  const sink = collect(state, asset, from)
  const rules = new Map([...selected(state, asset).byKind].map(([kind, all]) => [kind, all.filter((rule) => judgedSince(state, asset, rule.name, from))]))
  const course = only(copyCourse(from.course), (name) => judgedSince(state, asset, name, from))
  const run = newRun({ state, asset, course, sink, rulesFor: (_, kind) => rules.get(kind) ?? NONE })
  const known = recorded(around.history, asset, from, before)
  const later = asset.checkpoints.slice(index + 1)
  const made: Checkpoint[] = []
  const met = rerun(run, late ? [...known, late].sort(inOrderOf(asset)) : known, to, later, made)
  if (met === undefined) {
    elapseTo(run, asset.course.frontier)
    asset.course = completed(run, asset.course)
  }
  asset.checkpoints = [...asset.checkpoints.slice(0, index + 1), ...made, ...(met === undefined ? [] : later.slice(met))]
  const end = met === undefined ? Infinity : (later[met] as Checkpoint).at
  reconcile({ state, asset, emit: around.emit, informed: around.informed, gathered: around.gathered }, sink.intervals, { from, end })
  return true
}

/**
 * Stored observations that came into the asset's course after the checkpoint and before the record at `before`, in order
 * of (corrected time, offset); at most about `limit` of each device, the oldest.
 */
export function recorded(history: HistoryReader, asset: AssetState, from: Checkpoint, before: Offset, limit = Number.MAX_SAFE_INTEGER): Observation[] {
  const { frontier } = asset.course
  const slack = greatestSkew(asset)
  const known = asset.devices.flatMap((device) => history.read({ device, from: Math.max(0, from.at - slack), to: frontier + slack, before, limit }))
  const skip = new Set([...asset.tooLate, ...asset.waiting.map((each) => each.offset)])
  const within = (at: number, offset: number): boolean => at <= frontier && (at > from.at || (at === from.at && offset > from.course.offset))
  return known.filter((each) => each.offset >= asset.since && !skip.has(each.offset) && within(eventAt(asset, each), each.offset)).sort(inOrderOf(asset))
}

function inOrderOf(asset: AssetState): (a: Observation, b: Observation) => number {
  return (a, b) => eventAt(asset, a) - eventAt(asset, b) || a.offset - b.offset
}

/** Index of the old checkpoint after `to` at which the new course meets the old one again, undefined if it never does. */
function rerun(run: Run, observations: readonly Observation[], to: Instant, later: readonly Checkpoint[], made: Checkpoint[]): number | undefined {
  let next = 0
  for (const observation of observations) {
    const at = eventAt(run.asset, observation)
    for (let old = later[next]; old && old.at < at; old = later[++next]) if (passes(run, old, to, made)) return next
    applyObservation(run, observation, at, isLate(run.state.devices.get(observation.device), effectiveAt(observation), observation.receivedAt))
  }
  for (let old = later[next]; old; old = later[++next]) if (passes(run, old, to, made)) return next
  return undefined
}

function passes(run: Run, old: Checkpoint, to: Instant, made: Checkpoint[]): boolean {
  elapseTo(run, old.at)
  run.course.frontier = Math.max(run.course.frontier, old.at)
  run.due = undefined
  const judged = judgedBy(run)
  // Before the newest of them is in, the two agree only so far.
  if (old.at >= to && fingerprint(run.course, judged) === fingerprint(old.course, judged)) return true
  made.push({ at: old.at, offset: old.offset, course: completed({ ...run, course: copyCourse(run.course) }, old.course) })
  return false
}

/** Everything of a course that later observations can build on, as far as these rules go. */
function fingerprint(course: Course, judged: (name: string) => boolean): string {
  return JSON.stringify([
    sorted(Object.entries(course.values)),
    course.fix,
    sorted(Object.entries(course.seen)),
    sorted([...course.tracks]),
    sorted([...course.vehicles]),
    sorted([...course.keys].filter(([name, key]) => (key.hold.phase !== 'idle' || key.memory.length > 0) && judged(name))),
  ])
}

function sorted<T>(entries: [string, T][]): [string, T][] {
  return entries.sort((a, b) => (a[0] < b[0] ? -1 : 1))
}

/** Whether a key belongs to a rule that the run judges. */
function judgedBy({ state, asset, rulesFor }: Run): (name: string) => boolean {
  return (name) => {
    const rule = ruleNamed(state, asset, name)
    return rule !== undefined && rulesFor(asset, rule.file.on).includes(rule)
  }
}

function only(course: Course, judged: (name: string) => boolean): Course {
  for (const name of course.keys.keys()) if (!judged(name)) course.keys.delete(name)
  return course
}

/** The new course in the old one's place: keys of rules that the run left out are as the old course had them. */
function completed(run: Run, old: Course): Course {
  const { course } = run
  const judged = judgedBy(run)
  for (const [name, key] of old.keys) if (!judged(name)) course.keys.set(name, key)
  course.offset = Math.max(course.offset, old.offset)
  course.frontier = Math.max(course.frontier, old.frontier)
  return course
}

/** Gathers the intervals of a re-run, beginning with those that were firing at its checkpoint. */
function collect(state: EngineState, asset: AssetState, from: Checkpoint): Sink & { intervals: Interval[] } {
  const intervals: Interval[] = []
  const open = new Map<string, Interval>()
  const begin = (rule: CompiledRule, name: string, key: KeyState, openedAt: Instant, firedAt?: Instant): void => {
    if (!key.onset) return
    const onset = withReminder(asset, rule, name, openedAt, key.onset)
    const interval: Interval = {
      rule,
      name,
      openedAt,
      resolvedAt: null,
      recovering: key.hold.phase === 'recovering',
      onset,
      severity: key.severity,
      ...(rule.waitMs !== undefined && firedAt !== undefined && { firedAt }),
    }
    open.set(name, interval)
    intervals.push(interval)
  }
  for (const [name, key] of from.course.keys) {
    const rule = ruleNamed(state, asset, name)
    const fires = key.hold.phase === 'firing' || key.hold.phase === 'recovering'
    if (rule && fires && judgedSince(state, asset, name, from)) begin(rule, name, key, key.hold.since)
  }
  return {
    intervals,
    event: (_asset, rule, name, key, event) => {
      if (event.what === 'raised') {
        begin(rule, name, key, event.since, event.at)
        return
      }
      const interval = open.get(name)
      if (!interval) return
      if (event.what === 'resolved') {
        interval.resolvedAt = event.at
        open.delete(name)
      } else if (event.what !== 'recovering' || rule.clearMs > 0) interval.severity = key.severity
      interval.recovering = event.what === 'recovering'
    },
    severity: (_asset, _rule, name, key) => {
      const interval = open.get(name)
      if (interval) interval.severity = key.severity
    },
  }
}
