import { z } from 'zod'
import { CodedError, type Detail } from './errors.ts'
import { EARTH_RADIUS_M, type Position } from './geo.ts'
import { solve } from './linear.ts'
import type { Box } from './observation.ts'
import { byPoint, covarianceOf, depth, fitted, type Point, projected, slopes } from './plane.ts'

/** A point of the picture, as fractions of width and height, that lies on the ground, and where that is on the map. */
const PointSchema = z.object({
  picture: z.tuple([z.number().min(0).max(1), z.number().min(0).max(1)]),
  lon: z.number().min(-180).max(180),
  lat: z.number().min(-90).max(90),
})
export type CalibrationPoint = z.infer<typeof PointSchema>

/** Where the ground of the picture lies on the map: four points or more, better eight, spread over it. */
export const CalibrationSchema = z.object({ points: z.array(PointSchema).min(4).max(64) })
export type Calibration = z.infer<typeof CalibrationSchema>

/** The plane through which picture and map see each other, in coordinates that are made small: see `homographyOf`. */
export interface Homography {
  /** Picture to plane: the middle of the points, and their spread. */
  readonly picture: { readonly middle: Point; readonly spread: Point }
  /** Plane to map: its origin, and metres east and north per unit. */
  readonly map: { readonly origin: Position; readonly metres: number }
  /** Rows of the matrix without its last element, which is 1. */
  readonly h: readonly number[]
  /** How far `h` may be off: its covariance, row by row. */
  readonly covariance: readonly (readonly number[])[]
  /** Of each point, how far from its place on the map the plane puts it. */
  readonly residualsM: readonly number[]
  /** Deviation of a point in one direction: what the residuals show, and half a metre at the least. */
  readonly deviationM: number
}

/** Where a thing stands, and how far it may be from there: the root of the mean square distance. */
export interface GroundPlace {
  lon: number
  lat: number
  errorM: number
}

/** A hand that clicks a picture and a map is no better, whatever so few points say of themselves. */
const LEAST_DEVIATION_M = 0.5
/** Points that miss their places by more than this share of their spread are not on one plane. */
const WORST_SHARE = 0.2
/** The foot of a box is doubtful by so much of its width and height. */
const FOOT = { x: 0.05, y: 0.05 }
/** Farther than this is near the horizon: no place is better than that one. */
const MOST_ERROR_M = 50
const OPEN = 'the points leave the plane open'
/** Triangles this much smaller than the spread of the points have no inside. */
const FLAT = 0.01

/**
 * The homography that fits the points best: by the direct linear transform over normalised coordinates (Hartley 1997),
 * then by least squares in metres on the map. Throws `calibration.invalid` that names the points that are wrong.
 */
export function homographyOf({ points }: Calibration): Homography {
  if (points.length < 4) throw refused(`a plane needs four points, there are ${points.length}`)
  const picture = frameOf(points.map((point) => point.picture))
  const origin: Position = [mean(points.map(({ lon }) => lon)), mean(points.map(({ lat }) => lat))]
  const metres = metresFrom(origin)
  const onMap = points.map(({ lon, lat }) => metres([lon, lat]))
  const scale = Math.max(...onMap.map(([east, north]) => Math.hypot(east, north)))
  const from = points.map((point) => normal(point.picture, picture))
  const to = onMap.map(([east, north]): Point => [east / scale, north / scale])
  checkSpread(from, to)
  const h = planeOf(from, to)
  checkView(h, from)
  const residualsM = residualsOf(h, from, to).map((residual) => residual * scale)
  if (Math.max(...residualsM) > WORST_SHARE * scale) throw misfit(from, to, scale)
  const left = 2 * points.length - 8
  const deviationM = Math.max(LEAST_DEVIATION_M, left > 0 ? Math.sqrt(residualsM.reduce((sum, each) => sum + each * each, 0) / left) : 0)
  const covariance = covarianceOf(h, from, deviationM / scale)
  if (!covariance) throw refused(OPEN)
  return { picture, map: { origin, metres: scale }, h, covariance, residualsM, deviationM }
}

/** Where the ground under a point of the picture is; `doubt` is that of the point. Undefined near the horizon and beyond. */
export function groundAt(homography: Homography, point: Point, doubt: Point = [0, 0]): GroundPlace | undefined {
  const { h, picture, map, covariance } = homography
  const at = normal(point, picture)
  if (depth(h, at) <= 0) return undefined
  const [x, y] = projected(h, at)
  const rows = slopes(h, at)
  let variance = rows.reduce((sum, row) => sum + quadratic(row, covariance), 0)
  const [dx, dy] = [doubt[0] / picture.spread[0], doubt[1] / picture.spread[1]]
  for (const [toX, toY] of byPoint(h, at)) variance += (toX * dx) ** 2 + (toY * dy) ** 2
  const errorM = Math.sqrt(variance) * map.metres
  if (!(errorM <= MOST_ERROR_M)) return undefined
  const [lon, lat] = positionFrom(map.origin, [x * map.metres, y * map.metres])
  return { lon: rounded(lon, 1e7), lat: rounded(lat, 1e7), errorM: rounded(errorM, 10) }
}

/** Where the thing in a box stands: under its bottom centre. */
export function placeOfBox(homography: Homography, [x, y, w, h]: Box): GroundPlace | undefined {
  return groundAt(homography, [x + w / 2, y + h], [FOOT.x * w, FOOT.y * h])
}

