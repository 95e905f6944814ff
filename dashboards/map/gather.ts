/** An alert on the screen; x and y in pixels. */
export interface Spot {
  id: string
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
  const cells = new Map<string, Gathering[]>()
  const all: Gathering[] = []
  for (const spot of [...spots].sort((a, b) => b.rank - a.rank || Number(b.open) - Number(a.open) || (a.id < b.id ? -1 : 1))) {
    const near = nearest(cells, spot, radius)
    if (near) {
      near.ids.push(spot.id)
      near.open ||= spot.open
      near.firing ||= spot.firing
      near.spread = Math.max(near.spread, Math.hypot(spot.x - near.x, spot.y - near.y))
      continue
    }
    const made: Gathering = { ...spot, ids: [spot.id], spread: 0 }
    all.push(made)
    const key = `${Math.floor(spot.x / radius)},${Math.floor(spot.y / radius)}`
    const list = cells.get(key)
    if (list) list.push(made)
    else cells.set(key, [made])
  }
  return all
}

function nearest(cells: ReadonlyMap<string, Gathering[]>, spot: Spot, radius: number): Gathering | undefined {
  const [cx, cy] = [Math.floor(spot.x / radius), Math.floor(spot.y / radius)]
  let best: Gathering | undefined
  let bestFar = radius
  for (let x = cx - 1; x <= cx + 1; x++) {
    for (let y = cy - 1; y <= cy + 1; y++) {
      for (const gathering of cells.get(`${x},${y}`) ?? []) {
        const far = Math.hypot(spot.x - gathering.x, spot.y - gathering.y)
        if (far < bestFar) [best, bestFar] = [gathering, far]
      }
    }
  }
  return best
}
