import type { Placement, Size } from '../letterbox.ts'

/** Cells of a small picture: enough to know a street again, few enough that noise averages out. */
export const COLUMNS = 64
export const ROWS = 36
const CELLS = COLUMNS * ROWS

/** Mean luminance of each cell, 0–255, row by row. */
export type Luminance = Float32Array<ArrayBuffer>

/** Samples across a cell, at most: more would tell no more. */
const SAMPLES = 4

/** The small picture of what lies at `place` in a model's input; the padding around it is left out. */
export function luminanceOf(rgb: Uint8Array, input: Size, place: Placement): Luminance {
  const cells = new Float32Array(CELLS)
  for (let row = 0; row < ROWS; row++) {
    const [top, bottom] = span(row, ROWS, place.height)
    const down = Math.max(1, Math.ceil((bottom - top) / SAMPLES))
    for (let column = 0; column < COLUMNS; column++) {
      const [left, right] = span(column, COLUMNS, place.width)
      const across = Math.max(1, Math.ceil((right - left) / SAMPLES))
      let sum = 0
      let count = 0
      for (let y = top; y < bottom; y += down) {
        for (let x = left; x < right; x += across) {
          const at = ((place.y + y) * input.width + place.x + x) * 3
          sum += 0.299 * (rgb[at] ?? 0) + 0.587 * (rgb[at + 1] ?? 0) + 0.114 * (rgb[at + 2] ?? 0)
          count++
        }
      }
      cells[row * COLUMNS + column] = sum / count
    }
  }
  return cells
}

/** Pixels from–to of a cell; of a picture smaller than the cells, one each. */
function span(index: number, cells: number, pixels: number): [from: number, to: number] {
  const from = Math.min(pixels - 1, Math.floor((index * pixels) / cells))
  return [from, Math.max(from + 1, Math.floor(((index + 1) * pixels) / cells))]
}

/** The luminance, in whole levels, that this share (0–1) of the cells stays below. */
export function percentile(picture: Luminance, share: number): number {
  const counts = new Uint16Array(256)
  for (const cell of picture) counts[cell | 0] = (counts[cell | 0] ?? 0) + 1
  let left = Math.floor(share * CELLS)
  let level = 0
  for (; level < 255; level++) {
    left -= counts[level] ?? 0
    if (left < 0) break
  }
  return level
}

/** Share of cells that are at least so bright. */
export function shareAbove(picture: Luminance, level: number): number {
  let count = 0
  for (const cell of picture) if (cell >= level) count++
  return count / CELLS
}

/** Share of cells that differ by more than `level`. */
export function shareChanged(a: Luminance, b: Luminance, level: number): number {
  let count = 0
  for (let i = 0; i < CELLS; i++) if (Math.abs((a[i] ?? 0) - (b[i] ?? 0)) > level) count++
  return count / CELLS
}

/** Blocks in which a picture's detail is told. */
const BLOCK = { columns: 8, rows: 6 }
export const BLOCKS = (COLUMNS / BLOCK.columns) * (ROWS / BLOCK.rows)

/** Mean difference between neighbouring cells, block by block. */
export function detailOf(picture: Luminance): Float32Array<ArrayBuffer> {
  const detail = new Float32Array(BLOCKS)
  const perRow = COLUMNS / BLOCK.columns
  for (let row = 0; row < ROWS - 1; row++) {
    for (let column = 0; column < COLUMNS - 1; column++) {
      const i = row * COLUMNS + column
      const cell = picture[i] ?? 0
      const block = Math.floor(row / BLOCK.rows) * perRow + Math.floor(column / BLOCK.columns)
      detail[block] = (detail[block] ?? 0) + Math.abs((picture[i + 1] ?? 0) - cell) + Math.abs((picture[i + COLUMNS] ?? 0) - cell)
    }
  }
  return detail.map((sum) => sum / (2 * BLOCK.columns * BLOCK.rows))
}

/** How far around a cell its light is taken. */
const REACH = 2

/** What is left of a picture without its slow changes of light: each cell less the mean around it. */
export function edgesOf(picture: Luminance): Float32Array<ArrayBuffer> {
  const edges = new Float32Array(CELLS)
  const sums = summed(picture)
  const width = COLUMNS + 1
  for (let row = 0; row < ROWS; row++) {
    const [top, bottom] = [Math.max(0, row - REACH), Math.min(ROWS, row + REACH + 1)]
    for (let column = 0; column < COLUMNS; column++) {
      const [left, right] = [Math.max(0, column - REACH), Math.min(COLUMNS, column + REACH + 1)]
      const sum = (sums[bottom * width + right] ?? 0) - (sums[top * width + right] ?? 0) - (sums[bottom * width + left] ?? 0) + (sums[top * width + left] ?? 0)
      const i = row * COLUMNS + column
      edges[i] = (picture[i] ?? 0) - sum / ((bottom - top) * (right - left))
    }
  }
  return edges
}

/** Sum of all cells above and left of each corner. */
function summed(picture: Luminance): Float64Array {
  const width = COLUMNS + 1
  const sums = new Float64Array(width * (ROWS + 1))
  for (let row = 0; row < ROWS; row++) {
    let sum = 0
    for (let column = 0; column < COLUMNS; column++) {
      sum += picture[row * COLUMNS + column] ?? 0
      sums[(row + 1) * width + column + 1] = (sums[row * width + column + 1] ?? 0) + sum
    }
  }
  return sums
}

/** How alike two pictures' edges are, −1–1, with one shifted by so many cells. 0 where one has none. */
export function likeness(a: Float32Array, b: Float32Array, dx = 0, dy = 0): number {
  let [ab, aa, bb] = [0, 0, 0]
  for (let row = Math.max(0, -dy); row < Math.min(ROWS, ROWS - dy); row++) {
    for (let column = Math.max(0, -dx); column < Math.min(COLUMNS, COLUMNS - dx); column++) {
      const p = a[row * COLUMNS + column] ?? 0
      const q = b[(row + dy) * COLUMNS + column + dx] ?? 0
      ab += p * q
      aa += p * p
      bb += q * q
    }
  }
  return aa > 0 && bb > 0 ? ab / Math.sqrt(aa * bb) : 0
}
