import type { Kind } from '../domain/fields.ts'
import type { Observation } from '../domain/observation.ts'
import type { Severity } from '../domain/rule.ts'
import type { Instant } from '../domain/time.ts'
import { ruleNamed, rulesFor } from './assets.ts'
import { dueAt, elapse, type Hold, type HoldEvent, IDLE, isHeld, type Judgement, observe } from './hold.ts'
import type { Context, SeenObject, Stamped } from './language/values.ts'
import { merge } from './merge.ts'
import { asVehicle, forgetLostTracks, inZoneOfType, isMissing, objectName, seenObjects } from './objects.ts'
import { onsetOf } from './onset.ts'
import { blame } from './quarantine.ts'
import { answered, pass as passReminding } from './remind.ts'
import type { CompiledRule } from './rule.ts'
import type { AssetState, Course, EngineState, KeyState } from './state.ts'
import { judging, RULE } from './watch.ts'

/** Where the events of holds go: straight to transitions while live, into intervals while a backfill runs. */
export interface Sink {
  event(rule: CompiledRule, name: string, key: KeyState, event: HoldEvent): void
  severity(rule: CompiledRule, name: string, key: KeyState, at: Instant): void
}

/** One pass over observations of one asset in order of event time. */
export interface Run {
  state: EngineState
  asset: AssetState
  course: Course
  sink: Sink
  /** Rules to judge by; a backfill leaves out those that came into force after its checkpoint. */
  rulesFor(asset: AssetState, kind: Kind): readonly CompiledRule[]
  /** Event time of the next timer; undefined: something has changed since it was known. */
  due: Instant | undefined
  /** Rules whose conditions can turn by themselves; undefined: not looked up yet. */
  timed: readonly CompiledRule[] | undefined
}

/** A key of which nothing is known. */
export const IDLE_KEY: KeyState = { hold: IDLE, memory: [], onset: null, severity: 'info' }

/** Applies one observation at event time `at`, not before the course's frontier. */
export function applyObservation(run: Run, observation: Observation, at: Instant, late: boolean): void {
  const { course } = run
  elapseTo(run, at)
  before = course.values
  merge(run, observation, at)
  if (course.seen[observation.kind] === undefined) run.timed = undefined
  course.seen[observation.kind] = at
  run.due = undefined
  course.frontier = Math.max(course.frontier, at)
  course.offset = Math.max(course.offset, observation.offset)
  const objects = observation.kind === 'scene' ? seenObjects(run.state, course, observation, at, knowsVehicles(run)) : undefined
  seen = objects ?? NO_OBJECTS
  for (const rule of run.rulesFor(run.asset, observation.kind)) {
    if (rule.file.each === 'object') judgeObjects(run, rule, objects ?? [], observation, at, late)
    else judge(run, rule, rule.name, at, undefined, observation, late)
  }
  before = course.values
  if (objects) forgetLostTracks(course, at)
}

/** Also in a backfill that leaves the rule out: what a vehicle is called must not depend on which rules are run again. */
export function knowsVehicles({ state, asset }: Run): boolean {
  return rulesFor(state, asset, 'scene').some((rule) => rule.file.identity === 'vehicle')
}

const NO_OBJECTS: readonly SeenObject[] = []
/** What the asset's values were before the observation that is being applied, and what it shows. */
let before: Readonly<Record<string, Stamped>> = {}
let seen: readonly SeenObject[] = NO_OBJECTS

// One context for all evaluations: conditions are synchronous and keep nothing of it.
const context: Context = {
  run: undefined as unknown as Run,
  at: 0,
  values: {},
  before: {},
  observation: undefined,
  params: {},
  lastSeen: 0,
  object: undefined,
  objects: NO_OBJECTS,
  memory: [],
  restarted: false,
}

/** What a condition of the rule sees; the same object each time, so it must not be kept. */
export function prepare(run: Run, rule: CompiledRule, at: Instant, key: KeyState, object: SeenObject | undefined, observation: Observation | undefined): Context {
  context.run = run
  context.at = at
  context.values = run.course.values
  context.before = observation ? before : run.course.values
  context.observation = observation
  context.params = rule.params
  context.lastSeen = run.course.seen[rule.file.on] ?? run.asset.knownSince
  context.object = object
  context.objects = observation ? seen : NO_OBJECTS
  context.memory = rule.slots.length > 0 ? remembered(rule, key) : NO_MEMORY
  context.restarted = false
  return context
}

const NO_MEMORY: unknown[] = []

/** What belongs to a hold ends with it: a stay that begins is measured from where it begins, not from an older place. */
function remembered(rule: CompiledRule, key: KeyState): unknown[] {
  if (isHeld(key.hold)) return [...key.memory]
  return rule.keeps ? lasting(rule, key.memory) : []
}

function lasting(rule: CompiledRule, memory: readonly unknown[]): unknown[] {
  return memory.map((value, slot) => (rule.slots[slot] === 'key' ? value : undefined))
}

