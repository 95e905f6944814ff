import type { Position } from '../../domain/geo.ts'

/** Metres east and north of a place. Flat: within a few kilometres the error is far below that of a receiver. */
export interface Point {
  readonly x: number
  readonly y: number
}

const M_PER_DEGREE = 111_195.08

export function toPlane(origin: Position, [lon, lat]: Position): Point {
  return { x: (lon - origin[0]) * M_PER_DEGREE * Math.cos((origin[1] * Math.PI) / 180), y: (lat - origin[1]) * M_PER_DEGREE }
}

export function fromPlane(origin: Position, { x, y }: Point): Position {
  return [origin[0] + x / (M_PER_DEGREE * Math.cos((origin[1] * Math.PI) / 180)), origin[1] + y / M_PER_DEGREE]
}
