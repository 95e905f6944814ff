import { liesIn } from '../domain/area.ts'
import type { Asset, AssetKind } from '../domain/asset.ts'
import type { Kind } from '../domain/fields.ts'
import type { AssetId, DeviceId } from '../domain/ids.ts'
import type { RuleFile } from '../domain/rule.ts'
import type { Instant } from '../domain/time.ts'
import { NO_FIX } from './fix.ts'
import { bindingFor, paramsFor } from './overrides.ts'
import { ruleOf } from './raised.ts'
import { type CompiledRule, isTimed, withBinding, withParams } from './rule.ts'
import { type AssetState, type Checkpoint, type Course, copyCourse, type EngineState, type Lanes, type Selected } from './state.ts'
import { newWake } from './wake.ts'

/** An asset about which nothing has been heard yet. Its whole history is known, so a backfill may begin at its beginning. */
export function newAsset(state: EngineState, id: AssetId, asset: Asset | undefined, devices: DeviceId[], knownSince: Instant): AssetState {
  const course: Course = { values: {}, fix: NO_FIX, seen: {}, tracks: new Map(), vehicles: new Map(), keys: new Map(), frontier: -1, offset: state.offset }
  return {
    id,
    asset,
    knownSince,
    since: state.offset,
    devices,
    course,
    checkpoints: [{ at: -1, offset: state.offset, course: copyCourse(course) }],
    sinceCheckpoint: 0,
    edited: new Map(),
    raised: new Map(),
    reminders: new Map(),
    tooLate: [],
    late: null,
    backfilledAt: 0,
    skews: [],
    waiting: [],
    rules: undefined,
    timed: undefined,
    nextDue: Infinity,
    wake: newWake(id),
  }
}

/** Rules of a kind that apply to an asset, as its overrides make them. */
export function rulesFor(state: EngineState, asset: AssetState, kind: Kind): readonly CompiledRule[] {
  return selected(state, asset).byKind.get(kind) ?? NONE
}

const NONE: readonly CompiledRule[] = []

/** The rule that a key of the asset's course belongs to; undefined when none such applies to it any more. */
export function ruleNamed(state: EngineState, asset: AssetState, name: string): CompiledRule | undefined {
  return selected(state, asset).byName.get(ruleOf(name))
}

/** Whether a rule judged the asset at the checkpoint as it does now: only then can it be run again from there. */
export function judgedSince(state: EngineState, asset: AssetState, name: string, from: Checkpoint): boolean {
  return ruleNamed(state, asset, name) !== undefined && (asset.edited.get(ruleOf(name)) ?? 0) <= from.offset
}

/** All rules that apply to an asset; kept until the rules or the asset change. */
export function selected(state: EngineState, asset: AssetState): Selected {
  asset.rules ??= select(state, asset)
  return asset.rules
}

/** Whether time alone can turn a condition of the rules that apply to the asset. */
export function hasTimed(state: EngineState, asset: AssetState): boolean {
  for (const rule of selected(state, asset).byName.values()) if (isTimed(rule)) return true
  return false
}

function select(state: EngineState, asset: AssetState): Selected {
  const rules: CompiledRule[] = []
  for (const lanes of state.rules.values()) {
    for (const rule of inForce(lanes, asset.asset)) {
      if (!selectsAsset(rule.file, asset.asset, kindOf(state, asset, rule.file.on))) continue
      const binding = bindingFor(rule, asset, state)
      if (binding !== 'not_bound') rules.push(withBinding(withParams(rule, paramsFor(rule, asset, binding)), binding))
    }
  }
  return shared(state, rules)
}

/** Most assets of a kind have the very same rules: they share one table, by the rules' objects. */
const tables = new WeakMap<EngineState, Selected[]>()
/** More sorts of assets than this have tables of their own. */
const MAX_TABLES = 64

function shared(state: EngineState, rules: readonly CompiledRule[]): Selected {
  const known = tables.get(state) ?? []
  tables.set(state, known)
  const same = known.find(({ byName }) => byName.size === rules.length && rules.every((rule) => byName.get(rule.name) === rule))
  if (same) return same
  const byKind = new Map<Kind, CompiledRule[]>()
  for (const rule of rules) {
    const list = byKind.get(rule.file.on)
    if (list) list.push(rule)
    else byKind.set(rule.file.on, [rule])
  }
  const table: Selected = { byKind, byName: new Map(rules.map((rule) => [rule.name, rule])) }
  known.push(table)
  if (known.length > MAX_TABLES) known.shift()
  return table
}

const NOWHERE = { area: null, grid: null }

/** Of a rule's versions those that judge an asset: the one that is live where it stands, and the one in shadow. */
function inForce({ live, trial, shadow }: Lanes, asset: Asset | undefined): CompiledRule[] {
  const tried = trial?.areas?.some((area) => liesIn(area, asset ?? NOWHERE))
  return [tried ? trial : live, shadow].filter((each) => each !== undefined)
}

const ASSET_KIND: Record<Kind, AssetKind> = { cover: 'cover', vehicle: 'vehicle', scene: 'camera', sensor: 'sensor', report: 'other', presence: 'other' }

/** What an asset is: as registered, else what it must be to report such things. That it is there or not everything can say: of a device with a camera's configuration that is a camera. */
export function kindOf({ cameras }: Pick<EngineState, 'cameras'>, { asset, devices }: Pick<AssetState, 'asset' | 'devices'>, reports: Kind): AssetKind {
  if (asset) return asset.kind
  const kind = ASSET_KIND[reports]
  return kind === 'other' && devices.some((device) => cameras.has(device)) ? 'camera' : kind
}

/** Whether a rule's selector takes the asset; an unregistered one, of this kind, gets the rules that select by nothing else. */
export function selectsAsset({ assets: wanted }: Pick<RuleFile, 'assets'>, asset: Asset | undefined, kind: AssetKind): boolean {
  if (!wanted) return true
  if (wanted.kind !== undefined && wanted.kind !== (asset?.kind ?? kind)) return false
  if (wanted.area !== undefined && !liesIn(wanted.area, asset ?? NOWHERE)) return false
  return Object.entries(wanted.labels ?? {}).every(([name, value]) => asset?.labels[name] === value)
}
