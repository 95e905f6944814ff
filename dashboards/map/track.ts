import type { FeatureCollection } from 'geojson'
import type { Position } from '../../domain/geo.ts'

/** Sent on the window with a vehicle's way to be drawn on the map, or with nothing. */
const TRACK = 'wanglou:track'

export interface Fixed {
  place: Position
  /** Near the time that is asked about. */
  near: boolean
}

export function showTrack(fixes: readonly Fixed[]): void {
  window.dispatchEvent(new CustomEvent(TRACK, { detail: trackShapes(fixes) }))
}

/** Calls back with what is to be drawn from now on; answers how to stop. */
export function onTrack(draw: (shapes: FeatureCollection) => void): () => void {
  const listen = (event: Event): void => draw((event as CustomEvent<FeatureCollection>).detail)
  window.addEventListener(TRACK, listen)
  return () => window.removeEventListener(TRACK, listen)
}

/** The way as a line through the fixes, and each fix as a point: a gap must look like one. */
export function trackShapes(fixes: readonly Fixed[]): FeatureCollection {
  if (fixes.length < 2) return { type: 'FeatureCollection', features: [] }
  const points = fixes.map(({ place: [lon, lat], near }) => ({
    type: 'Feature' as const,
    geometry: { type: 'Point' as const, coordinates: [lon, lat] },
    properties: { near: near ? 1 : 0 },
  }))
  const line = { type: 'Feature' as const, geometry: { type: 'LineString' as const, coordinates: fixes.map(({ place: [lon, lat] }) => [lon, lat]) }, properties: {} }
  return { type: 'FeatureCollection', features: [line, ...points] }
}
