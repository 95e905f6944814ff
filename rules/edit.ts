import type { EditReason } from '../domain/alert.ts'
import type { Instant } from '../domain/time.ts'
import { judgesAlike } from './alike.ts'
import { selected } from './assets.ts'
import { checkpoint } from './checkpoint.ts'
import type { Engine } from './engine.ts'
import { type Hold, IDLE } from './hold.ts'
import { IDLE_KEY, rested } from './judge.ts'
import { activeAlert, alertId, keyOf, ruleOf } from './raised.ts'
import { type Budget, MOST_LOOKED_BACK, rejudge } from './rejudge.ts'
import { askMissing } from './remind.ts'
import { type CompiledRule, isTimed } from './rule.ts'
import { standsAt } from './stands.ts'
import type { AssetState, KeyState, RaisedAlert, Selected } from './state.ts'

/** What brought an edit about. */
export interface Edit {
  /** Names of the rules that may have changed, all by default. */
  names?: readonly string[]
  /** Why alerts of rules that no longer apply end. */
  ended?: EditReason
  /** Shared by all assets that one record concerns. */
  budget?: Budget
}

/**
 * What a change of the rules, or of the asset, means for what an asset's keys hold. `was`: the rules that applied to it
 * before. A rule that judges as it did holds what it held. Another version, or one with other params, holds what it
 * would hold had it always been in force (rejudge.ts), but what was raised stands as long as its condition does.
 */
export function edit(engine: Engine, asset: AssetState, was: Selected, { names, ended = 'not_in_force', budget = { left: MOST_LOOKED_BACK } }: Edit = {}): void {
  const is = selected(engine.state, asset)
  let changed = false
  for (const name of names ?? new Set([...was.byName.keys(), ...is.byName.keys()])) {
    const before = was.byName.get(name)
    const after = is.byName.get(name)
    if (before === after || (before && after && judgesAlike(before, after))) continue
    const sameKeys = before && after && before.file.on === after.file.on && before.file.each === after.file.each && before.gather?.by === after.gather?.by
    if (before && !sameKeys) endKeys(engine, asset, before, ended)
    if (after) adopt(engine, asset, after, sameKeys ? before : undefined, budget)
    asset.edited.set(name, engine.state.offset)
    changed = true
  }
  if (!changed) return
  // From here on the rules are as they are: later late data can be judged by them.
  if (asset.course.frontier >= 0) checkpoint(asset, engine.state.offset, true)
  for (const [name, since] of asset.edited) if (since <= (asset.checkpoints[0]?.offset ?? 0)) asset.edited.delete(name)
  engine.reschedule(asset)
  engine.advance(asset)
}

/** The keys of `rule` become what they would be had it always been in force. */
function adopt(engine: Engine, asset: AssetState, rule: CompiledRule, before: CompiledRule | undefined, budget: Budget): void {
  if (nothingBegins(engine, asset, rule)) return
  const keys = rejudge(engine.state, engine.history, asset, rule, before, budget, nowOf(engine, asset, rule))
  const names = new Set([...asset.course.keys.keys(), ...asset.raised.keys()].filter((name) => ruleOf(name) === rule.name))
  for (const name of [...new Set([...names, ...keys.keys()])].sort()) (rule.gather ? adoptMember : adoptKey)(engine, asset, rule, name, keys.get(name))
  if (rule.waitMs !== undefined) askMissing(engine, asset)
}

/**
 * Up to where a rule is judged by an edit. What time alone turns is judged up to the event time that the asset has reached:
 * else an alert would end that the very next timer brings back.
 */
function nowOf(engine: Engine, asset: AssetState, rule: CompiledRule): Instant {
  const { frontier } = asset.course
  return isTimed(rule) ? Math.max(frontier, engine.reached(asset)) : frontier
}

/** Where nothing holds, a rule without memory that is false and would clear at once cannot have begun: no need to look back. */
function nothingBegins(engine: Engine, asset: AssetState, rule: CompiledRule): boolean {
  if (rule.slots.length > 0 || isTimed(rule) || rule.file.each === 'object') return false
  if ((asset.course.keys.get(rule.name) ?? IDLE_KEY).hold.phase !== 'idle' || activeAlert(asset, rule.name)) return false
  if (rule.coolMs > 0 && asset.raised.has(rule.name)) return false
  const { when, clear } = standsAt(engine.run(asset), rule, IDLE_KEY, asset.course.frontier)
  return when === false && clear === true
}

/** Keys of a rule that gathers raise nothing: what is true of the asset counts in its area, from then on or no longer. */
function adoptMember(engine: Engine, asset: AssetState, rule: CompiledRule, name: string, found: KeyState | undefined): void {
  const { keys } = asset.course
  const old = keys.get(name)
  const [was, is] = [old, found].map((key) => key?.hold.phase === 'firing' || key?.hold.phase === 'recovering')
  if (found) keys.set(name, was && is && old ? { ...found, onset: old.onset, hold: { ...found.hold, since: old.hold.since } } : found)
  else keys.delete(name)
  if (is && !was && found) engine.gathers.hear(asset, rule, name, found, { what: 'raised', at: found.hold.since + rule.forMs, since: found.hold.since })
  if (was && !is && old) engine.gathers.hear(asset, rule, name, old, { what: 'resolved', at: engine.state.clock })
}

