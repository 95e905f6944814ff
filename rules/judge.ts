import type { Observation } from '../domain/observation.ts'
import type { Severity } from '../domain/rule.ts'
import type { Instant } from '../domain/time.ts'
import type { Run } from './course.ts'
import { elapse, type Hold, type HoldEvent, IDLE, isHeld, type Judgement, observe } from './hold.ts'
import type { Context, SeenObject } from './language/values.ts'
import { asVehicle, isMissing, looksWhere, objectName } from './objects.ts'
import { onsetOf } from './onset.ts'
import { blame } from './quarantine.ts'
import { pass as passReminding } from './remind.ts'
import type { CompiledRule } from './rule.ts'
import type { KeyState } from './state.ts'
import { judging, RULE } from './watch.ts'

/** A key of which nothing is known. */
export const IDLE_KEY: KeyState = { hold: IDLE, memory: [], onset: null, severity: 'info' }

// One context for all evaluations: conditions are synchronous and keep nothing of it.
const context: Context = {
  run: undefined as unknown as Run,
  at: 0,
  values: {},
  before: {},
  observation: undefined,
  params: {},
  zones: undefined,
  lastSeen: 0,
  heldSince: undefined,
  severityNow: undefined,
  object: undefined,
  memory: [],
  remembers: false,
  restarted: false,
}

