import type { AssetState } from '../state/city.ts'

/** Devices of an asset: those it names, else the one that bears its id. */
export function devicesOf(asset: Pick<AssetState, 'id' | 'devices'>): readonly string[] {
  return asset.devices.length > 0 ? asset.devices : [asset.id]
}
