import type { Kind } from '../domain/fields.ts'
import type { Instant } from '../domain/time.ts'
import { ruleNamed } from './assets.ts'
import type { Run } from './course.ts'
import { dueAt, type Hold, isHeld } from './hold.ts'
import { IDLE_KEY, judgeByTime, passKey, prepare } from './judge.ts'
import { earliest } from './language/compile.ts'
import { blame } from './quarantine.ts'
import { answered } from './remind.ts'
import { type CompiledRule, isTimed } from './rule.ts'
import type { AssetState } from './state.ts'
import { judging, RULE } from './watch.ts'

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
  const key = run.course.keys.get(rule.name) ?? IDLE_KEY
  const held = isHeld(key.hold) && rule.turnsHeld.length > 0
  if (!held && rule.turns.length === 0) return Infinity
  const from = run.course.frontier < 0 ? run.asset.knownSince : run.course.frontier
  const ctx = prepare(run, rule, from, key, undefined, undefined)
  judging.cells[RULE] = rule.nth
  try {
    // What is remembered of objects turns at looks only.
    if (rule.file.each === 'object') return rule.schedule?.turns(ctx) ?? Infinity
    const next = earliest(rule.turns, ctx)
    return held ? Math.min(next, earliest(rule.turnsHeld, ctx)) : next
  } catch (error) {
    blame(run.state, rule, error)
    return Infinity
  }
}

function holdDue(run: Run, name: string, hold: Hold, rule = ruleNamed(run.state, run.asset, name)): Instant {
  return rule ? dueAt(rule.waitMs === undefined ? hold : answered(run.asset, rule, name, hold), rule) : Infinity
}

function fire(run: Run, due: Instant): void {
  const { course } = run
  run.due = undefined
  for (const [name, key] of course.keys) {
    const rule = name.includes('|') ? undefined : ruleNamed(run.state, run.asset, name)
    if (rule && holdDue(run, name, key.hold, rule) <= due) passKey(run, rule, name, key, due)
  }
  for (const rule of timedRules(run)) if (nextTurn(run, rule) <= due) judgeByTime(run, rule, due)
  course.frontier = Math.max(course.frontier, due)
}

const NATURAL: Partial<Record<string, Kind>> = { cover: 'cover', vehicle: 'vehicle', camera: 'scene', sensor: 'sensor' }

/** What assets of its kind report, whether it has done so yet or not. */
export function naturalKind({ asset }: AssetState): Kind | undefined {
  return NATURAL[asset?.kind ?? '']
}

/** Rules whose conditions may turn without an observation. */
function timedRules(run: Run): readonly CompiledRule[] {
  run.timed ??= findTimed(run)
  return run.timed
}

function findTimed(run: Run): readonly CompiledRule[] {
  const lists = [...kindsOf(run)].map((kind) => timedOf(run.rulesFor(run.asset, kind)))
  return lists.length === 1 && lists[0] ? lists[0] : lists.flat()
}

/** What the asset reports, or would. */
function kindsOf({ asset, course }: Run): ReadonlySet<Kind> {
  const natural = naturalKind(asset)
  const kinds = new Set<Kind>(Object.keys(course.seen) as Kind[])
  return natural ? kinds.add(natural) : kinds
}

/** Assets share the tables of their rules, and these with them. */
const timed = new WeakMap<readonly CompiledRule[], readonly CompiledRule[]>()

function timedOf(rules: readonly CompiledRule[]): readonly CompiledRule[] {
  const known = timed.get(rules)
  if (known) return known
  const found = rules.filter((rule) => (rule.file.each === 'object' ? rule.schedule !== undefined : isTimed(rule)))
  timed.set(rules, found)
  return found
}

/** Judges rules that time can turn at once: a new one may already be true of an asset that has long been silent. */
export function judgeTimed(run: Run, at: Instant): void {
  run.due = undefined
  for (const rule of timedRules(run)) judgeByTime(run, rule, at)
}

/** Judges rules that ask for orders: one was opened or closed, or its time began or ended. */
export function judgeAsking(run: Run, at: Instant): void {
  run.due = undefined
  for (const kind of kindsOf(run)) for (const rule of run.rulesFor(run.asset, kind)) if (rule.asksCases) judgeByTime(run, rule, at)
}
