import type { Size } from '../letterbox.ts'

/** Cells of one grid: `stride` pixels of the input apart. */
export interface Grid {
  stride: number
  across: number
  cells: number
}

/** The sets of strides that detectors use, the common one first. */
const STRIDES = [
  [8, 16, 32],
  [8, 16, 32, 64],
  [4, 8, 16, 32],
  [4, 8, 16, 32, 64],
] as const

/** One grid per stride, finest first. Exporters differ in what becomes of a rest: `round` says which way it goes. */
export function gridsOf(input: Size, strides: readonly number[], round: (cells: number) => number = Math.floor): Grid[] {
  return strides.map((stride) => {
    const across = round(input.width / stride)
    return { stride, across, cells: across * round(input.height / stride) }
  })
}

/** The grids that together have this many cells; undefined when none do. */
export function gridsWith(cells: number, input: Size): Grid[] | undefined {
  for (const strides of STRIDES) {
    for (const round of [Math.floor, Math.ceil]) {
      const grids = gridsOf(input, strides, round)
      if (grids.reduce((sum, grid) => sum + grid.cells, 0) === cells) return grids
    }
  }
  return undefined
}