function adoptKey(engine: Engine, asset: AssetState, rule: CompiledRule, name: string, found: KeyState | undefined): void {
  const { clock } = engine.state
  const { keys } = asset.course
  const old = keys.get(name)
  const alert = activeAlert(asset, name)
  if (alert && old) {
    const key = stillHeld(engine, asset, rule, old, found, name)
    if (key) {
      keys.set(name, key)
      const condition = key.hold.phase === 'recovering' ? 'recovering' : 'firing'
      engine.change(asset, rule, name, { ...alert, condition, severity: key.severity }, 'edited', clock, 'edited')
      return
    }
    engine.change(asset, rule, name, { ...alert, condition: 'resolved', resolvedAt: clock }, 'resolved', clock, 'edited')
  }
  const hold = holdWithout(asset, rule, name, found?.hold ?? IDLE)
  const key = rested(rule, { ...(found ?? IDLE_KEY), hold })
  if (key) keys.set(name, key)
  else keys.delete(name)
  if (found && hold.phase === 'firing') raiseNow(engine, asset, rule, name, found)
}

/**
 * The hold of a key without an alert. What is clearing now would be over in a moment: an edit does not raise it. A
 * cool-down counts from the alert that really was the last, not from one that there would have been.
 */
function holdWithout(asset: AssetState, rule: CompiledRule, name: string, found: Hold): Hold {
  const { frontier } = asset.course
  const holds = found.phase === 'pending' || found.phase === 'firing' || found.phase === 'waiting' || found.phase === 'reminded'
  const last = Math.max(0, ...(asset.raised.get(name) ?? []).map(({ resolvedAt, amended }) => (amended === 'disproved' ? 0 : (resolvedAt ?? 0))))
  const cool = last + rule.coolMs
  if (rule.coolMs > 0 && cool > frontier) return { phase: holds ? 'waiting' : 'cooling', since: cool, clearSince: 0 }
  if (found.phase === 'waiting') return { phase: 'pending', since: frontier, clearSince: 0 }
  return holds ? found : IDLE
}

/**
 * The key of an alert that stands under the new version too; undefined when it does not. A longer hold that is not over
 * yet takes nothing back: a hold decides whether an alert is raised, not whether one that was raised stands. Unknown
 * moves nothing (S4).
 */
function stillHeld(engine: Engine, asset: AssetState, rule: CompiledRule, old: KeyState, found: KeyState | undefined, name: string): KeyState | undefined {
  const key = found ?? IDLE_KEY
  const now = standsAt(engine.run(asset), rule, key, nowOf(engine, asset, rule))
  const severity = (name === rule.name ? now.severity : found?.severity) ?? old.severity
  if (key.hold.phase === 'idle' || key.hold.phase === 'cooling')
    return name === rule.name && now.when !== false ? { ...key, hold: old.hold, onset: old.onset, severity } : undefined
  const recovering = key.hold.phase === 'recovering'
  return { ...key, hold: { phase: recovering ? 'recovering' : 'firing', since: old.hold.since, clearSince: recovering ? key.hold.clearSince : 0 }, onset: old.onset, severity }
}

/** Raises what already fires under the new version. It may be an alert that ended under the old one: then that goes on. */
function raiseNow(engine: Engine, asset: AssetState, rule: CompiledRule, name: string, key: KeyState): void {
  const { clock } = engine.state
  const { since } = key.hold
  const id = alertId(rule.id, keyOf(asset, name), since)
  const ended: RaisedAlert | undefined = asset.raised.get(name)?.find((each) => each.id === id)
  if (!ended) return engine.raise(asset, rule, name, key, { at: since + rule.forMs, since }, 'edited')
  engine.change(asset, rule, name, { ...ended, condition: 'firing', resolvedAt: null, severity: key.severity, amended: null }, 'refired', clock, 'edited')
}

/** A rule that is no longer in force, or no longer for this asset, holds nothing: what it raised ends now. `only`: these keys. */
export function endKeys(engine: Engine, asset: AssetState, rule: CompiledRule, why: EditReason, only: (name: string) => boolean = () => true): void {
  const { clock } = engine.state
  if (rule.gather) engine.gathers.leave(asset, rule)
  for (const name of new Set([...asset.course.keys.keys(), ...asset.raised.keys()])) {
    if (ruleOf(name) !== rule.name || !only(name)) continue
    asset.course.keys.delete(name)
    const alert = activeAlert(asset, name)
    if (alert) engine.change(asset, rule, name, { ...alert, condition: 'resolved', resolvedAt: clock }, 'resolved', clock, why)
  }
}
