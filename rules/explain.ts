import type { Scalar } from '../domain/alert.ts'
import { areaAt } from '../domain/area.ts'
import type { Clause } from '../domain/authoring.ts'
import { STALE_AFTER } from '../domain/fields.ts'
import type { AssetId, Offset } from '../domain/ids.ts'
import type { Observation } from '../domain/observation.ts'
import type { HistoryReader } from '../domain/ports/history.ts'
import type { Severity } from '../domain/rule.ts'
import { DAY, type Instant } from '../domain/time.ts'
import { selected } from './assets.ts'
import { knowsVehicles, type Run } from './course.ts'
import { explainArea } from './explain-area.ts'
import { observed, type PastQuery, runUpTo } from './explain-past.ts'
import type { Hold } from './hold.ts'
import { IDLE_KEY, informs, prepare } from './judge.ts'
import type { Context, SeenObject } from './language/values.ts'
import { type Leaf, leavesOf } from './leaves.ts'
import { asVehicle, objectName, seenObjects } from './objects.ts'
import { keyOf, ruleOf } from './raised.ts'
import { reachOf } from './reach.ts'
import type { CompiledRule } from './rule.ts'
import { eventAt } from './skew.ts'
import { copyCourse, type EngineState } from './state.ts'
import { naturalKind } from './timers.ts'

/** What the engine can say of one key of one rule at a time. */
export interface KeyTrace {
  rule: string
  version: number
  state: CompiledRule['state']
  /** When this version came into force. */
  sinceAt: Instant
  title: CompiledRule['file']['title']
  key: string
  hold: Hold
  forMs: number
  clearMs: number
  /** A maintenance order makes it information only. */
  informed: boolean
  /** The calendar by which its camera serves the rule, whether it is on duty (null: nobody knows the calendar), and until when it stays so. */
  schedule: { id: string; on: boolean | null; until: Instant | null } | null
  /**
   * Its keys raise nothing themselves: so many assets of this area together do; null: nobody says where it lies. `members`:
   * it is the area that is explained, and these count in it.
   */
  gathers: { area: string | null; count: number; members?: { asset: string; from: Instant; to: Instant | null; severity: Severity }[] } | undefined
  /** The rule looks back farther than that, and what was before is not known; null: all that it needs is. */
  unknownBefore: Instant | null
  clauses: Clause[]
  /** Fields that the conditions read and that are too old to count. */
  stale: string[]
  observation: { offset: Offset; device: string; at: Instant } | null
  alert: string | null
}

/** Why the rules did or did not raise an alert about an asset. */
export interface AssetTrace {
  asset: string
  /** The event time that was explained: that of the newest thing known by then. */
  at: Instant
  values: Record<string, unknown>
  keys: KeyTrace[]
  /** Rules that do not apply to it, by id. */
  notSelected: string[]
}

/** The observation that decided is looked for so far back. */
const REACH_MS = DAY

/**
 * Explains an asset at event time `at` by running its course again up to then, over the stored observations and with the
 * rules that are in force now; or an area, by who counts in it. Undefined when neither is known.
 */
export function explainAsset(state: EngineState, history: HistoryReader, query: PastQuery & { asset: string; rule?: string }): AssetTrace | undefined {
  const asset = state.assets.get(query.asset as AssetId)
  if (!asset) return explainArea(state, query)
  const { run, begins } = runUpTo(state, history, asset, query, [...selected(state, asset).byName.values()])
  const rules = [...selected(state, asset).byName.values()].filter((rule) => (query.rule === undefined || rule.id === query.rule) && concerns(run, rule))
  const here = new Set(rules.map((rule) => rule.id as string))
  const observations = observed(history, asset, query.at - REACH_MS, query.at)
  return {
    asset: asset.id,
    at: Math.min(query.at, Math.max(run.course.frontier, 0)),
    values: Object.fromEntries(Object.entries(run.course.values).map(([name, stamped]) => [name, stamped.value])),
    keys: rules.flatMap((rule) => explainRule(run, rule, query.at, { observations, begins })),
    notSelected: [...state.rules.keys()].filter((id) => !here.has(id) && (query.rule === undefined || id === query.rule)),
  }
}

/** A rule over covers selects every asset without a selector; it concerns those that are covers or have reported as such. */
function concerns(run: Run, rule: CompiledRule): boolean {
  return run.course.seen[rule.file.on] !== undefined || naturalKind(run.asset) === rule.file.on
}

