import { type Asset, devicesOf } from '../domain/asset.ts'
import type { DeviceId } from '../domain/ids.ts'
import type { Instant } from '../domain/time.ts'
import { hasTimed, newAsset, selected } from './assets.ts'
import { checkpoint } from './checkpoint.ts'
import { edit, endKeys } from './edit.ts'
import type { Engine } from './engine.ts'
import { settleLate } from './late.ts'
import type { AssetState } from './state.ts'
import { releaseUpTo } from './waiting.ts'

/** An asset is registered, or replaced as a whole. A device watches one asset: the last one that claims it. */
export function putAsset(engine: Engine, asset: Asset, receivedAt: Instant): void {
  const { state } = engine
  state.fleet.put(asset)
  const devices = [...new Set(devicesOf(asset))] as DeviceId[]
  for (const device of devices) takeFromOwner(engine, asset, device)
  const known = state.assets.get(asset.id)
  if (!known) {
    engine.reschedule(engine.addAsset(newAsset(state, asset.id, asset, devices, receivedAt)))
    return
  }
  settleLate(engine, known)
  const was = selected(state, known)
  if (known.devices.join() !== devices.join()) setDevices(engine, known, devices)
  const before = known.asset
  const permits = JSON.stringify(before?.permits ?? [])
  Object.assign(known, { asset, rules: undefined, timed: undefined })
  engine.gathers.moved(known, before, was)
  edit(engine, known, was)
  if (JSON.stringify(asset.permits) !== permits && hasTimed(state, known)) engine.judgeTimed(known)
  else engine.reschedule(known)
}

/** An asset that stood for nothing but this device, which nobody had registered, ends with it: else it would be silent for ever. */
function takeFromOwner(engine: Engine, asset: Asset, device: DeviceId): void {
  const { state } = engine
  const id = state.assetOf.get(device)
  const owner = id === undefined || id === asset.id ? undefined : state.assets.get(id)
  if (!owner) return
  setDevices(
    engine,
    owner,
    owner.devices.filter((each) => each !== device),
  )
  if (owner.asset || owner.devices.length > 0) return engine.reschedule(owner)
  for (const rule of selected(state, owner).byName.values()) endKeys(engine, owner, rule, 'not_in_force')
  engine.removeAsset(owner)
}

/** What other devices said, or these about another asset, is not this asset's past: late data is merged from here on only. */
function setDevices(engine: Engine, asset: AssetState, devices: DeviceId[]): void {
  settleLate(engine, asset)
  releaseUpTo(engine.run(asset), Infinity)
  for (const device of asset.devices) if (engine.state.assetOf.get(device) === asset.id) engine.state.assetOf.delete(device)
  Object.assign(asset, { devices, since: engine.state.offset, checkpoints: [] })
  checkpoint(asset, engine.state.offset, true)
  engine.addAsset(asset)
}
