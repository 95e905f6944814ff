import { bearingDeg, type Position } from '../../domain/geo.ts'
import { distancesAlong, type Line } from '../../fixtures/city/line.ts'
import type { Random } from '../../fixtures/city/random.ts'
import { CRUISE_KMH, type Leg } from '../../fixtures/city/routes.ts'

/** A junction ahead: how fast one passes it, and how long its light is red. */
export interface Stop {
  /** Metres from the start of the route. */
  at: number
  passMps: number
  redMs: number
}
/** A way laid out for driving. */
export interface Route {
  line: Line
  distances: readonly number[]
  lengthM: number
  /** Cruising speed in m/s on each segment of the line. */
  cruiseMps: readonly number[]
  stops: readonly Stop[]
  /** Junctions in order, with metres from the start: where one can turn off. */
  junctions: readonly { node: number; at: number }[]
}
/** Where a route begins: points up to the first junction, and how fast they are driven. */
export interface Approach {
  points: readonly Position[]
  mps: number
}

const RED_SHARE = 0.18
/** Straight on over a junction, m/s. */
export const STRAIGHT_MPS = 10
/** On a yard, m/s. */
export const YARD_MPS = 3.5

/** Along the approach, the legs, and last to `end`, a spot in a yard. */
export function layOut(approach: Approach, legs: readonly Leg[], end: Position, random: Random): Route {
  const line: Position[] = [...approach.points]
  const cruiseMps = approach.points.slice(1).map(() => approach.mps)
  const corners: { index: number; node: number }[] = []
  const go = (point: Position, mps: number): void => {
    if (samePlace(line.at(-1), point)) return
    line.push(point)
    cruiseMps.push(mps)
  }
  for (const { edge, forward } of legs) {
    const points = forward ? edge.line : edge.line.toReversed()
    go(points[0] as Position, approach.mps)
    corners.push({ index: line.length - 1, node: forward ? edge.from : edge.to })
    for (const point of points.slice(1)) go(point, CRUISE_KMH[edge.rank] / 3.6)
  }
  const last = legs.at(-1)
  if (last) corners.push({ index: line.length - 1, node: last.forward ? last.edge.to : last.edge.from })
  go(end, YARD_MPS)
  const distances = distancesAlong(line)
  return {
    line,
    distances,
    lengthM: distances.at(-1) ?? 0,
    cruiseMps,
    stops: corners.flatMap(({ index }) => (index > 0 && index < line.length - 1 ? [stopAt(line, distances, index, random)] : [])),
    junctions: corners.map(({ index, node }) => ({ node, at: distances[index] ?? 0 })),
  }
}

function stopAt(line: Line, distances: readonly number[], index: number, random: Random): Stop {
  const [before, here, after] = [line[index - 1], line[index], line[index + 1]] as [Position, Position, Position]
  const turn = Math.abs(((bearingDeg(here, after) - bearingDeg(before, here) + 540) % 360) - 180)
  return { at: distances[index] ?? 0, passMps: turn > 50 ? 4 : turn > 25 ? 6.5 : STRAIGHT_MPS, redMs: random.chance(RED_SHARE) ? random.between(8000, 45_000) : 0 }
}

function samePlace(a: Position | undefined, b: Position): boolean {
  return a !== undefined && a[0] === b[0] && a[1] === b[1]
}