function explainRule(run: Run, rule: CompiledRule, at: Instant, { observations, begins }: Pick<Seen, 'observations' | 'begins'>): KeyTrace[] {
  const names = [...run.course.keys.keys()].filter((name) => ruleOf(name) === rule.name)
  if (names.length === 0) names.push(rule.name)
  const last = observations.findLast((each) => each.kind === rule.file.on)
  const objects = new Map<string, SeenObject>()
  if (last && rule.file.each === 'object')
    for (const object of seenObjects(run.state, copyCourse(run.course), last, eventAt(run.asset, last), knowsVehicles(run))) objects.set(objectName(rule, object), object)
  const seen: Seen = { observations, begins, last, objects, leaves: leavesOf(rule) }
  return names.map((name) => explainKey(run, rule, name, at, seen))
}

/** What all keys of a rule are explained by: a camera may have hundreds. */
interface Seen {
  observations: readonly Observation[]
  begins: Instant | null
  /** Of the rule's kind. */
  last: Observation | undefined
  objects: ReadonlyMap<string, SeenObject>
  leaves: readonly Leaf[]
}

function explainKey(run: Run, rule: CompiledRule, name: string, at: Instant, { observations, begins, last, objects, leaves }: Seen): KeyTrace {
  const key = run.course.keys.get(name) ?? IDLE_KEY
  const shown = objects.get(name)
  const object = shown && rule.file.identity === 'vehicle' ? asVehicle(run.course, shown) : shown
  // What a look shows is true of that look, and time changes nothing of it.
  const look = rule.file.on === 'scene' ? last : undefined
  const contextOf = (): Context => Object.assign(prepare(run, rule, Math.max(at, run.course.frontier), key, object, undefined), { observation: look })
  const began = key.hold.phase === 'idle' ? undefined : key.onset?.observations[0]
  const decided = observations.find((each) => each.offset === began) ?? last
  return {
    rule: rule.id,
    version: rule.version,
    state: rule.state,
    sinceAt: rule.sinceAt,
    title: rule.file.title,
    key: keyOf(run.asset, name),
    hold: key.hold,
    forMs: rule.forMs,
    clearMs: rule.clearMs,
    informed: informs(run, rule, name),
    schedule: scheduleOf(rule, contextOf()),
    unknownBefore: begins !== null && reachOf(rule.file) > at - begins ? begins : null,
    gathers: rule.gather && { area: run.asset.asset ? areaAt(rule.gather.by, run.asset.asset) : null, count: rule.gather.count },
    clauses: leaves.map((leaf) => clauseOf(run, contextOf(), leaf, at)),
    stale: rule.fields.filter((field) => isStale(run, rule, field, at)),
    observation: decided ? { offset: decided.offset, device: decided.device, at: eventAt(run.asset, decided) } : null,
    alert: run.asset.raised.get(name)?.findLast((each) => each.openedAt <= at && (each.resolvedAt === null || at < each.resolvedAt))?.id ?? null,
  }
}

function scheduleOf({ schedule }: CompiledRule, context: Context): KeyTrace['schedule'] {
  if (!schedule) return null
  const until = schedule.turns(context)
  return { id: schedule.id, on: (schedule.on(context) as boolean | undefined) ?? null, until: until === Infinity ? null : until }
}

function clauseOf(run: Run, context: Context, leaf: Leaf, at: Instant): Clause {
  const value = leaf.evaluate(context)
  const [left, right] = leaf.sides.map((side) => side(context))
  return {
    text: leaf.text,
    part: leaf.part,
    holds: typeof value === 'boolean' ? value : null,
    operands: leaf.operands.map(({ text, evaluate, field }) => {
      const stamped = field === undefined ? undefined : run.course.values[field]
      return { text, value: scalar(evaluate(context)), ageMs: stamped ? Math.max(0, at - stamped.at) : null }
    }),
    margin: typeof left === 'number' && typeof right === 'number' ? Math.abs(left - right) : null,
  }
}

function scalar(value: unknown): Scalar | null {
  if (value === undefined || value === null) return null
  return typeof value === 'object' ? JSON.stringify(value) : (value as Scalar)
}

function isStale(run: Run, rule: CompiledRule, field: string, at: Instant): boolean {
  const stamped = run.course.values[field]
  return stamped !== undefined && at - stamped.at > STALE_AFTER[rule.file.on]
}
