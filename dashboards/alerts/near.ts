import { distanceM, type Position } from '../../domain/geo.ts'
import type { AssetState } from '../state/city.ts'

export interface NearAsset {
  asset: AssetState
  metres: number
}

/** The nearest assets of a kind within a distance, nearest first. */
export function nearest(assets: Iterable<AssetState>, kind: string, place: Position, withinM: number, most: number): NearAsset[] {
  // A degree of latitude is 111 km everywhere: most assets fall out by one subtraction instead of a haversine.
  const degrees = withinM / 110_000
  const found: NearAsset[] = []
  for (const asset of assets) {
    if (asset.kind !== kind || asset.lon === null || asset.lat === null || Math.abs(asset.lat - place[1]) > degrees) continue
    const metres = distanceM(place, [asset.lon, asset.lat])
    if (metres <= withinM) found.push({ asset, metres })
  }
  return found.sort((a, b) => a.metres - b.metres).slice(0, most)
}
