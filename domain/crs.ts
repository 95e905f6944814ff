import gcoordModule from 'gcoord'
import type { Position } from './geo.ts'

export const CRS = ['wgs84', 'gcj02', 'bd09'] as const
export type Crs = (typeof CRS)[number]

// gcoord's types describe an ES default export, but Node hands over module.exports itself.
const gcoord = gcoordModule as unknown as typeof gcoordModule.default
const FRAME = { gcj02: gcoord.GCJ02, bd09: gcoord.BD09 } as const

/** A position as sent → WGS-84. Phones in China often give GCJ-02; converting twice would be an error of about 500 m. */
export function toWgs84(position: Position, crs: Crs): Position {
  if (crs === 'wgs84') return position
  const [lon, lat] = gcoord.transform([position[0], position[1]], FRAME[crs], gcoord.WGS84)
  return [lon, lat]
}
