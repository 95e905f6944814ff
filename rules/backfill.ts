import { effectiveAt, type Observation } from '../domain/observation.ts'
import type { HistoryReader } from '../domain/ports/history.ts'
import { DAY, type Instant } from '../domain/time.ts'
import { ruleNamed } from './assets.ts'
import { applyObservation, elapseTo, type Run, type Sink } from './course.ts'
import { goesOn } from './hold.ts'
import { type Interval, reconcile, type Target } from './reconcile.ts'
import { withReminder } from './remind.ts'
import type { CompiledRule } from './rule.ts'
import { eventAt, greatestSkew } from './skew.ts'
import { type AssetState, type Checkpoint, type Course, copyCourse, type EngineState, type KeyState } from './state.ts'
import { isLate } from './watermark.ts'

/** What a backfill needs of the live engine. */
export interface Surroundings {
  state: EngineState
  history: HistoryReader
  rulesFor: Run['rulesFor']
  emit: Target['emit']
  informed: Target['informed']
  gathered: Target['gathered']
}

/** Reach of a backfill (S6); older observations are history only. */
export const BACKFILL_MS = DAY

/**
 * An observation arrived behind the asset's frontier (S6): the asset's course is run again from the newest checkpoint
 * before it, over the merged data in order of event time, until it agrees with what was there before; the difference
 * in alerts is emitted.
 */
export function backfill(around: Surroundings, asset: AssetState, late: Observation): void {
  const at = eventAt(asset, late)
  const index = asset.checkpoints.findLastIndex((each) => each.at <= at)
  const from = asset.checkpoints[index]
  if (!from || asset.course.frontier - at > BACKFILL_MS) {
    tooLate(around.state, asset, late)
    return
  }
  around.state.counts.backfills++
  const sink = collect(around.state, asset, from)
  const run: Run = {
    due: undefined,
    timed: undefined,
    state: around.state,
    asset,
    course: copyCourse(from.course),
    sink,
    rulesFor: (which, kind) => around.rulesFor(which, kind).filter((rule) => rule.since <= from.offset),
  }
  const later = asset.checkpoints.slice(index + 1)
  const made: Checkpoint[] = []
  const met = rerun(run, merged(around.history, asset, from, late), later, made)
  if (met === undefined) {
    elapseTo(run, asset.course.frontier)
    adopt(run, asset, from)
  }
  asset.checkpoints = [...asset.checkpoints.slice(0, index + 1), ...made, ...(met === undefined ? [] : later.slice(met))]
  const end = met === undefined ? Infinity : (later[met] as Checkpoint).at
  reconcile({ state: around.state, asset, emit: around.emit, informed: around.informed, gathered: around.gathered }, sink.intervals, { from, end, receivedAt: late.receivedAt })
}

function tooLate(state: EngineState, asset: AssetState, late: Observation): void {
  state.counts.tooLateForRules++
  asset.tooLate.push(late.offset)
  if (asset.tooLate.length > 1000) asset.tooLate.shift()
}

/** Stored observations after the checkpoint together with the late one, in order of (at, offset). */
function merged(history: HistoryReader, asset: AssetState, from: Checkpoint, late: Observation): Observation[] {
  const { frontier } = asset.course
  const slack = greatestSkew(asset)
  const known = asset.devices.flatMap((device) => history.read({ device, from: Math.max(0, from.at - slack), to: frontier + slack, before: late.offset }))
  const skip = new Set([...asset.tooLate, ...asset.waiting.map((each) => each.offset)])
  const within = (at: number, offset: number): boolean => at <= frontier && (at > from.at || (at === from.at && offset > from.offset))
  const after = (each: Observation): boolean => each.offset >= asset.since && !skip.has(each.offset) && within(eventAt(asset, each), each.offset)
  return [...known.filter(after), late].sort((a, b) => eventAt(asset, a) - eventAt(asset, b) || a.offset - b.offset)
}

/** Index of the old checkpoint at which the new course meets the old one again, undefined if it never does. */
function rerun(run: Run, observations: readonly Observation[], later: readonly Checkpoint[], made: Checkpoint[]): number | undefined {
  let next = 0
  for (const observation of observations) {
    const at = eventAt(run.asset, observation)
    for (let old = later[next]; old && old.at < at; old = later[++next]) if (passes(run, old, made)) return next
    applyObservation(run, observation, at, isLate(run.state.devices.get(observation.device), effectiveAt(observation), observation.receivedAt))
  }
  for (let old = later[next]; old; old = later[++next]) if (passes(run, old, made)) return next
  return undefined
}

function passes(run: Run, old: Checkpoint, made: Checkpoint[]): boolean {
  elapseTo(run, old.at)
  run.course.frontier = Math.max(run.course.frontier, old.at)
  run.due = undefined
  if (fingerprint(run.course) === fingerprint(old.course)) return true
  made.push({ at: old.at, offset: Math.max(old.offset, run.course.offset), course: copyCourse(run.course) })
  return false
}

/** Everything of a course that later observations can build on. */
function fingerprint(course: Course): string {
  return JSON.stringify([
    sorted(Object.entries(course.values)),
    course.fix,
    sorted(Object.entries(course.seen)),
    sorted([...course.tracks]),
    sorted([...course.vehicles]),
    sorted([...course.keys].filter(([, key]) => key.hold.phase !== 'idle' || key.memory.length > 0)),
  ])
}

function sorted<T>(entries: [string, T][]): [string, T][] {
  return entries.sort((a, b) => (a[0] < b[0] ? -1 : 1))
}

/** The new course takes the old one's place; rules that the re-run left out keep their present state. */
function adopt(run: Run, asset: AssetState, from: Checkpoint): void {
  const old = asset.course
  for (const name of new Set([...old.keys.keys(), ...run.course.keys.keys()])) {
    const rule = ruleNamed(run.state, asset, name)
    if (rule && rule.since <= from.offset) continue
    const key = old.keys.get(name)
    if (key) run.course.keys.set(name, key)
    else run.course.keys.delete(name)
  }
  run.course.offset = Math.max(run.course.offset, old.offset)
  run.course.frontier = Math.max(run.course.frontier, old.frontier)
  asset.course = run.course
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
    if (rule && rule.since <= from.offset && (key.hold.phase === 'firing' || key.hold.phase === 'recovering')) begin(rule, name, key, key.hold.since)
  }
  return {
    intervals,
    event: (rule, name, key, event) => {
      if (event.what === 'raised') {
        begin(rule, name, key, event.since, event.at)
        return
      }
      const interval = open.get(name)
      if (!interval) return
      interval.recovering = event.what === 'recovering'
      if (goesOn(rule, event)) interval.severity = key.severity
      if (event.what !== 'resolved') return
      interval.resolvedAt = event.at
      open.delete(name)
    },
    severity: (_rule, name, key) => {
      const interval = open.get(name)
      if (interval) interval.severity = key.severity
    },
  }
}