/** What a condition of the rule sees; the same object each time, so it must not be kept. */
export function prepare(run: Run, rule: CompiledRule, at: Instant, key: KeyState, object: SeenObject | undefined, observation: Observation | undefined): Context {
  context.run = run
  context.at = at
  context.values = run.course.values
  context.before = observation ? run.before : run.course.values
  context.observation = observation
  context.params = rule.params
  context.zones = rule.zones
  context.lastSeen = run.course.seen[rule.file.on] ?? run.asset.knownSince
  const held = isHeld(key.hold) && key.hold.phase !== 'waiting'
  context.heldSince = held ? key.hold.since : undefined
  context.severityNow = held ? key.severity : undefined
  context.object = object
  context.memory = key.memory
  context.remembers = false
  context.restarted = false
  return context
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
export function judge(run: Run, rule: CompiledRule, name: string, at: Instant, object?: SeenObject, observation?: Observation, late = false): void {
  const key = run.course.keys.get(name) ?? IDLE_KEY
  const ctx = prepare(run, rule, at, key, object, observation)
  let judged: Judgement
  let severity: Severity
  judging.cells[RULE] = rule.nth
  try {
    if (observation) for (const feed of rule.feeds) feed(ctx)
    const when = rule.when(ctx) as boolean | undefined
    // Nothing begins: of most observations most rules say this.
    if (when !== true && key.hold.phase === 'idle') return rest(run, rule, name, key, ctx)
    if (ctx.restarted) ctx.heldSince = at
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
  const onset = began
    ? onsetOf(
        run,
        rule,
        object,
        observation,
        late,
        rule.witnesses.flatMap((who) => who(ctx) ?? []),
      )
    : key.onset
  // Until the zone's inertia is over the hold runs, and cannot end.
  if (object?.settled !== false) hold = pass(run, rule, name, hold, at)
  keep(run, rule, name, key, { hold, memory: ctx.memory, onset, severity }, at)
}

/** The key stays idle and remembers what the observation taught it. */
function rest(run: Run, rule: CompiledRule, name: string, key: KeyState, ctx: Context): void {
  if (ctx.remembers && rule.keeps) run.course.keys.set(name, { ...key, memory: lasting(rule, ctx.memory) })
}

/** What belongs to a hold ends with it: a stay that begins is measured from where it begins, not from an older place. */
function lasting(rule: CompiledRule, memory: readonly unknown[]): readonly unknown[] {
  if (!rule.keeps) return IDLE_KEY.memory
  return rule.slots.includes('hold') ? memory.map((value, slot) => (rule.slots[slot] === 'key' ? value : undefined)) : memory
}

/** What is left of a key when nothing holds; undefined: nothing. */
export function rested(rule: CompiledRule, key: KeyState): KeyState | undefined {
  if (isHeld(key.hold)) return key
  const memory = lasting(rule, key.memory)
  if (key.hold.phase === 'cooling') return { ...key, memory }
  return memory.length > 0 ? { ...IDLE_KEY, memory } : undefined
}

export function clearing(rule: CompiledRule, ctx: Context, when: boolean | undefined): boolean | undefined {
  if (when === true) return false
  if (!rule.clear) return when === undefined ? undefined : true
  return rule.clear(ctx) as boolean | undefined
}

export function severityOf(rule: CompiledRule, ctx: Context): Severity | undefined {
  return typeof rule.severity === 'string' ? rule.severity : rule.severity(ctx)
}

/** Time passes for a hold, up to `to`. */
function pass(run: Run, rule: CompiledRule, name: string, hold: Hold, to: Instant): Hold {
  return rule.waitMs === undefined ? elapse(hold, rule, to, buffer) : passReminding(run.asset, rule, name, hold, to, buffer)
}

/** Time passes for a key, up to `to`. */
export function passKey(run: Run, rule: CompiledRule, name: string, key: KeyState, to: Instant): void {
  buffer.length = 0
  const hold = pass(run, rule, name, key.hold, to)
  keep(run, rule, name, key, { ...key, hold }, to)
}

/** Stores the new state of a key and tells the sink what happened. */
function keep(run: Run, rule: CompiledRule, name: string, old: KeyState, next: KeyState, at: Instant): void {
  if (next.hold !== old.hold || next.memory !== old.memory || next.onset !== old.onset || next.severity !== old.severity) {
    const left = rested(rule, next)
    if (left) run.course.keys.set(name, left)
    else run.course.keys.delete(name)
  }
  const events = buffer.length > 0 ? buffer.splice(0) : buffer
  for (const event of events) run.sink.event(run.asset, rule, name, next, event)
  if (events.length === 0 && next.severity !== old.severity && (next.hold.phase === 'firing' || next.hold.phase === 'recovering'))
    run.sink.severity(run.asset, rule, name, next, at)
}

/** Names of the keys over objects in the course. */
export function objectKeys({ course }: Run): readonly string[] {
  const names: string[] = []
  for (const name of course.keys.keys()) if (name.includes('|')) names.push(name)
  return names
}

/**
 * Rules over objects. A look at which the object is missing proves little (a bus may have passed): until the track is
 * lost the condition is unknown. Holds of objects elapse only at a look that still sees the object: a camera that
 * stopped looking must not turn half a dwell into an alert. `known`: names of the keys over objects before this look.
 */
export function judgeObjects(run: Run, rule: CompiledRule, objects: readonly SeenObject[], known: readonly string[], at: Instant, observation: Observation, late: boolean): void {
  const wanted = rule.file.objects
  const here = new Set<string>()
  judging.cells[RULE] = rule.nth
  for (const object of objects) {
    if (!wanted?.labels.includes(object.label) || !looksWhere(run.state, run.asset, rule, object)) continue
    const name = objectName(rule, object)
    // Two boxes of one thing are one look at it; the first is the stronger.
    if (here.has(name)) continue
    here.add(name)
    judge(run, rule, name, at, rule.file.identity === 'vehicle' ? asVehicle(run.course, object) : object, observation, late)
  }
  let shown: Set<string> | undefined
  for (const name of known) {
    const key = name.startsWith(`${rule.name}|`) && !here.has(name) ? run.course.keys.get(name) : undefined
    if (!key) continue
    // Seen there under another label: one look of doubt.
    shown ??= new Set(objects.map((object) => objectName(rule, object)))
    if (shown.has(name)) continue
    if (!isMissing(run.course, rule, name, at)) objectGone(run, rule, name, key, at)
    // What was seen to be over goes on being over while nobody can say otherwise.
    else if (key.hold.phase === 'recovering') passKey(run, rule, name, key, at)
  }
}

function objectGone(run: Run, rule: CompiledRule, name: string, key: KeyState, at: Instant): void {
  buffer.length = 0
  const hold = pass(run, rule, name, observe(key.hold, at, { when: false, clear: true }, buffer), at)
  keep(run, rule, name, key, { ...key, hold }, at)
  if (hold.phase === 'idle') run.course.keys.delete(name)
}

/** Time passed and the answer may be another one. Objects are judged at looks, but a schedule ends without any. */
export function judgeByTime(run: Run, rule: CompiledRule, at: Instant): void {
  if (rule.file.each !== 'object') return judge(run, rule, rule.name, at)
  if (rule.schedule?.on(prepare(run, rule, at, IDLE_KEY, undefined, undefined)) !== false) return
  for (const [name, key] of run.course.keys) if (name.startsWith(`${rule.name}|`)) objectGone(run, rule, name, key, at)
}
