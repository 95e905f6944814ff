import type { Size } from '../letterbox.ts'
import type { Head, Output, Scores } from './head.ts'
import { lastDims, type Shape } from './shape.ts'
import { around } from './yolov8.ts'

/** Channels before the classes: object, x, y, w, h. */
const BEFORE = 5

/**
 * FastestDet: one output [1, 5 + classes, lines, columns], channel first. Object and classes are finished; score =
 * object^0.6 × class^0.4. The centre is the cell's corner + tanh in cells, the size a logistic share of the input.
 */
export const fastestdet: Head = {
  overlapping: true,

  classes([shape, ...others], input) {
    const grid = gridOf(shape ?? [])
    if (others.length > 0 || !grid || grid.channels <= BEFORE) return undefined
    const [stride, down] = [input.width / grid.columns, input.height / grid.lines]
    return stride === down && Number.isInteger(stride) && stride > 1 ? grid.channels - BEFORE : undefined
  },

  scores([output], _input, floor) {
    const { data, dims } = output as Output
    const { channels, lines, columns } = gridOf(dims) as Grid
    const cells = lines * columns
    const scores: Scores = { best: data.slice(BEFORE * cells, (BEFORE + 1) * cells), classes: new Uint16Array(cells) }
    for (let cls = 1; cls < channels - BEFORE; cls++) {
      const start = (BEFORE + cls) * cells
      for (let cell = 0; cell < cells; cell++) {
        const value = data[start + cell] as number
        if (value > (scores.best[cell] as number)) {
          scores.best[cell] = value
          scores.classes[cell] = cls
        }
      }
    }
    for (let cell = 0; cell < cells; cell++) {
      const object = (data[cell] as number) ** 0.6
      scores.best[cell] = object < floor ? object : object * (scores.best[cell] as number) ** 0.4
    }
    return scores
  },

  corners([output], input) {
    const { data, dims } = output as Output
    const { lines, columns } = gridOf(dims) as Grid
    return (index) => {
      const value = (channel: number) => data[channel * lines * columns + index] as number
      const x = ((index % columns) + Math.tanh(value(1))) / columns
      const y = (Math.floor(index / columns) + Math.tanh(value(2))) / lines
      return scaled(x, y, logistic(value(3)), logistic(value(4)), input)
    }
  },
}

interface Grid {
  channels: number
  lines: number
  columns: number
}

function gridOf(shape: Shape): Grid | undefined {
  const dims = lastDims(shape, 3)
  if (!dims) return undefined
  const [channels = 0, lines = 0, columns = 0] = dims
  return { channels, lines, columns }
}

export function logistic(value: number): number {
  return 1 / (1 + Math.exp(-value))
}

/** Corners of a box given as shares of the input. */
export function scaled(x: number, y: number, width: number, height: number, input: Size): readonly [number, number, number, number] {
  return around(x * input.width, y * input.height, width * input.width, height * input.height)
}
