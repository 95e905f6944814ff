import type { PictureZone } from './camera.ts'
import { insideRing } from './geo.ts'
import type { Box } from './observation.ts'

/** Share of the union that two boxes have in common, 0–1. */
export function overlap(a: Box, b: Box): number {
  const width = Math.min(a[0] + a[2], b[0] + b[2]) - Math.max(a[0], b[0])
  const height = Math.min(a[1] + a[3], b[1] + b[3]) - Math.max(a[1], b[1])
  if (width <= 0 || height <= 0) return 0
  const common = width * height
  return common / (a[2] * a[3] + b[2] * b[3] - common)
}

export function centre(box: Box): [x: number, y: number] {
  return [box[0] + box[2] / 2, box[1] + box[3] / 2]
}

/** Bottom centre: where a thing touches the ground. */
export function footOf(box: Box): readonly [x: number, y: number] {
  return [box[0] + box[2] / 2, box[1] + box[3]]
}

/** Share of a box that another one covers at which the thing behind is not to be expected to be seen. */
const HIDES = 0.3
/** Of what hides the foot lies lower in the picture, but for so many heights of what it hides: boxes tremble. */
const LOWER = 0.1

/** Whether a thing in the box `front` may hide the one in `back`: it stands nearer and covers a good part of it. */
export function hides(front: Box, back: Box): boolean {
  const width = Math.min(front[0] + front[2], back[0] + back[2]) - Math.max(front[0], back[0])
  const height = Math.min(front[1] + front[3], back[1] + back[3]) - Math.max(front[1], back[1])
  if (width <= 0 || height <= 0 || width * height < HIDES * back[2] * back[3]) return false
  return front[1] + front[3] >= back[1] + back[3] - LOWER * back[3]
}

/** Share of the picture that the part of a box within it covers, 0–1. */
export function areaShare([x, y, w, h]: Box): number {
  return Math.max(0, Math.min(1, x + w) - Math.max(0, x)) * Math.max(0, Math.min(1, y + h) - Math.max(0, y))
}

/** Share of a polygon's area that the box covers, 0–1; undefined for one without area. Corners that turn inwards are taken as they are cut. */
export function zoneShare([x, y, w, h]: Box, polygon: readonly Point[]): number | undefined {
  const whole = areaOf(polygon)
  if (whole === 0) return undefined
  let cut = polygon
  for (const inside of [(p: Point) => p[0] - x, (p: Point) => x + w - p[0], (p: Point) => p[1] - y, (p: Point) => y + h - p[1]]) cut = cutBy(cut, inside)
  // What is exactly a share of it must not be a hair less.
  return Number((areaOf(cut) / whole).toFixed(9))
}

/** The part of a polygon on the side of a line where `inside` is not negative (Sutherland and Hodgman 1974). */
function cutBy(polygon: readonly Point[], inside: (point: Point) => number): Point[] {
  return polygon.flatMap((to, i): Point[] => {
    const from = polygon.at(i - 1) as Point
    const [a, b] = [inside(from), inside(to)]
    const t = a / (a - b)
    const edge: Point[] = a < 0 !== b < 0 ? [[from[0] + t * (to[0] - from[0]), from[1] + t * (to[1] - from[1])]] : []
    return b < 0 ? edge : [...edge, to]
  })
}

function areaOf(polygon: readonly Point[]): number {
  return Math.abs(polygon.reduce((sum, to, i) => sum + crossOf(polygon.at(i - 1) as Point, to), 0)) / 2
}

function crossOf(a: Point, b: Point): number {
  return a[0] * b[1] - b[0] * a[1]
}

/** Gap between two boxes in picture heights, 0 when they touch; `aspect` is the picture's width over its height. */
export function gap(a: Box, b: Box, aspect: number): number {
  const dx = Math.max(a[0], b[0]) - Math.min(a[0] + a[2], b[0] + b[2])
  const dy = Math.max(a[1], b[1]) - Math.min(a[1] + a[3], b[1] + b[3])
  return Math.hypot(Math.max(0, dx) * aspect, Math.max(0, dy))
}

type Point = readonly [x: number, y: number]

/** Whether the way from `from` to `to` crosses the line. A point on the line belongs to its left, so that no crossing counts twice. */
export function crosses(from: Point, to: Point, line: readonly Point[]): boolean {
  for (let i = 1; i < line.length; i++) {
    const [a, b] = [line[i - 1] as Point, line[i] as Point]
    if (isLeft(a, b, from) !== isLeft(a, b, to) && isLeft(from, to, a) !== isLeft(from, to, b)) return true
  }
  return false
}

function isLeft(a: Point, b: Point, p: Point): boolean {
  return (b[0] - a[0]) * (p[1] - a[1]) - (b[1] - a[1]) * (p[0] - a[0]) >= 0
}

/** Ids of the zones that a box stands in: by its bottom centre, where a thing touches the ground. */
export function zonesOf(box: Box, zones: readonly PictureZone[]): string[] {
  const foot = footOf(box)
  return zones.filter((zone) => insideRing(foot, zone.polygon)).map((zone) => zone.id)
}
