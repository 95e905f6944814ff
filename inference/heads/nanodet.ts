import type { Size } from '../letterbox.ts'
import { type Grid, gridsWith } from './grid.ts'
import type { Head, Output, Scores } from './head.ts'
import { bestOfRows } from './rows.ts'
import { lastDims, type Shape } from './shape.ts'
import { placeOf } from './yolox.ts'

/** A side's distance is a distribution over so many strides; 8 in most models, 11 in the larger ones. */
const BINS = [8, 11] as const

/** Where one grid's scores and distances stand: an output each, or both in one row. */
interface Level {
  count: number
  classes: number
  bins: number
  scores: { output: number; width: number; at: number }
  distances: { output: number; width: number; at: number }
}

/**
 * NanoDet: per cell a finished score per class, and per side a distribution over its distance in strides. NanoDet-m has two
 * outputs for each of three grids; their names lie in some exports, so that they are told apart by their shapes alone.
 * NanoDet-Plus has one output whose rows hold both.
 */
export const nanodet: Head = {
  overlapping: true,

  classes(shapes, input) {
    const levels = levelsOf(shapes)
    const cells = levels?.reduce((sum, { count }) => sum + count, 0) ?? 0
    return levels && gridsWith(cells, input) ? levels[0]?.classes : undefined
  },

  scores(outputs) {
    const levels = levelsOf(outputs.map(({ dims }) => dims)) as Level[]
    const cells = levels.reduce((sum, { count }) => sum + count, 0)
    const scores: Scores = { best: new Float32Array(cells), classes: new Uint16Array(cells) }
    let at = 0
    for (const { count, classes, scores: place } of levels) {
      bestOfRows({ data: (outputs[place.output] as Output).data, count, width: place.width, first: place.at, classes }, scores, at)
      at += count
    }
    return scores
  },

  corners(outputs, input) {
    const levels = levelsOf(outputs.map(({ dims }) => dims)) as Level[]
    const cells = levels.reduce((sum, { count }) => sum + count, 0)
    const grids = gridsWith(cells, input) as Grid[]
    return (index) => {
      const { row, level } = levelAt(levels, index)
      const { output, width, at } = level.distances
      const { data } = outputs[output] as Output
      const { stride, column, line } = placeOf(index, grids)
      // NanoDet-Plus measures from the corner of a cell, its elder from its middle.
      const middle = levels.length === 1 ? 0 : stride / 2
      const side = (which: number) => expected(data, row * width + at + which * level.bins, level.bins) * stride
      const [x, y] = [column * stride + middle, line * stride + middle]
      return limited([x - side(0), y - side(1), x + side(2), y + side(3)], input)
    }
  },
}

function levelAt(levels: readonly Level[], index: number): { row: number; level: Level } {
  let row = index
  for (const level of levels) {
    if (row < level.count) return { row, level }
    row -= level.count
  }
  throw new RangeError(`no box ${index}`)
}

/** The reference cuts boxes at the input's edges before it suppresses overlaps. */
function limited([x1, y1, x2, y2]: readonly [number, number, number, number], { width, height }: Size): readonly [number, number, number, number] {
  return [Math.max(0, x1), Math.max(0, y1), Math.min(width, x2), Math.min(height, y2)]
}

function levelsOf(shapes: readonly Shape[]): Level[] | undefined {
  const found = shapes.map((shape, output) => ({ output, dims: lastDims(shape, 2) }))
  if (found.some(({ dims }) => dims === undefined)) return undefined
  const outputs = found.map(({ output, dims }) => ({ output, count: dims?.[0] ?? 0, width: dims?.[1] ?? 0 }))
  return outputs.length === 1 ? plusLevel(outputs) : pairedLevels(outputs)
}

interface Rowed {
  output: number
  count: number
  width: number
}

/** Rows of classes and then distances. Which number of bins it has cannot be told: the common one is taken. */
function plusLevel([only]: readonly Rowed[]): Level[] | undefined {
  const bins = BINS[0]
  const classes = (only?.width ?? 0) - 4 * bins
  if (!only || classes < 1) return undefined
  const { output, count, width } = only
  return [{ count, classes, bins, scores: { output, width, at: 0 }, distances: { output, width, at: classes } }]
}

/** Pairs of one count, finest grid first; in each the width that distances have in every pair tells which is which. */
function pairedLevels(outputs: readonly Rowed[]): Level[] | undefined {
  const pairs = [...Map.groupBy(outputs, ({ count }) => count).values()].toSorted((a, b) => (b[0]?.count ?? 0) - (a[0]?.count ?? 0))
  if (pairs.some((pair) => pair.length !== 2)) return undefined
  const bins = BINS.find((each) => pairs.every((pair) => pair.some(({ width }) => width === 4 * each)))
  if (bins === undefined) return undefined
  const levels = pairs.map(([one, other]): Level => {
    const [first, second] = [one as Rowed, other as Rowed]
    // Equally wide, they stand in the order of the exporter: scores first.
    const [scores, distances] = second.width === 4 * bins ? [first, second] : [second, first]
    return { count: first.count, classes: scores.width, bins, scores: { ...scores, at: 0 }, distances: { ...distances, at: 0 } }
  })
  return levels.every(({ classes }) => classes === levels[0]?.classes) ? levels : undefined
}

/** The mean of a distribution given by the logarithms of its weights. */
function expected(data: Float32Array, from: number, bins: number): number {
  let peak = -Infinity
  for (let i = 0; i < bins; i++) peak = Math.max(peak, data[from + i] as number)
  let [weights, sum] = [0, 0]
  for (let i = 0; i < bins; i++) {
    const weight = Math.exp((data[from + i] as number) - peak)
    weights += weight
    sum += i * weight
  }
  return sum / weights
}
