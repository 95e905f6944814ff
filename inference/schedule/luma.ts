import type { Placement, Size } from '../letterbox.ts'

/** A small picture of brightness, 0–255: what the gate compares. */
export interface Luma extends Size {
  values: Uint8Array
}

const COLUMNS = 64
const ROWS: readonly [least: number, most: number] = [8, 96]
/** Every second pixel of every second row is enough for a mean over a cell. */
const STEP = 2

/** How many cells a picture of this shape has: about square ones, 64 in a row. */
export function gridOf({ width, height }: Size): Size {
  return { width: Math.min(COLUMNS, width), height: Math.max(1, Math.min(height, ROWS[1], Math.max(ROWS[0], Math.round((COLUMNS * height) / width)))) }
}

/**
 * Compiles the shrinking of a frame (red, green, blue side by side, `width` pixels in a row) to the mean brightness of each cell;
 * the padding around the picture is left out. The result is valid until the next call.
 */
export function lumaSampler(width: number, at: Placement): (rgb: Uint8Array) => Luma {
  const grid = gridOf(at)
  const cells = grid.width * grid.height
  const sums = new Uint32Array(cells)
  const counts = new Uint32Array(cells)
  const values = new Uint8Array(cells)
  const columns = Uint16Array.from({ length: Math.ceil(at.width / STEP) }, (_, i) => Math.floor((i * STEP * grid.width) / at.width))
  return (rgb) => {
    sums.fill(0)
    counts.fill(0)
    for (let y = 0; y < at.height; y += STEP) {
      const first = Math.floor((y * grid.height) / at.height) * grid.width
      let from = ((at.y + y) * width + at.x) * 3
      for (let i = 0; i < columns.length; i++, from += 3 * STEP) {
        const cell = first + (columns[i] as number)
        sums[cell] = (sums[cell] as number) + (rgb[from] as number) + 2 * (rgb[from + 1] as number) + (rgb[from + 2] as number)
        counts[cell] = (counts[cell] as number) + 4
      }
    }
    for (let cell = 0; cell < cells; cell++) values[cell] = counts[cell] === 0 ? 0 : (sums[cell] as number) / (counts[cell] as number)
    return { ...grid, values }
  }
}
