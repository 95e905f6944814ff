import { gridsWith } from './grid.ts'
import type { Head, Output } from './head.ts'
import { objectScores } from './rows.ts'
import { lastDims } from './shape.ts'
import { around } from './yolov8.ts'

/** Boxes that each cell has of its own. */
const ANCHORS = 3

/**
 * YOLOv5 and v7: one output of rows [x, y, w, h, object, class …], centre and size in pixels of the input; three rows per
 * cell ([1, 25200, 85] at 640), or one as YOLOv6 and a YOLOX with its decoder inside have.
 */
export const yolov5: Head = {
  overlapping: true,

  classes([shape, ...others], input) {
    const [rows = 0, width = 0] = lastDims(shape ?? [], 2) ?? []
    const fits = gridsWith(rows / ANCHORS, input) ?? gridsWith(rows, input)
    return others.length === 0 && fits && width > 5 ? width - 5 : undefined
  },

  scores([output], _input, floor) {
    const [rows, width] = lastDims((output as Output).dims, 2) as [number, number]
    return objectScores(output as Output, rows, width, floor)
  },

  corners([output]) {
    const { data, dims } = output as Output
    const [, width] = lastDims(dims, 2) as [number, number]
    return (index) => {
      const at = index * width
      return around(data[at] as number, data[at + 1] as number, data[at + 2] as number, data[at + 3] as number)
    }
  },
}
