import { areaContains } from '../domain/area.ts'
import type { Asset } from '../domain/asset.ts'
import type { Kind } from '../domain/fields.ts'
import type { AssetId, DeviceId } from '../domain/ids.ts'
import type { Instant } from '../domain/time.ts'
import { NO_FIX } from './fix.ts'
import type { CompiledRule } from './rule.ts'
import { type AssetState, type Course, copyCourse, type EngineState } from './state.ts'
import { newWake } from './wake.ts'

/** An asset about which nothing has been heard yet. Its whole history is known, so a backfill may begin at its beginning. */
export function newAsset(state: EngineState, id: AssetId, asset: Asset | undefined, devices: DeviceId[], knownSince: Instant): AssetState {
  const course: Course = { values: {}, fix: NO_FIX, seen: {}, tracks: new Map(), keys: new Map(), frontier: -1, offset: state.offset }
  return {
    id,
    asset,
    knownSince,
    since: state.offset,
    devices,
    course,
    checkpoints: [{ at: -1, offset: state.offset, course: copyCourse(course) }],
    sinceCheckpoint: 0,
    raised: new Map(),
    tooLate: [],
    waiting: [],
    rules: undefined,
    timed: undefined,
    nextDue: Infinity,
    wake: newWake(id),
  }
}

/** Rules of a kind that apply to an asset; kept until the rules or the asset change. */
export function rulesFor(state: EngineState, asset: AssetState, kind: Kind): readonly CompiledRule[] {
  asset.rules ??= new Map()
  let rules = asset.rules.get(kind)
  if (!rules) {
    rules = [...state.rules.values()].filter((rule) => rule.file.on === kind && selects(rule, asset.asset, kind))
    asset.rules.set(kind, rules)
  }
  return rules
}

const ASSET_KIND: Partial<Record<Kind, string>> = { cover: 'cover', vehicle: 'vehicle', scene: 'camera', sensor: 'sensor' }

/** An unregistered device gets the default rules: those that select by nothing but the kind of asset. */
export function selects(rule: CompiledRule, asset: Asset | undefined, kind: Kind): boolean {
  const wanted = rule.file.assets
  if (!wanted) return true
  if (wanted.kind !== undefined && wanted.kind !== (asset?.kind ?? ASSET_KIND[kind])) return false
  if (wanted.area !== undefined && !areaContains(wanted.area, asset?.grid ?? asset?.area ?? null)) return false
  return Object.entries(wanted.labels ?? {}).every(([name, value]) => asset?.labels[name] === value)
}
