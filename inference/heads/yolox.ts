import type { Size } from '../letterbox.ts'
import type { Candidate } from '../nms.ts'
import type { Head, Output } from './head.ts'

const STRIDES = [8, 16, 32] as const

function cells(input: Size): number {
  return STRIDES.reduce((sum, stride) => sum + Math.floor(input.width / stride) * Math.floor(input.height / stride), 0)
}

/**
 * YOLOX as exported without its decoder: rows [x, y, w, h, object, class …], one per cell of three grids, finest first.
 * Centres are offsets from the cell in strides, sizes logarithms of strides; score = object × best class.
 */
export const yolox: Head = {
  classes([shape, ...others], input) {
    const width = shape?.[2]
    return others.length === 0 && shape?.length === 3 && shape[1] === cells(input) && typeof width === 'number' && width > 5 ? width - 5 : undefined
  },

  decode([output], input, floor) {
    const found: Candidate[] = []
    if (!output) return found
    let row = 0
    for (const stride of STRIDES) {
      const across = Math.floor(input.width / stride)
      const down = Math.floor(input.height / stride)
      for (let cell = 0; cell < across * down; cell++) {
        const candidate = decodeRow(output, row++, cell % across, Math.floor(cell / across), stride, floor)
        if (candidate) found.push(candidate)
      }
    }
    return found
  },
}

function decodeRow({ data, dims }: Output, row: number, column: number, line: number, stride: number, floor: number): Candidate | undefined {
  const width = dims[2] as number
  const at = row * width
  const object = data[at + 4] as number
  // No class can lift a score above its object: most rows end here.
  if (object < floor) return undefined
  let cls = 0
  let best = -1
  for (let i = 5; i < width; i++) {
    const value = data[at + i] as number
    if (value > best) {
      best = value
      cls = i - 5
    }
  }
  const score = object * best
  if (score < floor) return undefined
  const x = ((data[at] as number) + column) * stride
  const y = ((data[at + 1] as number) + line) * stride
  const halfWidth = (Math.exp(data[at + 2] as number) * stride) / 2
  const halfHeight = (Math.exp(data[at + 3] as number) * stride) / 2
  return { x1: x - halfWidth, y1: y - halfHeight, x2: x + halfWidth, y2: y + halfHeight, score, cls }
}
