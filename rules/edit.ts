import { selected } from './assets.ts'
import { checkpoint } from './checkpoint.ts'
import type { Engine } from './engine.ts'
import { activeAlert, ruleOf } from './raised.ts'
import type { CompiledRule } from './rule.ts'
import type { AssetState, Selected } from './state.ts'

/**
 * What a change of the rules, or of the asset, means for what an asset's keys hold. `was`: the rules that applied to it
 * before; `names`: those that may have changed, all by default.
 */
export function edit(engine: Engine, asset: AssetState, was: Selected, names: Iterable<string> = namesOf(engine, asset, was)): void {
  const is = selected(engine.state, asset)
  let begun = false
  let timed = false
  for (const name of names) {
    const before = was.byName.get(name)
    const after = is.byName.get(name)
    if (before === after) continue
    if (before && (!after || before.file.each !== after.file.each || before.gather?.by !== after.gather?.by)) endKeys(engine, asset, before)
    begun = true
    timed ||= after !== undefined && after.turns.length > 0
  }
  if (!begun) return
  // Data before this point is not judged again by the new version; a checkpoint here lets later late data be.
  if (asset.course.frontier >= 0) checkpoint(asset, true)
  if (timed) engine.judgeTimed(asset)
  else engine.reschedule(asset)
}

function namesOf(engine: Engine, asset: AssetState, was: Selected): Set<string> {
  return new Set([...was.byName.keys(), ...selected(engine.state, asset).byName.keys()])
}

/** A rule that is no longer in force, or no longer for this asset, holds nothing: what it raised ends now. */
export function endKeys(engine: Engine, asset: AssetState, rule: CompiledRule): void {
  const { clock } = engine.state
  if (rule.gather) engine.gathers.leave(asset, rule)
  for (const name of new Set([...asset.course.keys.keys(), ...asset.raised.keys()])) {
    if (ruleOf(name) !== rule.name) continue
    asset.course.keys.delete(name)
    const alert = activeAlert(asset, name)
    if (alert) engine.change(asset, rule, name, { ...alert, condition: 'resolved', resolvedAt: clock }, 'resolved', clock)
  }
}
