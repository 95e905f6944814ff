import type { Size } from '../letterbox.ts'

/** Cells that hang together. */
export interface Region {
  cells: number[]
  /** The cells around them. */
  around: number[]
  /** Left, top, right and bottom edge, in cells. */
  box: readonly [left: number, top: number, right: number, bottom: number]
}

/** A cell counts that has so many of its eight neighbours with it: the edge of a shade is a thin line. */
const NEIGHBOURS = 6
/** A gap with so many neighbours around it is closed. */
const CLOSES = 6
/** Smaller than this is a leaf, or noise. */
const LEAST_CELLS = 5

/** The regions of the cells that are set, the largest first: narrow gaps are closed, thin lines and specks left out. */
export function regionsOf(set: Uint8Array, grid: Size): Region[] {
  if (!set.includes(1)) return []
  const closed = withCrowd(set, grid, (each, crowd) => each === 1 || crowd >= CLOSES)
  const core = withCrowd(closed, grid, (each, crowd) => each === 1 && crowd >= NEIGHBOURS)
  const seen = new Uint8Array(set.length)
  const regions: Region[] = []
  for (let cell = 0; cell < core.length; cell++) {
    if (!core[cell] || seen[cell]) continue
    const cells = flood(cell, closed, core, seen, grid)
    if (cells.length >= LEAST_CELLS) regions.push({ cells, around: ringOf(cells, closed, grid), box: boundsOf(cells, grid) })
  }
  return regions.sort((a, b) => b.cells.length - a.cells.length || (a.cells[0] as number) - (b.cells[0] as number))
}

/** The cells for which it holds, each with the number of its neighbours that are set. */
function withCrowd(set: Uint8Array, grid: Size, holds: (each: number, crowd: number) => boolean): Uint8Array {
  return set.map((each, cell) => (holds(each, neighbours(cell, grid).filter((other) => set[other]).length) ? 1 : 0))
}

/** From core to core, with the set cells at their edge. */
function flood(start: number, set: Uint8Array, core: Uint8Array, seen: Uint8Array, grid: Size): number[] {
  const cells = [start]
  seen[start] = 1
  for (let i = 0; i < cells.length; i++) {
    const cell = cells[i] as number
    if (!core[cell]) continue
    for (const other of neighbours(cell, grid)) {
      if (!set[other] || seen[other]) continue
      seen[other] = 1
      cells.push(other)
    }
  }
  return cells.sort((a, b) => a - b)
}

function neighbours(cell: number, { width, height }: Size): number[] {
  const [column, row] = [cell % width, Math.floor(cell / width)]
  const cells: number[] = []
  for (let y = Math.max(0, row - 1); y <= Math.min(height - 1, row + 1); y++)
    for (let x = Math.max(0, column - 1); x <= Math.min(width - 1, column + 1); x++) if (x !== column || y !== row) cells.push(y * width + x)
  return cells
}

/** Two cells wide, a cell away: the edge itself is half of each. */
function ringOf(cells: readonly number[], set: Uint8Array, grid: Size): number[] {
  const within = new Set(cells)
  let edge = new Set(cells)
  const ring: number[] = []
  for (let layer = 0; layer < 3; layer++) {
    const next = new Set<number>()
    for (const cell of edge) for (const other of neighbours(cell, grid)) if (!within.has(other)) next.add(other)
    for (const cell of next) {
      within.add(cell)
      if (layer > 0 && !set[cell]) ring.push(cell)
    }
    edge = next
  }
  return ring
}

function boundsOf(cells: readonly number[], { width }: Size): Region['box'] {
  const columns = cells.map((cell) => cell % width)
  const rows = cells.map((cell) => Math.floor(cell / width))
  return [Math.min(...columns), Math.min(...rows), Math.max(...columns) + 1, Math.max(...rows) + 1]
}
