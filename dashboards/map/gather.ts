import type { Position } from '../../domain/geo.ts'

/** An alert on the screen; x and y in pixels. */
export interface Spot {
  id: string
  position: Position
  x: number
  y: number
  rank: number
  open: boolean
  firing: boolean
}

/** Alerts too near to be told apart, drawn as the worst of them with their number. */
export interface Gathering extends Spot {
  ids: string[]
  /** Pixels between the two farthest from the middle: 0 when all stand on one place and no zoom parts them. */
  spread: number
}

/**
 * Gathers spots nearer than `radius` pixels, the worst first. Which spots gather depends only on how far they are from
 * one another, so nothing flickers while the map is moved, only while it is zoomed.
 */
export function gather(spots: readonly Spot[], radius: number): Gathering[] {
  const cells = new Map<number, Gathering[]>()
  const all: Gathering[] = []
  for (const spot of [...spots].sort(worseFirst)) {
    const [column, row] = [Math.floor(spot.x / radius), Math.floor(spot.y / radius)]
    const near = nearest(cells, spot, column, row, radius)
    if (near) {
      join(near, spot)
      continue
    }
    const made: Gathering = { ...spot, ids: [spot.id], spread: 0 }
    all.push(made)
    const key = keyOf(column, row)
    const list = cells.get(key)
    if (list) list.push(made)
    else cells.set(key, [made])
  }
  return all
}

function worseFirst(a: Spot, b: Spot): number {
  return b.rank - a.rank || Number(b.open) - Number(a.open) || (a.id < b.id ? -1 : 1)
}

function join(gathering: Gathering, spot: Spot): void {
  gathering.ids.push(spot.id)
  gathering.open ||= spot.open
  gathering.firing ||= spot.firing
  gathering.spread = Math.max(gathering.spread, Math.hypot(spot.x - gathering.x, spot.y - gathering.y))
}

/** One number for a cell: text keys cost more than everything else here together. */
function keyOf(column: number, row: number): number {
  return column * 0x400000 + row
}

function nearest(cells: ReadonlyMap<number, Gathering[]>, spot: Spot, column: number, row: number, radius: number): Gathering | undefined {
  let best: Gathering | undefined
  let bestFar = radius
  for (let x = column - 1; x <= column + 1; x++) {
    for (let y = row - 1; y <= row + 1; y++) {
      for (const gathering of cells.get(keyOf(x, y)) ?? []) {
        const far = Math.hypot(spot.x - gathering.x, spot.y - gathering.y)
        if (far < bestFar) [best, bestFar] = [gathering, far]
      }
    }
  }
  return best
}
