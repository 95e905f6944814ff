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

/** Ids of the zones that a box stands in: by its bottom centre, where a thing touches the ground. */
export function zonesOf(box: Box, zones: readonly PictureZone[]): string[] {
  const foot = [box[0] + box[2] / 2, box[1] + box[3]] as const
  return zones.filter((zone) => insideRing(foot, zone.polygon)).map((zone) => zone.id)
}
