import type { Head, Output, Scores } from './head.ts'
import { lastDims } from './shape.ts'

const WIDTH = 6

/**
 * Models that suppress overlaps themselves (YOLOv10, YOLO26, Ultralytics' `nms=True`): rows [x1, y1, x2, y2, score, class]
 * in pixels of the input; [1, 300, 6] or fewer rows. Empty rows have score 0.
 */
export const end2end: Head = {
  overlapping: false,

  classes([shape, ...others]) {
    return others.length === 0 && lastDims(shape ?? [], 2)?.[1] === WIDTH ? 'any' : undefined
  },

  scores([output]) {
    const { data, dims } = output as Output
    const [rows] = lastDims(dims, 2) as [number, number]
    const scores: Scores = { best: new Float32Array(rows), classes: new Uint16Array(rows) }
    for (let row = 0; row < rows; row++) {
      scores.best[row] = data[row * WIDTH + 4] as number
      scores.classes[row] = data[row * WIDTH + 5] as number
    }
    return scores
  },

  corners([output]) {
    const { data } = output as Output
    return (index) => {
      const at = index * WIDTH
      return [data[at] as number, data[at + 1] as number, data[at + 2] as number, data[at + 3] as number]
    }
  },
}
