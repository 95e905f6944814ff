import type { Scalar } from '../domain/alert.ts'
import type { Kind } from '../domain/fields.ts'
import type { Observation } from '../domain/observation.ts'
import type { Severity } from '../domain/rule.ts'
import type { Instant } from '../domain/time.ts'
import { ruleNamed } from './assets.ts'
import { dueAt, elapse, type Hold, type HoldEvent, IDLE, type Judgement, observe } from './hold.ts'
import type { Context, SeenObject, Stamped } from './language/values.ts'
import { merge } from './merge.ts'
import { forgetLostTracks, inZoneOfType, objectName, seenObjects, TRACK_LOST_MS } from './objects.ts'
import { blame } from './quarantine.ts'
import type { CompiledRule } from './rule.ts'
import type { AssetState, Course, EngineState, KeyState, Onset } from './state.ts'
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
  const objects = observation.kind === 'scene' ? seenObjects(run.state, course, observation, at) : undefined
  seen = objects ?? NO_OBJECTS
  for (const rule of run.rulesFor(run.asset, observation.kind)) {
    if (rule.file.each === 'object') judgeObjects(run, rule, objects ?? [], observation, at, late)
    else judge(run, rule, rule.name, at, undefined, observation, late)
  }
  before = course.values
  if (objects) forgetLostTracks(course, at)
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
  if (key.hold.phase !== 'idle') return [...key.memory]
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
  let when: boolean | undefined
  let judged: Judgement
  let severity: Severity
  judging.cells[RULE] = rule.nth
  try {
    if (observation) for (const feed of rule.feeds) feed(ctx)
    when = rule.when(ctx) as boolean | undefined
    if (!known && when !== true && !rule.keeps) return
    judged = { when, clear: clearing(rule, ctx, when) }
    severity = severityOf(rule, ctx) ?? key.severity
  } catch (error) {
    return blame(run.state, rule, error)
  }
  buffer.length = 0
  let hold = key.hold
  if (ctx.restarted) hold = elapse(observe(hold, at, { when: false, clear: rule.clear ? judged.clear : true }, buffer), rule, at, buffer)
  const before = hold
  hold = observe(hold, at, judged, buffer)
  const began = before.phase === 'idle' && hold.phase === 'pending'
  const onset = began ? onsetOf(run, rule, object, observation, late) : key.onset
  hold = elapse(hold, rule, at, buffer)
  keep(run, rule, name, key, { hold, memory: memoryAfter(rule, hold, ctx), onset, severity }, at)
}

function memoryAfter(rule: CompiledRule, hold: Hold, ctx: Context): readonly unknown[] {
  if (hold.phase !== 'idle') return ctx.memory
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
  if (next.hold !== old.hold || next.memory !== old.memory || next.severity !== old.severity) run.course.keys.set(name, next)
  const events = buffer.splice(0)
  for (const event of events) run.sink.event(rule, name, next, event)
  if (events.length === 0 && next.severity !== old.severity && (next.hold.phase === 'firing' || next.hold.phase === 'recovering')) run.sink.severity(rule, name, next, at)
}

function onsetOf(run: Run, rule: CompiledRule, object: SeenObject | undefined, observation: Observation | undefined, late: boolean): Onset {
  const { values } = run.course
  const shown: Record<string, Scalar> = {}
  if (object) Object.assign(shown, { label: object.label, score: object.score, bestScore: object.bestScore, track: object.track, zone: object.zone })
  for (const name of rule.fields) {
    const value = values[name]?.value
    if (value !== undefined) shown[name] = typeof value === 'object' ? value.join(' ') : value
  }
  return {
    values: shown,
    observations: observation ? [observation.offset] : [],
    lon: (values.lon?.value as number | undefined) ?? run.asset.asset?.lon ?? null,
    lat: (values.lat?.value as number | undefined) ?? run.asset.asset?.lat ?? null,
    model: (observation?.payload.model as string | undefined) ?? null,
    late,
  }
}

