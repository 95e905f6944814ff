import type { Scalar } from '../domain/alert.ts'
import { AREA_DIGITS, liesIn } from '../domain/area.ts'
import type { Algorithm } from '../domain/camera.ts'
import type { Override } from '../domain/rule.ts'
import type { CompiledRule } from './rule.ts'
import type { AssetState, EngineState } from './state.ts'

/**
 * Params that an asset has of its own: first the rule's overrides, the more particular after the more general, then what
 * its camera binds.
 */
export function paramsFor(rule: CompiledRule, asset: AssetState, binding: Algorithm | undefined): Record<string, Scalar> {
  const params: Record<string, Scalar> = {}
  const applying = rule.file.overrides.filter((override) => applies(override, asset))
  for (const override of applying.sort((a, b) => particularity(a) - particularity(b))) Object.assign(params, override.params)
  return Object.assign(params, binding?.params)
}

/**
 * How the asset's camera serves the rule; undefined: as any asset. `not_bound`: a camera that names the rules that it
 * serves does not name this one.
 */
export function bindingFor(rule: CompiledRule, asset: AssetState, state: EngineState): Algorithm | 'not_bound' | undefined {
  const algorithms = rule.file.on === 'scene' ? algorithmsOf(asset, state) : null
  if (algorithms === null) return undefined
  return algorithms.find((each) => each.rule === rule.id) ?? 'not_bound'
}

function algorithmsOf(asset: AssetState, state: EngineState) {
  for (const device of asset.devices) {
    const camera = state.cameras.get(device)
    if (camera) return camera.algorithms
  }
  return null
}

function applies(override: Override, { id, asset }: AssetState): boolean {
  if (override.asset !== undefined && override.asset !== id) return false
  if (override.area !== undefined && !liesIn(override.area, asset ?? NOWHERE)) return false
  return Object.entries(override.labels ?? {}).every(([name, value]) => asset?.labels[name] === value)
}

const NOWHERE = { area: null, grid: null }

/** Area codes grow longer as areas grow smaller; an id of the city's own is a grid's. */
function particularity(override: Override): number {
  if (override.asset !== undefined) return 1000
  return (override.labels ? 100 : 0) + (override.area === undefined ? 0 : /^\d+$/.test(override.area) ? override.area.length : AREA_DIGITS.grid)
}
