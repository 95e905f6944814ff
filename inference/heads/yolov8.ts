import type { Candidate } from '../nms.ts'
import type { Head } from './head.ts'

/**
 * YOLOv8 and 11 (Ultralytics): one output [1, 4 + classes, boxes], channel first: centre x, centre y, width, height in
 * pixels of the input, then a finished score per class.
 */
export const yolov8: Head = {
  classes([shape, ...others], { width, height }) {
    const [, channels, boxes] = shape ?? []
    const expected = [8, 16, 32].reduce((sum, stride) => sum + Math.floor(width / stride) * Math.floor(height / stride), 0)
    return others.length === 0 && shape?.length === 3 && boxes === expected && typeof channels === 'number' && channels > 4 ? channels - 4 : undefined
  },

  decode([output], _input, floor) {
    const found: Candidate[] = []
    if (!output) return found
    const { data, dims } = output
    const [, channels = 0, boxes = 0] = dims
    const best = new Float32Array(boxes).fill(-1)
    const classes = new Uint16Array(boxes)
    // Class by class, as it lies in memory.
    for (let cls = 0; cls < channels - 4; cls++) {
      const start = (cls + 4) * boxes
      for (let box = 0; box < boxes; box++) {
        const score = data[start + box] as number
        if (score > (best[box] as number)) {
          best[box] = score
          classes[box] = cls
        }
      }
    }
    for (let box = 0; box < boxes; box++) {
      const score = best[box] as number
      if (score < floor) continue
      const [x, y, w, h] = [0, 1, 2, 3].map((channel) => data[channel * boxes + box] as number) as [number, number, number, number]
      found.push({ x1: x - w / 2, y1: y - h / 2, x2: x + w / 2, y2: y + h / 2, score, cls: classes[box] as number })
    }
    return found
  },
}
