import type { Paint, Rgb } from './mesh.ts'
import { noise } from './noise.ts'
import { HOLE, PAINTS } from './paint.ts'
import { NEAR_M } from './view.ts'

/** A corner in camera space with its place on the face. */
export interface Corner {
  x: number
  y: number
  z: number
  u: number
  v: number
}

export interface Fill {
  a: Rgb
  b: Rgb
  paint: Paint
  grain: number
  /** Which thing this belongs to; 0: none. */
  id: number
}

/** A picture in the making: colours, depths, and which thing is seen at each pixel. */
export class Canvas {
  readonly width: number
  readonly height: number
  /** Three per pixel, 0–255 but not yet clamped. */
  readonly rgb: Float32Array
  /** 1 ÷ distance along the camera's axis; 0: infinitely far. */
  readonly near: Float32Array
  readonly ids: Int16Array
  /** How much light falls on the ground at each pixel, 1 in plain day. */
  readonly light: Float32Array
  /** Pixels that each thing would cover if nothing stood in front of it. */
  readonly covered: number[] = []
  readonly #stamp: Int16Array

  constructor(width: number, height: number) {
    this.width = width
    this.height = height
    this.rgb = new Float32Array(width * height * 3)
    this.near = new Float32Array(width * height)
    this.ids = new Int16Array(width * height)
    this.light = new Float32Array(width * height)
    this.#stamp = new Int16Array(width * height)
  }

  /** Counts a pixel for the thing, once. */
  touch(pixel: number, id: number): void {
    if (id === 0 || this.#stamp[pixel] === id) return
    this.#stamp[pixel] = id
    this.covered[id] = (this.covered[id] ?? 0) + 1
  }

  /** Fills a convex polygon that may reach behind the camera. */
  fill(corners: readonly Corner[], focal: number, fill: Fill): void {
    const shown = corners.some(({ z }) => z < NEAR_M) ? clipped(corners) : corners
    if (shown.length < 3) return
    const plane = planeOf(shown, focal, this.width, this.height)
    if (!plane) return
    scan(plane.xs, plane.ys, this.width, this.height, (y, from, to) => this.#row(y, from, to, plane, fill, focal))
  }

  #row(y: number, from: number, to: number, { w, u, v }: Plane, { a, b, paint, grain, id }: Fill, focal: number): void {
    const painter = PAINTS[paint]
    const plain = paint === 'plain'
    const { near, rgb, ids } = this
    for (let x = from; x <= to; x++) {
      const inverse = w[0] + w[1] * (x + 0.5) + w[2] * (y + 0.5)
      const pixel = y * this.width + x
      const pu = (u[0] + u[1] * (x + 0.5) + u[2] * (y + 0.5)) / inverse
      const pv = (v[0] + v[1] * (x + 0.5) + v[2] * (y + 0.5)) / inverse
      const share = plain ? 0 : painter(pu, pv, 1 / (inverse * focal))
      if (share === HOLE) continue
      this.touch(pixel, id)
      if (inverse <= (near[pixel] as number)) continue
      near[pixel] = inverse
      ids[pixel] = id
      const light = grain > 0 ? 1 + grain * (noise(pu * 6 + id * 13, pv * 6) - 0.5) : 1
      rgb[pixel * 3] = (a[0] + (b[0] - a[0]) * share) * light
      rgb[pixel * 3 + 1] = (a[1] + (b[1] - a[1]) * share) * light
      rgb[pixel * 3 + 2] = (a[2] + (b[2] - a[2]) * share) * light
    }
  }
}

type Gradient = readonly [at0: number, perX: number, perY: number]

/** What of a polygon is linear on the screen. */
interface Plane {
  xs: number[]
  ys: number[]
  w: Gradient
  u: Gradient
  v: Gradient
}

/** Visits the pixels of a convex polygon row by row: those whose centres lie in it. */
export function scan(xs: readonly number[], ys: readonly number[], width: number, height: number, visit: (y: number, from: number, to: number) => void): void {
  const top = Math.max(0, Math.ceil(Math.min(...ys) - 0.5))
  const bottom = Math.min(height - 1, Math.ceil(Math.max(...ys) - 0.5) - 1)
  for (let y = top; y <= bottom; y++) {
    let [left, right] = [Infinity, -Infinity]
    const at = y + 0.5
    for (let i = 0, j = xs.length - 1; i < xs.length; j = i++) {
      const [y0, y1] = [ys[j] as number, ys[i] as number]
      if (y0 <= at === y1 <= at) continue
      const x = (xs[j] as number) + (((xs[i] as number) - (xs[j] as number)) * (at - y0)) / (y1 - y0)
      if (x < left) left = x
      if (x > right) right = x
    }
    visit(y, Math.max(0, Math.ceil(left - 0.5)), Math.min(width - 1, Math.ceil(right - 0.5) - 1))
  }
}

function planeOf(corners: readonly Corner[], focal: number, width: number, height: number): Plane | undefined {
  const xs = corners.map(({ x, z }) => width / 2 + (focal * x) / z)
  const ys = corners.map(({ y, z }) => height / 2 + (focal * y) / z)
  if (Math.min(...xs) >= width || Math.max(...xs) < 0 || Math.min(...ys) >= height || Math.max(...ys) < 0) return undefined
  // The widest triangle of the fan gives the steadiest slopes.
  let [best, area] = [1, 0]
  for (let i = 1; i + 1 < xs.length; i++) {
    const size = doubleArea(xs, ys, i)
    if (Math.abs(size) > Math.abs(area)) [best, area] = [i, size]
  }
  if (Math.abs(area) < 1e-3) return undefined
  const slope = (of: (corner: Corner) => number): Gradient => {
    const [a, b, c] = [corners[0], corners[best], corners[best + 1]].map((corner) => of(corner as Corner)) as [number, number, number]
    const [x1, x2, y1, y2] = [diff(xs, best), diff(xs, best + 1), diff(ys, best), diff(ys, best + 1)]
    const perX = ((b - a) * y2 - (c - a) * y1) / area
    const perY = ((c - a) * x1 - (b - a) * x2) / area
    return [a - perX * (xs[0] as number) - perY * (ys[0] as number), perX, perY]
  }
  return { xs, ys, w: slope(({ z }) => 1 / z), u: slope(({ u, z }) => u / z), v: slope(({ v, z }) => v / z) }
}

function diff(values: readonly number[], i: number): number {
  return (values[i] as number) - (values[0] as number)
}

function doubleArea(xs: readonly number[], ys: readonly number[], i: number): number {
  return diff(xs, i) * diff(ys, i + 1) - diff(xs, i + 1) * diff(ys, i)
}

/** What of a polygon lies before the camera. */
export function clipped(corners: readonly Corner[]): Corner[] {
  const out: Corner[] = []
  for (const [i, b] of corners.entries()) {
    const a = corners[(i + corners.length - 1) % corners.length] as Corner
    if (a.z >= NEAR_M !== b.z >= NEAR_M) {
      const t = (NEAR_M - a.z) / (b.z - a.z)
      const mix = (from: number, to: number) => from + (to - from) * t
      out.push({ x: mix(a.x, b.x), y: mix(a.y, b.y), z: NEAR_M, u: mix(a.u, b.u), v: mix(a.v, b.v) })
    }
    if (b.z >= NEAR_M) out.push(b)
  }
  return out
}
