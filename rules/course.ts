import type { Kind } from '../domain/fields.ts'
import type { Observation } from '../domain/observation.ts'
import type { Instant } from '../domain/time.ts'
import { rulesFor } from './assets.ts'
import type { HoldEvent } from './hold.ts'
import { judge, judgeObjects, objectKeys } from './judge.ts'
import type { Stamped } from './language/values.ts'
import { merge } from './merge.ts'
import { forgetLostTracks, seenObjects } from './objects.ts'
import type { CompiledRule } from './rule.ts'
import type { AssetState, Course, EngineState, KeyState } from './state.ts'
import { elapseTo } from './timers.ts'

/** Where the events of holds go: straight to transitions while live, into intervals while a backfill runs. */
export interface Sink {
  event(asset: AssetState, rule: CompiledRule, name: string, key: KeyState, event: HoldEvent): void
  severity(asset: AssetState, rule: CompiledRule, name: string, key: KeyState, at: Instant): void
}

/** One pass over observations of one asset in order of event time. */
export interface Run {
  state: EngineState
  asset: AssetState
  course: Course
  sink: Sink
  /** Rules to judge by; a backfill leaves out those that came into force after its checkpoint. */
  rulesFor(asset: AssetState, kind: Kind): readonly CompiledRule[]
  /** What the asset's values were before the observation that is being applied. */
  before: Readonly<Record<string, Stamped>>
  /** Event time of the next timer; undefined: something has changed since it was known. */
  due: Instant | undefined
  /** Rules whose conditions can turn by themselves; undefined: not looked up yet. */
  timed: readonly CompiledRule[] | undefined
}

/** A pass that begins; what an asset knows of its timers may be put in. */
export function newRun(of: Pick<Run, 'state' | 'asset' | 'course' | 'sink' | 'rulesFor'>, due?: Instant, timed?: readonly CompiledRule[]): Run {
  const { state, asset, course, sink, rulesFor } = of
  return { state, asset, course, sink, rulesFor, before: course.values, due, timed }
}

/** Applies one observation at event time `at`, not before the course's frontier. */
export function applyObservation(run: Run, observation: Observation, at: Instant, late: boolean): void {
  const { course } = run
  elapseTo(run, at)
  run.before = course.values
  merge(run, observation, at)
  if (course.seen[observation.kind] === undefined) run.timed = undefined
  course.seen[observation.kind] = at
  run.due = undefined
  course.frontier = Math.max(course.frontier, at)
  course.offset = Math.max(course.offset, observation.offset)
  const rules = run.rulesFor(run.asset, observation.kind)
  if (observation.kind === 'scene') return look(run, rules, observation, at, late)
  for (const rule of rules) judge(run, rule, rule.name, at, undefined, observation, late)
}

function look(run: Run, rules: readonly CompiledRule[], observation: Observation, at: Instant, late: boolean): void {
  const { state, course } = run
  const objects = seenObjects(state, course, observation, at, knowsVehicles(run))
  const known = objectKeys(run)
  for (const rule of rules) {
    if (rule.file.each !== 'object') judge(run, rule, rule.name, at, undefined, observation, late)
    else if (objects.length > 0 || known.length > 0) judgeObjects(run, rule, objects, known, at, observation, late)
  }
  forgetLostTracks(course, at)
}

/** Also in a backfill that leaves the rule out: what a vehicle is called must not depend on which rules are run again. */
export function knowsVehicles({ state, asset }: Run): boolean {
  return rulesFor(state, asset, 'scene').some((rule) => rule.file.identity === 'vehicle')
}
