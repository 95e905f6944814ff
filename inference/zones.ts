import type { PictureZone } from '../domain/camera.ts'
import { insideRing } from '../domain/geo.ts'
import type { Box } from '../domain/observation.ts'

/** Ids of the zones that a box stands in: by its bottom centre, where a thing touches the ground. */
export function zonesOf(box: Box, zones: readonly PictureZone[]): string[] {
  const foot = [box[0] + box[2] / 2, box[1] + box[3]] as const
  return zones.filter((zone) => insideRing(foot, zone.polygon)).map((zone) => zone.id)
}
