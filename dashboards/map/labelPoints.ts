import type { Feature, FeatureCollection, Point, Position } from 'geojson'

/**
 * One point per named area to write its name at. The map would write the name of an area once in every tile that the
 * area touches, so that a large street shows its name six times on one screen.
 */
export function labelPoints(basemap: FeatureCollection): FeatureCollection<Point> {
  const features = basemap.features.flatMap(({ geometry, properties }): Feature<Point>[] => {
    if (!properties?.name) return []
    const rings = geometry.type === 'Polygon' ? [geometry.coordinates[0] ?? []] : geometry.type === 'MultiPolygon' ? geometry.coordinates.map((polygon) => polygon[0] ?? []) : []
    const largest = rings.map(middleOf).sort((a, b) => b.area - a.area)[0]
    if (!largest) return []
    return [{ type: 'Feature', geometry: { type: 'Point', coordinates: largest.middle }, properties: { class: properties.class, name: properties.name } }]
  })
  return { type: 'FeatureCollection', features }
}

/** Centre of gravity and size of a ring (shoelace formula); a ring without size has the mean of its points. */
function middleOf(ring: readonly Position[]): { middle: [number, number]; area: number } {
  // Measured from the first point: with degrees around 117 the products would eat the digits that matter.
  const [ox = 0, oy = 0] = ring[0] ?? []
  let [twice, x, y] = [0, 0, 0]
  for (const [index, [ax = 0, ay = 0]] of ring.entries()) {
    const [bx = 0, by = 0] = ring[(index + 1) % ring.length] ?? []
    const cross = (ax - ox) * (by - oy) - (bx - ox) * (ay - oy)
    twice += cross
    x += (ax + bx - 2 * ox) * cross
    y += (ay + by - 2 * oy) * cross
  }
  if (Math.abs(twice) < 1e-14) return { middle: [mean(ring, 0), mean(ring, 1)], area: 0 }
  return { middle: [ox + x / (3 * twice), oy + y / (3 * twice)], area: Math.abs(twice) / 2 }
}

function mean(ring: readonly Position[], axis: 0 | 1): number {
  return ring.reduce((sum, point) => sum + (point[axis] ?? 0), 0) / Math.max(1, ring.length)
}
