import { solve } from './linear.ts'

export type Point = readonly [x: number, y: number]

/**
 * The map of one plane to another: [a b c; d e f; g i 1], its first eight elements in a row. Of all that fit, the one that
 * misses `to` least: by the direct linear transform first, then by Gauss and Newton. The middle of the points must be near
 * the origin. Undefined when the points leave it open.
 */
export function fitted(from: readonly Point[], to: readonly Point[]): number[] | undefined {
  const start = linear(from, to)
  return start && refined(start, from, to)
}

/** The middle of the points lies before the camera, so the last element may be 1. */
function linear(from: readonly Point[], to: readonly Point[]): number[] | undefined {
  const rows = from.flatMap(([u, v], i) => {
    const [x, y] = to[i] as Point
    return [
      [u, v, 1, 0, 0, 0, -x * u, -x * v],
      [0, 0, 0, u, v, 1, -y * u, -y * v],
    ]
  })
  return leastSquares(rows, to.flat())
}

/** From errors that are weighed by distance to errors in the plane. */
function refined(start: readonly number[], from: readonly Point[], to: readonly Point[]): number[] {
  let h = [...start]
  for (let round = 0; round < 10; round++) {
    const miss = from.flatMap((point, i) => {
      const [x, y] = projected(h, point)
      const [tx, ty] = to[i] as Point
      return [tx - x, ty - y]
    })
    const step = leastSquares(
      from.flatMap((point) => slopes(h, point)),
      miss,
    )
    if (!step) break
    const next = h.map((value, i) => value + (step[i] as number))
    if (!(missed(next, from, to) < missed(h, from, to))) break
    h = next
  }
  return h
}

const missed = (h: readonly number[], from: readonly Point[], to: readonly Point[]): number =>
  from.reduce((sum, point, i) => sum + (depth(h, point) > 0 ? squaredDistance(projected(h, point), to[i] as Point) : Infinity), 0)

function leastSquares(rows: readonly (readonly number[])[], values: readonly number[]): number[] | undefined {
  return solve(
    squared(rows),
    Array.from({ length: 8 }, (_, i) => rows.reduce((sum, row, r) => sum + (row[i] as number) * (values[r] as number), 0)),
  )
}

function squared(rows: readonly (readonly number[])[]): number[][] {
  return Array.from({ length: 8 }, (_, i) => Array.from({ length: 8 }, (_, j) => rows.reduce((sum, row) => sum + (row[i] as number) * (row[j] as number), 0)))
}

/** How far the elements may be off when each point is by `deviation` in each direction; undefined when they leave it open. */
export function covarianceOf(h: readonly number[], from: readonly Point[], deviation: number): number[][] | undefined {
  const information = squared(from.flatMap((point) => slopes(h, point)))
  const columns = Array.from({ length: 8 }, (_, i) =>
    solve(
      information,
      Array.from({ length: 8 }, (_, j) => (i === j ? deviation * deviation : 0)),
    ),
  )
  return columns.includes(undefined) ? undefined : (columns as number[][])
}

/** The denominator: positive before the camera, zero on the horizon. */
export const depth = (h: readonly number[], [u, v]: Point): number => (h[6] as number) * u + (h[7] as number) * v + 1

export function projected(h: readonly number[], [u, v]: Point): Point {
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = h
  const w = depth(h, [u, v])
  return [(a * u + b * v + c) / w, (d * u + e * v + f) / w]
}

/** How the place on the plane changes with each element of `h`. */
export function slopes(h: readonly number[], [u, v]: Point): [number[], number[]] {
  const w = depth(h, [u, v])
  const [x, y] = projected(h, [u, v])
  return [
    [u / w, v / w, 1 / w, 0, 0, 0, (-x * u) / w, (-x * v) / w],
    [0, 0, 0, u / w, v / w, 1 / w, (-y * u) / w, (-y * v) / w],
  ]
}

/** How the place on the plane changes with the point of the picture: of x, then of y. */
export function byPoint(h: readonly number[], point: Point): [Point, Point] {
  const [a = 0, b = 0, , d = 0, e = 0, , g = 0, i = 0] = h
  const w = depth(h, point)
  const [x, y] = projected(h, point)
  return [
    [(a - x * g) / w, (b - x * i) / w],
    [(d - y * g) / w, (e - y * i) / w],
  ]
}

const squaredDistance = (a: Point, b: Point): number => (a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2
