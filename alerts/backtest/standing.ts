import type { AlertId, AssetId, DeviceId } from '../../domain/ids.ts'
import { newAsset, ruleNamed } from '../../rules/assets.ts'
import type { Engine } from '../../rules/engine.ts'
import { type AssetState, copyCourse, type KeyState, type RaisedAlert } from '../../rules/state.ts'
import type { AlertSpan } from '../../store/book/rule-alerts.ts'

/**
 * Alerts that stand when a run begins stand for both versions, as they would when the edit goes live then: else a cover
 * that has been tilted for a week would look like a new alert, and one on its way back would be raised again.
 */
export function putStanding(engine: Engine, rule: string, standing: readonly AlertSpan[]): void {
  for (const alert of standing) {
    // The key of an alert about an area is not its asset's.
    if (alert.key !== alert.asset && !alert.key.startsWith(`${alert.asset}/`)) continue
    const asset = assetOf(engine, alert)
    const rest = alert.key.slice(alert.asset.length + 1)
    for (const lane of [rule, `${rule}@shadow`]) put(engine, asset, rest === '' ? lane : `${lane}|${rest}`, alert)
    // A backfill that begins at the beginning finds it there too.
    asset.checkpoints = asset.checkpoints.map((each) => ({ ...each, course: copyCourse(asset.course) }))
    engine.reschedule(asset)
  }
}

function assetOf(engine: Engine, { asset: id }: AlertSpan): AssetState {
  const { state } = engine
  return state.assets.get(id as AssetId) ?? engine.addAsset(newAsset(state, id as AssetId, undefined, [id as DeviceId], state.clock))
}

function put({ state }: Engine, asset: AssetState, name: string, { id, key, openedAt, severity }: AlertSpan): void {
  const rule = ruleNamed(state, asset, name)
  if (!rule) return
  const onset = { values: {}, observations: [], lon: null, lat: null, model: null, late: false }
  const held: KeyState = { hold: { phase: 'firing', since: openedAt, clearSince: 0 }, memory: [], onset, severity }
  const raised: RaisedAlert = {
    ...{ id: id as AlertId, key, ruleVersion: rule.version, condition: 'firing', openedAt, raisedAt: openedAt, resolvedAt: null, severity },
    ...{ informed: false, late: false, amended: null, onset },
  }
  asset.course.keys.set(name, held)
  asset.raised.set(name, [raised])
}
