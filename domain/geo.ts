/** Positions are WGS-84 [lon, lat] in degrees inside; CGCS2000 differs by less than a metre and is taken as equal. */
export type Position = readonly [lon: number, lat: number]
/** A closed ring; the last point may repeat the first. */
export type Ring = readonly Position[]
/** Outer rings only, several for a multipolygon. */
export type Polygon = readonly Ring[]
export type Bbox = readonly [west: number, south: number, east: number, north: number]

export const EARTH_RADIUS_M = 6_371_008.8
const RAD = Math.PI / 180

/** Great-circle distance in metres (haversine, mean earth radius). */
export function distanceM(a: Position, b: Position): number {
  const dLat = (b[1] - a[1]) * RAD
  const dLon = (b[0] - a[0]) * RAD
  const h = Math.sin(dLat / 2) ** 2 + Math.cos(a[1] * RAD) * Math.cos(b[1] * RAD) * Math.sin(dLon / 2) ** 2
  return 2 * EARTH_RADIUS_M * Math.asin(Math.min(1, Math.sqrt(h)))
}

/** Initial bearing from a to b in degrees, north 0, clockwise. */
export function bearingDeg(a: Position, b: Position): number {
  const dLon = (b[0] - a[0]) * RAD
  const y = Math.sin(dLon) * Math.cos(b[1] * RAD)
  const x = Math.cos(a[1] * RAD) * Math.sin(b[1] * RAD) - Math.sin(a[1] * RAD) * Math.cos(b[1] * RAD) * Math.cos(dLon)
  return (Math.atan2(y, x) / RAD + 360) % 360
}

/** Even-odd test; a point on an edge counts as inside, so that neighbouring grids leave no gap. */
export function insideRing(point: Position, ring: Ring): boolean {
  let inside = false
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
    const a = ring[i] as Position
    const b = ring[j] as Position
    if (onEdge(point, a, b)) return true
    if (a[1] > point[1] !== b[1] > point[1] && point[0] < ((b[0] - a[0]) * (point[1] - a[1])) / (b[1] - a[1]) + a[0]) inside = !inside
  }
  return inside
}

function onEdge(p: Position, a: Position, b: Position): boolean {
  const cross = (p[0] - a[0]) * (b[1] - a[1]) - (p[1] - a[1]) * (b[0] - a[0])
  if (Math.abs(cross) > 1e-14) return false
  return p[0] >= Math.min(a[0], b[0]) && p[0] <= Math.max(a[0], b[0]) && p[1] >= Math.min(a[1], b[1]) && p[1] <= Math.max(a[1], b[1])
}

export function insidePolygon(point: Position, polygon: Polygon): boolean {
  return polygon.some((ring) => insideRing(point, ring))
}

export function bboxOf(polygon: Polygon): Bbox {
  let [west, south, east, north] = [Infinity, Infinity, -Infinity, -Infinity]
  for (const ring of polygon) {
    for (const [lon, lat] of ring) {
      west = Math.min(west, lon)
      east = Math.max(east, lon)
      south = Math.min(south, lat)
      north = Math.max(north, lat)
    }
  }
  return [west, south, east, north]
}

export function insideBbox(point: Position, box: Bbox): boolean {
  return point[0] >= box[0] && point[0] <= box[2] && point[1] >= box[1] && point[1] <= box[3]
}

/**
 * Distance from a point to a line of at least two points, in metres. Flat around the point: within a city it differs from
 * the great circle by less than a thousandth.
 */
export function distanceToLineM(point: Position, line: readonly Position[]): number {
  const [kx, ky] = [EARTH_RADIUS_M * RAD * Math.cos(point[1] * RAD), EARTH_RADIUS_M * RAD]
  let least = Infinity
  for (let i = 1; i < line.length; i++) {
    const a = line[i - 1] as Position
    const b = line[i] as Position
    least = Math.min(least, fromOrigin((a[0] - point[0]) * kx, (a[1] - point[1]) * ky, (b[0] - point[0]) * kx, (b[1] - point[1]) * ky))
  }
  return least
}

/** Distance from the origin to the segment between (ax, ay) and (bx, by). */
function fromOrigin(ax: number, ay: number, bx: number, by: number): number {
  const [dx, dy] = [bx - ax, by - ay]
  const length = dx * dx + dy * dy
  const t = length === 0 ? 0 : Math.min(1, Math.max(0, -(ax * dx + ay * dy) / length))
  return Math.hypot(ax + t * dx, ay + t * dy)
}

/** Distance from a point to the edge of a polygon in metres, 0 inside. */
export function distanceToPolygonM(point: Position, polygon: Polygon): number {
  if (insidePolygon(point, polygon)) return 0
  return Math.min(...polygon.map((ring) => distanceToLineM(point, [...ring, ring[0] as Position])))
}