/**
 * Rules over objects. A look at which the object is missing proves little (a bus may have passed): until the track is
 * lost the condition is unknown. Holds of objects elapse only at a look that still sees the object: a camera that
 * stopped looking must not turn half a dwell into an alert.
 */
function judgeObjects(run: Run, rule: CompiledRule, objects: readonly SeenObject[], observation: Observation, at: Instant, late: boolean): void {
  const wanted = rule.file.objects
  const here = new Set<string>()
  for (const object of objects) {
    if (!wanted?.labels.includes(object.label) || !inZoneOfType(run.state, run.asset, object, wanted.zone)) continue
    const name = objectName(rule, object)
    here.add(name)
    judge(run, rule, name, at, object, observation, late)
  }
  for (const [name, key] of run.course.keys) {
    if (!name.startsWith(`${rule.name}|`) || here.has(name)) continue
    // Seen there under another label: one look of doubt.
    if (objects.some((object) => objectName(rule, object) === name)) continue
    const track = run.course.tracks.get(name.slice(name.lastIndexOf('/') + 1))
    if (track && track.lastSeen !== at && at - track.lastSeen <= TRACK_LOST_MS) continue
    objectGone(run, rule, name, key, at)
  }
}

function objectGone(run: Run, rule: CompiledRule, name: string, key: KeyState, at: Instant): void {
  buffer.length = 0
  const hold = elapse(observe(key.hold, at, { when: false, clear: true }, buffer), rule, at, buffer)
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

/** The next event time at which a condition of the rule can turn by itself. */
function nextTurn(run: Run, rule: CompiledRule): Instant {
  const ctx = prepare(run, rule, run.course.frontier, run.course.keys.get(rule.name) ?? IDLE_KEY, undefined, undefined)
  let next = Infinity
  judging.cells[RULE] = rule.nth
  try {
    for (const turn of rule.turns) next = Math.min(next, turn(ctx))
  } catch (error) {
    blame(run.state, rule, error)
    return Infinity
  }
  return next
}

function holdDue(run: Run, name: string, hold: Hold): Instant {
  const rule = ruleNamed(run.state, run.asset, name)
  return rule ? dueAt(hold, rule) : Infinity
}

function fire(run: Run, due: Instant): void {
  const { course } = run
  run.due = undefined
  for (const [name, key] of course.keys) {
    const rule = name.includes('|') ? undefined : ruleNamed(run.state, run.asset, name)
    if (!rule || dueAt(key.hold, rule) > due) continue
    buffer.length = 0
    const hold = elapse(key.hold, rule, due, buffer)
    keep(run, rule, name, key, { ...key, hold }, due)
  }
  for (const rule of timedRules(run)) if (nextTurn(run, rule) <= due) judge(run, rule, rule.name, due, undefined, undefined, false)
  course.frontier = Math.max(course.frontier, due)
}

const NATURAL: Partial<Record<string, Kind>> = { cover: 'cover', vehicle: 'vehicle', camera: 'scene', sensor: 'sensor' }

/** Rules whose conditions may turn without an observation. */
function timedRules(run: Run): readonly CompiledRule[] {
  if (run.timed) return run.timed
  const natural = NATURAL[run.asset.asset?.kind ?? '']
  const kinds = new Set<Kind>(Object.keys(run.course.seen) as Kind[])
  if (natural) kinds.add(natural)
  run.timed = [...kinds].flatMap((kind) => run.rulesFor(run.asset, kind).filter((rule) => rule.turns.length > 0 && rule.file.each !== 'object'))
  return run.timed
}

/** Judges one rule by what is known at `at`, which is not before the course's frontier, without an observation. */
export function judgeByTime(run: Run, rule: CompiledRule, at: Instant): void {
  run.due = undefined
  judge(run, rule, rule.name, at, undefined, undefined, false)
}

/** Judges rules that time can turn at once: a new one may already be true of an asset that has long been silent. */
export function judgeTimed(run: Run, at: Instant): void {
  run.due = undefined
  for (const rule of timedRules(run)) judge(run, rule, rule.name, at, undefined, undefined, false)
}