/** Whether the rule only informs at present. */
export function informs(run: Run, rule: CompiledRule, name: string): boolean {
  if (!rule.inform) return false
  judging.cells[RULE] = rule.nth
  try {
    return rule.inform(prepare(run, rule, run.course.frontier, run.course.keys.get(name) ?? IDLE_KEY, undefined, undefined)) === true
  } catch (error) {
    blame(run.state, rule, error)
    return false
  }
}

const buffer: HoldEvent[] = []

/** Judges one key; without `observation` time alone made it necessary. */
function judge(run: Run, rule: CompiledRule, name: string, at: Instant, object: SeenObject | undefined, observation: Observation | undefined, late: boolean): void {
  const known = run.course.keys.get(name)
  const key = known ?? IDLE_KEY
  const ctx = prepare(run, rule, at, key, object, observation)
  let judged: Judgement
  let severity: Severity
  judging.cells[RULE] = rule.nth
  try {
    if (observation) for (const feed of rule.feeds) feed(ctx)
    const when = rule.when(ctx) as boolean | undefined
    if (!known && when !== true && !rule.keeps) return
    judged = { when, clear: clearing(rule, ctx, when) }
    severity = severityOf(rule, ctx) ?? key.severity
  } catch (error) {
    return blame(run.state, rule, error)
  }
  buffer.length = 0
  let hold = key.hold
  if (ctx.restarted) hold = pass(run, rule, name, observe(hold, at, { when: false, clear: rule.clear ? judged.clear : true }, buffer), at)
  const before = hold
  hold = observe(hold, at, judged, buffer)
  // What waits for its cool-down to end begins with what was seen last by then.
  const began = (hold !== before && (hold.phase === 'pending' || hold.phase === 'waiting')) || (hold.phase === 'waiting' && judged.when === true && observation !== undefined)
  const onset = began ? onsetOf(run, rule, object, observation, late) : key.onset
  // Until the zone's inertia is over the hold runs, and cannot end.
  if (object?.settled !== false) hold = pass(run, rule, name, hold, at)
  keep(run, rule, name, key, { hold, memory: memoryAfter(rule, hold, ctx), onset, severity }, at)
}

function memoryAfter(rule: CompiledRule, hold: Hold, ctx: Context): readonly unknown[] {
  if (isHeld(hold)) return ctx.memory
  return rule.keeps ? lasting(rule, ctx.memory) : IDLE_KEY.memory
}

export function clearing(rule: CompiledRule, ctx: Context, when: boolean | undefined): boolean | undefined {
  if (when === true) return false
  if (!rule.clear) return when === undefined ? undefined : true
  return rule.clear(ctx) as boolean | undefined
}

export function severityOf(rule: CompiledRule, ctx: Context): Severity | undefined {
  return typeof rule.severity === 'string' ? rule.severity : rule.severity(ctx)
}

/** Stores the new state of a key and tells the sink what happened. */
function keep(run: Run, rule: CompiledRule, name: string, old: KeyState, next: KeyState, at: Instant): void {
  if (next.hold !== old.hold || next.memory !== old.memory || next.onset !== old.onset || next.severity !== old.severity) run.course.keys.set(name, next)
  const events = buffer.splice(0)
  for (const event of events) run.sink.event(rule, name, next, event)
  if (events.length === 0 && next.severity !== old.severity && (next.hold.phase === 'firing' || next.hold.phase === 'recovering')) run.sink.severity(rule, name, next, at)
}

/**
 * Rules over objects. A look at which the object is missing proves little (a bus may have passed): until the track is
 * lost the condition is unknown. Holds of objects elapse only at a look that still sees the object: a camera that
 * stopped looking must not turn half a dwell into an alert.
 */
function judgeObjects(run: Run, rule: CompiledRule, objects: readonly SeenObject[], observation: Observation, at: Instant, late: boolean): void {
  const wanted = rule.file.objects
  const here = new Set<string>()
  let shown: Set<string> | undefined
  judging.cells[RULE] = rule.nth
  for (const object of objects) {
    if (!wanted?.labels.includes(object.label) || !inZoneOfType(run.state, run.asset, object, wanted.zone)) continue
    const name = objectName(rule, object)
    here.add(name)
    judge(run, rule, name, at, rule.file.identity === 'vehicle' ? asVehicle(run.course, object) : object, observation, late)
  }
  for (const [name, key] of run.course.keys) {
    if (!name.startsWith(`${rule.name}|`) || here.has(name)) continue
    // Seen there under another label: one look of doubt.
    shown ??= new Set(objects.map((object) => objectName(rule, object)))
    if (shown.has(name)) continue
    if (!isMissing(run.course, rule, name, at)) objectGone(run, rule, name, key, at)
    else if (key.hold.phase === 'recovering') endRecovered(run, rule, name, key, at)
  }
}

