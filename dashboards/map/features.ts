import type { Feature, FeatureCollection, Point, Polygon } from 'geojson'
import type { Alert } from '../../domain/alert.ts'
import { STALE_AFTER } from '../../domain/fields.ts'
import type { AssetState } from '../state/city.ts'
import type { Mark } from './marks.ts'

/** Kinds that stand still and are drawn from clustered sources. */
export const FIXED = ['cover', 'camera', 'sensor'] as const
export type FixedKind = (typeof FIXED)[number]

export function fixedKindOf(asset: AssetState): FixedKind | undefined {
  if (asset.kind === 'cover' || asset.kind === 'camera') return asset.kind
  return asset.kind === 'sensor' || asset.kind === 'other' ? 'sensor' : undefined
}

/** Points of one fixed kind. `worst` is -1 without an alert; `silent` when a cover or sensor has not reported for longer than its values hold. */
export function fixedPoints(assets: Iterable<AssetState>, kind: FixedKind, marks: ReadonlyMap<string, Mark>, now: number): FeatureCollection<Point> {
  const features: Feature<Point>[] = []
  for (const asset of assets) {
    if (fixedKindOf(asset) !== kind || asset.lon === null || asset.lat === null) continue
    const mark = marks.get(asset.id)
    const silent = kind !== 'camera' && !(now - asset.at < STALE_AFTER[kind])
    features.push({
      type: 'Feature',
      geometry: { type: 'Point', coordinates: [asset.lon, asset.lat] },
      properties: { id: asset.id, worst: mark?.worst ?? -1, silent: silent ? 1 : 0 },
    })
  }
  return { type: 'FeatureCollection', features }
}

/** Where an alert is drawn: its own place, else where its asset stands; undefined when neither is known. */
export function placeOf(alert: Pick<Alert, 'lon' | 'lat' | 'asset'>, assets: ReadonlyMap<string, AssetState>): [lon: number, lat: number] | undefined {
  if (alert.lon !== null && alert.lat !== null) return [alert.lon, alert.lat]
  const asset = assets.get(alert.asset)
  return asset && asset.lon !== null && asset.lat !== null ? [asset.lon, asset.lat] : undefined
}

export function zoneShapes(assets: Iterable<AssetState>): FeatureCollection<Polygon> {
  const features: Feature<Polygon>[] = []
  for (const { id, name, zone } of assets) {
    for (const ring of zone?.polygon ?? []) {
      const first = ring[0]
      const last = ring[ring.length - 1]
      const closed = first && last && (first[0] !== last[0] || first[1] !== last[1]) ? [...ring, first] : ring
      features.push({ type: 'Feature', geometry: { type: 'Polygon', coordinates: [closed.map(([lon, lat]) => [lon, lat])] }, properties: { id, name, type: zone?.type ?? '' } })
    }
  }
  return { type: 'FeatureCollection', features }
}