/** Where in the picture a place on the map would be seen; it may lie outside the picture. Undefined behind the camera. */
export function pictureAt({ h, picture, map }: Homography, position: Position): Point | undefined {
  const [east, north] = metresFrom(map.origin)(position)
  const [x, y] = [east / map.metres, north / map.metres]
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, i = 0] = h
  // x·(g·u + i·v + 1) = a·u + b·v + c, and so for y: two lines in u and v.
  const at = solve(
    [
      [a - x * g, b - x * i],
      [d - y * g, e - y * i],
    ],
    [x - c, y - f],
  )
  if (!at) return undefined
  const [u = 0, v = 0] = at
  return depth(h, [u, v]) > 0 ? [u * picture.spread[0] + picture.middle[0], v * picture.spread[1] + picture.middle[1]] : undefined
}

function refused(why: string, details: readonly Detail[] = []): CodedError {
  return new CodedError('calibration.invalid', why, { details })
}

const named = (...indices: number[]): string => indices.map((index) => index + 1).join(', ')

/** Points that coincide or lie on one line leave the plane open; which do is said. */
function checkSpread(from: readonly Point[], to: readonly Point[]): void {
  for (const [where, points] of [
    ['picture', from],
    ['map', to],
  ] as const) {
    for (const [i, a] of points.entries())
      for (const [j, b] of points.entries()) if (i < j && distance(a, b) < FLAT) throw refused(`points ${named(i, j)} are the same on the ${where}`)
    const apart = points.flatMap((_, i) => points.flatMap((_, j) => points.flatMap((_, k) => (i < j && j < k && area(points, i, j, k) > FLAT ? [[i, j, k]] : []))))
    if (apart.length === 0) throw refused(`all points lie on one line of the ${where}`)
    // A plane is fixed by four of which no three are in line.
    const fourth = apart.some(([i = 0, j = 0, k = 0]) =>
      points.some((_, l) => ![i, j, k].includes(l) && [area(points, i, j, l), area(points, i, k, l), area(points, j, k, l)].every((each) => each > FLAT)),
    )
    if (!fourth) throw refused(`all points but one lie on one line of the ${where}; two more beside that line are needed`)
  }
}

/** A camera sees the ground from above, and all of its points before it. */
function checkView(h: readonly number[], from: readonly Point[]): void {
  const behind = from.findIndex((point) => depth(h, point) <= 0)
  if (behind >= 0) throw refused(`no plane shows point ${named(behind)} where it is: two points may be exchanged`)
  const [ex, ey] = byPoint(h, [0, 0])
  // The picture's y goes down: seen from above it turns the other way than east and north do.
  if (ex[0] * ey[1] - ex[1] * ey[0] >= 0) throw refused('the map would be seen in a mirror: points are exchanged')
}

function planeOf(from: readonly Point[], to: readonly Point[]): number[] {
  const h = fitted(from, to)
  if (!h) throw refused(OPEN)
  return h
}

function residualsOf(h: readonly number[], from: readonly Point[], to: readonly Point[]): number[] {
  return from.map((point, i) => distance(projected(h, point), to[i] as Point))
}

/** Names the point without which the others fit best: a bad one bends the plane, and others seem to miss. */
function misfit(from: readonly Point[], to: readonly Point[], scale: number): CodedError {
  const without = from.map((_, i) => {
    const [rest, places] = [from.toSpliced(i, 1), to.toSpliced(i, 1)]
    const h = rest.length > 4 ? fitted(rest, places) : undefined
    return h ? { left: Math.max(...residualsOf(h, rest, places)), off: distance(projected(h, from[i] as Point), to[i] as Point) } : { left: Infinity, off: 0 }
  })
  const bad = without.reduce((best, each, i) => (each.left < (without[best]?.left ?? Infinity) ? i : best), 0)
  const { left, off } = without[bad] as { left: number; off: number }
  const details = without.map((each, i) => ({ where: `calibration.points.${i}`, why: `without it the others fit within ${(each.left * scale).toFixed(1)} m` }))
  if (left > WORST_SHARE) return refused('no plane goes through the points, nor through all but one of them')
  return refused(`no plane goes through the points: point ${named(bad)} misses its place by ${(off * scale).toFixed(1)} m`, details)
}

/** Twice the area of a triangle. */
function area(points: readonly Point[], i: number, j: number, k: number): number {
  const [a, b, c] = [points[i] as Point, points[j] as Point, points[k] as Point]
  return Math.abs((b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]))
}

function quadratic(row: readonly number[], matrix: readonly (readonly number[])[]): number {
  return row.reduce((sum, a, i) => sum + a * row.reduce((part, b, j) => part + b * ((matrix[i] as readonly number[])[j] as number), 0), 0)
}

function frameOf(points: readonly Point[]): Homography['picture'] {
  const middle: Point = [mean(points.map(([x]) => x)), mean(points.map(([, y]) => y))]
  const spread = (axis: 0 | 1): number => Math.max(1e-6, ...points.map((point) => Math.abs(point[axis] - middle[axis])))
  return { middle, spread: [spread(0), spread(1)] }
}

const normal = ([x, y]: Point, { middle, spread }: Homography['picture']): Point => [(x - middle[0]) / spread[0], (y - middle[1]) / spread[1]]
const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length
const distance = (a: Point, b: Point): number => Math.hypot(a[0] - b[0], a[1] - b[1])
const rounded = (value: number, per: number): number => Math.round(value * per) / per

const DEGREE_M = (EARTH_RADIUS_M * Math.PI) / 180

/** Metres east and north of the origin; flat, which a camera's view is. */
function metresFrom(origin: Position): (position: Position) => Point {
  const east = DEGREE_M * Math.cos((origin[1] * Math.PI) / 180)
  return ([lon, lat]) => [(lon - origin[0]) * east, (lat - origin[1]) * DEGREE_M]
}

function positionFrom(origin: Position, [east, north]: Point): Position {
  return [origin[0] + east / (DEGREE_M * Math.cos((origin[1] * Math.PI) / 180)), origin[1] + north / DEGREE_M]
}