/** What was seen to be over goes on being over while nobody can say otherwise. */
function endRecovered(run: Run, rule: CompiledRule, name: string, key: KeyState, at: Instant): void {
  buffer.length = 0
  const hold = pass(run, rule, name, key.hold, at)
  keep(run, rule, name, key, { ...key, hold }, at)
}

function objectGone(run: Run, rule: CompiledRule, name: string, key: KeyState, at: Instant): void {
  buffer.length = 0
  const hold = pass(run, rule, name, observe(key.hold, at, { when: false, clear: true }, buffer), at)
  keep(run, rule, name, key, { ...key, hold }, at)
  if (hold.phase === 'idle') run.course.keys.delete(name)
}

/** Fires every timer that is due by event time `to`, in order. */
export function elapseTo(run: Run, to: Instant): void {
  for (let due = nextDue(run); due <= to; due = nextDue(run)) fire(run, due)
}

/** Event time of the next timer of this course; holds over objects wait for looks instead. */
export function nextDue(run: Run): Instant {
  run.due ??= earliestDue(run)
  return run.due
}

function earliestDue(run: Run): Instant {
  const { course } = run
  let next = Infinity
  for (const [name, key] of course.keys) if (key.hold.phase !== 'idle' && key.hold.phase !== 'firing' && !name.includes('|')) next = Math.min(next, holdDue(run, name, key.hold))
  for (const rule of timedRules(run)) next = Math.min(next, nextTurn(run, rule))
  return next
}

/** The next event time at which a condition of the rule can turn by itself; of an asset that never reported, since it is known. */
function nextTurn(run: Run, rule: CompiledRule): Instant {
  const from = run.course.frontier < 0 ? run.asset.knownSince : run.course.frontier
  const ctx = prepare(run, rule, from, run.course.keys.get(rule.name) ?? IDLE_KEY, undefined, undefined)
  judging.cells[RULE] = rule.nth
  try {
    // What is remembered of objects turns at looks only.
    if (rule.file.each === 'object') return rule.schedule?.turns(ctx) ?? Infinity
    let next = Infinity
    for (const turn of rule.turns) next = Math.min(next, turn(ctx))
    return next
  } catch (error) {
    blame(run.state, rule, error)
    return Infinity
  }
}

function holdDue(run: Run, name: string, hold: Hold, rule = ruleNamed(run.state, run.asset, name)): Instant {
  return rule ? dueAt(rule.waitMs === undefined ? hold : answered(run.asset, rule, name, hold), rule) : Infinity
}

/** Time passes for a hold, up to `to`. */
function pass(run: Run, rule: CompiledRule, name: string, hold: Hold, to: Instant): Hold {
  return rule.waitMs === undefined ? elapse(hold, rule, to, buffer) : passReminding(run.asset, rule, name, hold, to, buffer)
}

function fire(run: Run, due: Instant): void {
  const { course } = run
  run.due = undefined
  for (const [name, key] of course.keys) {
    const rule = name.includes('|') ? undefined : ruleNamed(run.state, run.asset, name)
    if (!rule || holdDue(run, name, key.hold, rule) > due) continue
    buffer.length = 0
    const hold = pass(run, rule, name, key.hold, due)
    keep(run, rule, name, key, { ...key, hold }, due)
  }
  for (const rule of timedRules(run)) if (nextTurn(run, rule) <= due) judgeByTime(run, rule, due)
  course.frontier = Math.max(course.frontier, due)
}

/** Time passed and the answer may be another one. Objects are judged at looks, but a schedule ends without any. */
export function judgeByTime(run: Run, rule: CompiledRule, at: Instant): void {
  if (rule.file.each !== 'object') return judge(run, rule, rule.name, at, undefined, undefined, false)
  if (rule.schedule?.on(prepare(run, rule, at, IDLE_KEY, undefined, undefined)) !== false) return
  for (const [name, key] of run.course.keys) if (name.startsWith(`${rule.name}|`)) objectGone(run, rule, name, key, at)
}

const NATURAL: Partial<Record<string, Kind>> = { cover: 'cover', vehicle: 'vehicle', camera: 'scene', sensor: 'sensor' }

/** What assets of its kind report, whether it has done so yet or not. */
export function naturalKind({ asset }: AssetState): Kind | undefined {
  return NATURAL[asset?.kind ?? '']
}

/** Rules whose conditions may turn without an observation. */
function timedRules(run: Run): readonly CompiledRule[] {
  if (run.timed) return run.timed
  const natural = naturalKind(run.asset)
  const kinds = new Set<Kind>(Object.keys(run.course.seen) as Kind[])
  if (natural) kinds.add(natural)
  run.timed = [...kinds].flatMap((kind) => run.rulesFor(run.asset, kind).filter((rule) => rule.turns.length > 0 && (rule.file.each !== 'object' || rule.schedule !== undefined)))
  return run.timed
}

/** Judges rules that time can turn at once: a new one may already be true of an asset that has long been silent. */
export function judgeTimed(run: Run, at: Instant): void {
  run.due = undefined
  for (const rule of timedRules(run)) judgeByTime(run, rule, at)
}
