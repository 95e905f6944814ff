import { liesIn } from '../../domain/area.ts'
import type { Asset } from '../../domain/asset.ts'
import type { Kind } from '../../domain/fields.ts'
import type { Override, RuleFile } from '../../domain/rule.ts'

type Standing = Pick<Asset, 'id' | 'kind' | 'area' | 'grid' | 'labels'>

/** What kind of asset reports each kind of observation; the others come from any. */
const ASSET_KIND: Partial<Record<Kind, Asset['kind']>> = { cover: 'cover', vehicle: 'vehicle', scene: 'camera', sensor: 'sensor' }

/** Does a rule apply to an asset? As the engine selects, and only what can send its kind of observation. */
export function applies(rule: Pick<Partial<RuleFile>, 'on' | 'assets'>, asset: Standing): boolean {
  const natural = rule.on === undefined ? undefined : ASSET_KIND[rule.on]
  const { kind = natural, area, labels } = rule.assets ?? {}
  return (kind === undefined ? asset.kind !== 'zone' : asset.kind === kind) && lies(area, asset) && bears(labels, asset)
}

const lies = (area: string | undefined, asset: Standing): boolean => area === undefined || liesIn(area, asset)
const bears = (labels: Record<string, string> | undefined, asset: Standing): boolean => Object.entries(labels ?? {}).every(([name, value]) => asset.labels[name] === value)

export function overrides(override: Override, asset: Standing): boolean {
  return (override.asset === undefined || override.asset === asset.id) && lies(override.area, asset) && bears(override.labels, asset)
}
