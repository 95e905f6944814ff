import { type Grid, gridsWith } from './grid.ts'
import type { Head, Output } from './head.ts'
import { objectScores } from './rows.ts'
import { lastDims } from './shape.ts'
import { around } from './yolov8.ts'

/**
 * YOLOX as exported without its decoder: rows [x, y, w, h, object, class …], one per cell of three grids, finest first.
 * Centres are offsets from the cell in strides, sizes logarithms of strides; score = object × best class.
 */
export const yolox: Head = {
  overlapping: true,

  classes([shape, ...others], input) {
    const [rows = 0, width = 0] = lastDims(shape ?? [], 2) ?? []
    return others.length === 0 && gridsWith(rows, input) && width > 5 ? width - 5 : undefined
  },

  scores([output], _input, floor) {
    const [rows, width] = lastDims((output as Output).dims, 2) as [number, number]
    return objectScores(output as Output, rows, width, floor)
  },

  corners([output], input) {
    const { data, dims } = output as Output
    const [rows, width] = lastDims(dims, 2) as [number, number]
    const grids = gridsWith(rows, input) as Grid[]
    return (index) => {
      const { stride, column, line } = placeOf(index, grids)
      const at = index * width
      const x = ((data[at] as number) + column) * stride
      const y = ((data[at + 1] as number) + line) * stride
      return around(x, y, Math.exp(data[at + 2] as number) * stride, Math.exp(data[at + 3] as number) * stride)
    }
  },
}

/** The cell at `index` of grids that follow one another, finest first. */
export function placeOf(index: number, grids: readonly Grid[]): { stride: number; column: number; line: number } {
  let cell = index
  for (const { stride, across, cells } of grids) {
    if (cell < cells) return { stride, column: cell % across, line: Math.floor(cell / across) }
    cell -= cells
  }
  throw new RangeError(`no cell ${index}`)
}
