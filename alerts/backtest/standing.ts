import type { AlertId, AssetId, DeviceId } from '../../domain/ids.ts'
import { newAsset, ruleNamed } from '../../rules/assets.ts'
import type { Engine } from '../../rules/engine.ts'
import { newGathering, settle } from '../../rules/gathering.ts'
import type { CompiledRule } from '../../rules/rule.ts'
import { type AssetState, copyCourse, type Onset, type RaisedAlert } from '../../rules/state.ts'
import type { AlertSpan } from '../../store/book/rule-alerts.ts'

/** `raised`: more of what the engine knew of it, where that matters. */
export type StandingAlert = AlertSpan & { raised?: Pick<RaisedAlert, 'raisedAt' | 'late' | 'amended' | 'informed' | 'onset'> }

/**
 * Alerts that stand when a run begins stand for both versions, as they would when the edit goes live then: else a cover
 * that has been tilted for a week would look like a new alert, and one on its way back would be raised again.
 */
export function putStanding(engine: Engine, rule: string, standing: readonly StandingAlert[], lanes: readonly string[] = [rule, `${rule}@shadow`]): void {
  for (const alert of standing) {
    // An area is no asset: its alert bears the names of those that it was made of.
    if (typeof alert.values.assets === 'string' && !engine.state.assets.has(alert.asset as AssetId)) {
      const { live, shadow } = engine.state.rules.get(rule) ?? {}
      for (const version of [live, shadow]) if (version && lanes.includes(version.name)) putArea(engine, version, alert, alert.values.assets.split(' '))
      continue
    }
    const asset = assetOf(engine, alert)
    const rest = alert.key.slice(alert.asset.length + 1)
    for (const lane of lanes) put(engine, asset, rest === '' ? lane : `${lane}|${rest}`, alert)
    engine.reschedule(asset)
  }
}

/**
 * An area's alert stands for the assets that it names: they are true since it began, until they say otherwise. Those that
 * it only counts come in again as they report.
 */
function putArea(engine: Engine, rule: CompiledRule, alert: StandingAlert, names: readonly string[]): void {
  if (!rule.gather) return
  const { state } = engine
  const by = names.map((id) => state.assets.get(id as AssetId)?.asset).find((asset) => asset !== undefined)
  const gathering = newGathering(rule.name, alert.asset, rule.gather, by ?? { area: null, grid: null })
  gathering.raised.push(raisedOf(alert, rule, { ...NO_ONSET, values: alert.values }))
  for (const id of names) {
    const asset = state.assets.get(id as AssetId)
    if (!asset || ruleNamed(state, asset, rule.name) === undefined) continue
    const { openedAt: begun, severity } = alert
    const times = { begun, from: begun, ended: null, to: null }
    gathering.members.set(asset.id, [{ asset: asset.id, name: rule.name, ...times, severity, devices: [...asset.devices], observations: [], lon: null, lat: null, late: false }])
    hold(asset, rule.name, alert)
    engine.reschedule(asset)
  }
  settle(gathering, state.clock)
  state.gatherings.set(gathering.id, gathering)
}

const NO_ONSET: Onset = { values: {}, observations: [], lon: null, lat: null, model: null, late: false }

function assetOf(engine: Engine, { asset: id }: StandingAlert): AssetState {
  const { state } = engine
  return state.assets.get(id as AssetId) ?? engine.addAsset(newAsset(state, id as AssetId, undefined, [id as DeviceId], state.clock))
}

function put({ state }: Engine, asset: AssetState, name: string, alert: StandingAlert): void {
  const rule = ruleNamed(state, asset, name)
  if (!rule) return
  hold(asset, name, alert)
  asset.raised.set(name, [raisedOf(alert, rule, NO_ONSET)])
}

function hold(asset: AssetState, name: string, { openedAt, severity }: StandingAlert): void {
  asset.course.keys.set(name, { hold: { phase: 'firing', since: openedAt, clearSince: 0 }, memory: [], onset: NO_ONSET, severity })
  // A backfill that begins at the beginning finds it there too.
  asset.checkpoints = asset.checkpoints.map((each) => ({ ...each, course: copyCourse(asset.course) }))
}

function raisedOf({ id, key, openedAt, severity, raised }: StandingAlert, { version }: CompiledRule, onset: Onset): RaisedAlert {
  return {
    ...{ id: id as AlertId, key, ruleVersion: version, condition: 'firing', openedAt, raisedAt: openedAt, resolvedAt: null, severity },
    ...{ informed: false, late: false, amended: null, onset },
    ...raised,
  }
}
