import { gridsWith } from './grid.ts'
import type { Head, Output, Scores } from './head.ts'
import { lastDims } from './shape.ts'

/**
 * YOLOv8, v9, 11, 12 (Ultralytics): one output [1, 4 + classes, boxes], channel first: centre x, centre y, width, height in
 * pixels of the input, then a finished score per class.
 */
export const yolov8: Head = {
  overlapping: true,

  classes([shape, ...others], input) {
    const [channels = 0, boxes = 0] = lastDims(shape ?? [], 2) ?? []
    return others.length === 0 && channels > 4 && gridsWith(boxes, input) ? channels - 4 : undefined
  },

  scores([output]) {
    const { data, dims } = output as Output
    const [channels, boxes] = lastDims(dims, 2) as [number, number]
    const scores: Scores = { best: data.slice(4 * boxes, 5 * boxes), classes: new Uint16Array(boxes) }
    // Class by class, as it lies in memory.
    for (let cls = 1; cls < channels - 4; cls++) {
      const start = (cls + 4) * boxes
      for (let box = 0; box < boxes; box++) {
        const score = data[start + box] as number
        if (score > (scores.best[box] as number)) {
          scores.best[box] = score
          scores.classes[box] = cls
        }
      }
    }
    return scores
  },

  corners([output]) {
    const { data, dims } = output as Output
    const [, boxes] = lastDims(dims, 2) as [number, number]
    return (index) => around(data[index] as number, data[boxes + index] as number, data[2 * boxes + index] as number, data[3 * boxes + index] as number)
  },
}

/** Corners of a box given by its centre and size. */
export function around(x: number, y: number, width: number, height: number): readonly [number, number, number, number] {
  return [x - width / 2, y - height / 2, x + width / 2, y + height / 2]
}
