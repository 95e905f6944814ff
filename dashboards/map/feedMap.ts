import type { Alert } from '../../domain/alert.ts'
import type { Position } from '../../domain/geo.ts'
import { rank } from '../alerts/words.ts'
import type { AssetState, City } from '../state/city.ts'
import type { Store } from '../state/store.ts'
import type { CityMap } from './cityMap.ts'
import { FIXED, fixedKindOf, fixedPoints, placeOf, zoneShapes } from './features.ts'
import { alertsOnMap, type Mark, marksOf } from './marks.ts'
import { glideTo, placeAt } from './motion.ts'
import type { OverlayAlert } from './overlay.ts'

/** How often points that only grew silent are drawn anew. */
const SILENCE_MS = 60_000

/**
 * Brings the city to the map whenever the store has changed (at most once per 250 ms, the store's own pace).
 * A source gets new data only when one of its drawn points differs: a reading that changes no look costs the map nothing.
 */
export function feedMap(map: CityMap, city: Store<City>): () => void {
  let shown: City | undefined
  let marks: ReadonlyMap<string, Mark> = new Map()
  const draw = (): void => {
    const next = city.get()
    const nextMarks = marksOf(next.alerts)
    const marksChanged = nextMarks !== marks
    if (shown?.places !== next.places) map.setPoints('zone', zoneShapes(next.assets.values()))
    if (shown?.places !== next.places || (marksChanged && marksDiffer(marks, nextMarks, next))) drawFixed(map, next, nextMarks)
    if (shown?.assets !== next.assets || marksChanged) moveVehicles(map, shown?.assets, next.assets, nextMarks)
    if (shown?.alerts !== next.alerts || shown.places !== next.places) map.overlay.setAlerts(overlayAlerts(alertsOnMap(next.alerts), next.assets))
    marks = nextMarks
    shown = next
  }
  const timer = setInterval(() => drawFixed(map, city.get(), marks), SILENCE_MS)
  const leave = city.subscribe(draw)
  draw()
  return () => {
    clearInterval(timer)
    leave()
  }
}

function drawFixed(map: CityMap, city: City, marks: ReadonlyMap<string, Mark>): void {
  for (const kind of FIXED) map.setPoints(kind, fixedPoints(city.assets.values(), kind, marks, Date.now()))
}

/** Do the marks differ for an asset that stands still? (Alerts upon vehicles are drawn with the vehicle.) */
function marksDiffer(before: ReadonlyMap<string, Mark>, after: ReadonlyMap<string, Mark>, city: City): boolean {
  const fixed = (id: string): boolean => {
    const asset = city.assets.get(id)
    return asset !== undefined && fixedKindOf(asset) !== undefined
  }
  for (const [id, mark] of after) if (before.get(id)?.worst !== mark.worst && fixed(id)) return true
  for (const id of before.keys()) if (!after.has(id) && fixed(id)) return true
  return false
}

function moveVehicles(map: CityMap, before: City['assets'] | undefined, after: City['assets'], marks: ReadonlyMap<string, Mark>): void {
  const now = performance.now()
  const { vehicles } = map.overlay
  for (const asset of after.values()) {
    if (asset.kind !== 'vehicle' || asset.lon === null || asset.lat === null) continue
    const known = vehicles.get(asset.id)
    const worst = marks.get(asset.id)?.worst ?? -1
    if (known && before?.get(asset.id) === asset) known.worst = worst
    else
      vehicles.set(asset.id, {
        glide: glideTo(known?.glide, { position: [asset.lon, asset.lat], headingDeg: headingOf(asset), at: asset.at }, now),
        moving: isMoving(asset),
        worst,
      })
  }
  for (const id of vehicles.keys()) if (!after.has(id)) vehicles.delete(id)
}

function headingOf(asset: AssetState): number | undefined {
  return typeof asset.values.headingDeg === 'number' ? asset.values.headingDeg : undefined
}

function isMoving(asset: AssetState): boolean {
  const speed = asset.values.speedKmh
  return typeof speed !== 'number' || speed > 1
}

function overlayAlerts(alerts: readonly Alert[], assets: City['assets']): OverlayAlert[] {
  return alerts.flatMap((alert) => {
    const place = placeOf(alert, assets)
    return place ? [{ id: alert.id, position: place, rank: rank(alert.severity), open: alert.review === 'open', firing: alert.condition === 'firing' }] : []
  })
}

/** Where a vehicle is drawn at this moment. */
export function vehiclePlace(map: CityMap, id: string): Position | undefined {
  const vehicle = map.overlay.vehicles.get(id)
  return vehicle && placeAt(vehicle.glide, performance.now()).position
}
