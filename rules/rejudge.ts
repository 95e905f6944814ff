import type { Observation } from '../domain/observation.ts'
import { effectiveAt } from '../domain/observation.ts'
import type { HistoryReader } from '../domain/ports/history.ts'
import { DAY, type Instant } from '../domain/time.ts'
import { raisesAlike } from './alike.ts'
import { recorded } from './backfill.ts'
import { MOST_CHECKPOINTS } from './checkpoint.ts'
import { applyObservation, newRun, type Run } from './course.ts'
import { isHeld } from './hold.ts'
import { IDLE_KEY, judgeByTime } from './judge.ts'
import { ruleOf } from './raised.ts'
import type { CompiledRule } from './rule.ts'
import { eventAt } from './skew.ts'
import { type AssetState, type Checkpoint, copyCourse, type EngineState, type KeyState } from './state.ts'
import { elapseTo } from './timers.ts'
import { isLate } from './watermark.ts'

/** Observations that one edit may look back on over all assets. */
export const MOST_LOOKED_BACK = 150_000
/** Of one asset, when its present does not settle by itself what began before it. */
const MOST_OF_ONE = 5000

/** What is left of what an edit may look back on. */
export interface Budget {
  left: number
}

type Keys = ReadonlyMap<string, KeyState>

/**
 * What a rule would hold of an asset now had it always been as it is: it is run alone over the stored observations from
 * a checkpoint before everything that it can look back on. If what it holds then still depends on what was before that
 * checkpoint (it never became false since), an older one is taken, for a day at the most. When the edit has looked back
 * too far already, on all assets together, only the newest values are judged, and that is counted. `before`: the rule
 * in whose place it comes; `now`: the event time that the asset has reached.
 */
export function rejudge(
  state: EngineState,
  history: HistoryReader,
  asset: AssetState,
  rule: CompiledRule,
  before: CompiledRule | undefined,
  budget: Budget,
  now = asset.course.frontier,
): Keys {
  let keys: Keys | undefined
  for (const { index, limit } of attempts(asset, rule)) {
    const from = asset.checkpoints[index]
    const most = Math.min(limit, budget.left)
    if (!from || most <= 0) break
    const observations = recorded(history, asset, from, state.offset, most + 1)
    budget.left -= observations.length
    if (observations.length > most) continue
    const scan: Scan = { state, asset, rule, from, observations, now }
    const carried = carriedKeys(scan, before)
    keys = run(scan, carried)
    if (index === 0 || carried.size > 0 || settled(scan, keys)) return keys
  }
  if (keys) return keys
  state.counts.notRejudged++
  return present(state, asset, rule, now)
}

/** Where to begin, one after the other until it is settled. An asset that says little is looked back on as a whole. */
function attempts({ checkpoints, course }: AssetState, rule: CompiledRule): { index: number; limit: number }[] {
  const need = Math.min(Math.max(rule.forMs, rule.clearMs) + rule.reachMs, DAY)
  const nearest = checkpoints.findLastIndex((each) => each.at <= course.frontier - need)
  if (nearest <= 0 || checkpoints.length < MOST_CHECKPOINTS) return [{ index: 0, limit: Infinity }]
  return [
    { index: nearest, limit: Infinity },
    { index: 0, limit: MOST_OF_ONE },
    { index: nearest >> 1, limit: MOST_OF_ONE },
  ]
}

/** By the newest values alone; objects can only be judged by looks, so theirs stay. */
function present(state: EngineState, asset: AssetState, rule: CompiledRule, now: Instant): Keys {
  const { course } = asset
  const held = rule.file.each === 'object' ? [...course.keys].filter(([name]) => ruleOf(name) === rule.name) : []
  return run({ state, asset, rule, from: { at: course.frontier, offset: state.offset, course }, observations: [], now }, new Map(held))
}

interface Scan {
  state: EngineState
  asset: AssetState
  rule: CompiledRule
  from: Checkpoint
  observations: readonly Observation[]
  now: Instant
}

/** Where what raises is the same, what had begun at the checkpoint had begun for this version too. */
function carriedKeys({ rule, from }: Scan, before: CompiledRule | undefined): Keys {
  if (!before || !raisesAlike(before, rule)) return new Map()
  return new Map([...from.course.keys].filter(([name, key]) => ruleOf(name) === rule.name && isHeld(key.hold)))
}

function run({ state, asset, rule, from, observations, now }: Scan, start: Keys): Keys {
  const own = [rule]
  const course = copyCourse(from.course)
  course.keys = new Map(start)
  const { suspectFixes } = state.counts
  const pass = newRun({ state, asset, course, sink: SILENT, rulesFor: (_, kind) => (kind === rule.file.on ? own : NONE) })
  if (from.at >= 0 && rule.file.each !== 'object' && !start.has(rule.name)) judgeByTime(pass, rule, from.at)
  for (const observation of observations) {
    applyObservation(pass, observation, eventAt(asset, observation), isLate(state.devices.get(observation.device), effectiveAt(observation), observation.receivedAt))
  }
  elapseTo(pass, now)
  state.counts.suspectFixes = suspectFixes
  return course.keys
}

const NONE: readonly CompiledRule[] = []
const SILENT: Run['sink'] = { event: () => {}, severity: () => {} }

/** Whether what was before the scan makes no difference any more: it comes to the same from a hold that fired all along. */
function settled(scan: Scan, keys: Keys): boolean {
  const { rule, from, observations } = scan
  if (rule.file.each === 'object') {
    const first: Instant = observations[0] ? eventAt(scan.asset, observations[0]) : from.at
    return [...keys.values()].every(({ hold }) => !isHeld(hold) || hold.since > first)
  }
  const quiet = keys.get(rule.name) ?? IDLE_KEY
  const loud = run(scan, new Map([[rule.name, { ...IDLE_KEY, hold: { phase: 'firing', since: from.at - 1, clearSince: 0 } }]])).get(rule.name) ?? IDLE_KEY
  return quiet.hold.phase === loud.hold.phase && quiet.hold.since === loud.hold.since
}
