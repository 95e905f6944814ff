import type { Size } from '../letterbox.ts'
import type { Output } from './head.ts'

/**
 * The same heads once more, from the descriptions of their authors: box by box, with plain numbers and nested lists, slow and
 * without thought for speed. What the product decodes is held against it.
 */
export interface SlowBox {
  x1: number
  y1: number
  x2: number
  y2: number
  score: number
  cls: number
}

type Nested = number | Nested[]

function nested({ dims, data }: Output): Nested {
  const build = (from: number, shape: readonly number[]): Nested => {
    const [count, ...rest] = shape
    if (count === undefined) return data[from] as number
    const step = rest.reduce((product, dim) => product * dim, 1)
    return Array.from({ length: count }, (_, i) => build(from + i * step, rest))
  }
  return build(0, dims)
}

/** The innermost `depth` levels, whatever stands around them. */
function inner(value: Nested, depth: number): Nested {
  const levels = (each: Nested): number => (Array.isArray(each) ? 1 + levels(each[0] as Nested) : 0)
  let level = value
  while (levels(level) > depth) level = (level as Nested[])[0] as Nested
  return level
}

const table = (output: Output): number[][] => inner(nested(output), 2) as number[][]
const sigmoid = (value: number): number => 1 / (1 + Math.exp(-value))
const bestOf = (scores: readonly number[]): { cls: number; score: number } => {
  const score = Math.max(...scores)
  return { cls: scores.indexOf(score), score }
}
const fromCentre = (x: number, y: number, w: number, h: number): Pick<SlowBox, 'x1' | 'y1' | 'x2' | 'y2'> => ({ x1: x - w / 2, y1: y - h / 2, x2: x + w / 2, y2: y + h / 2 })

/** Every cell of the grids, finest first, line by line. */
function centres({ width, height }: Size, strides: readonly number[]): { stride: number; column: number; line: number }[] {
  const cells: { stride: number; column: number; line: number }[] = []
  for (const stride of strides) {
    for (let line = 0; line < height / stride; line++) for (let column = 0; column < width / stride; column++) cells.push({ stride, column, line })
  }
  return cells
}

export const SLOW = {
  yolov5: ([output]: readonly Output[]): SlowBox[] =>
    table(output as Output).map(([x, y, w, h, object, ...classes]) => {
      const { cls, score } = bestOf(classes)
      return { ...fromCentre(x as number, y as number, w as number, h as number), cls, score: score * (object as number) }
    }),

  yolov8: ([output]: readonly Output[]): SlowBox[] => {
    const channels = table(output as Output)
    return (channels[0] as number[]).map((_, box) => {
      const [x, y, w, h, ...classes] = channels.map((channel) => channel[box] as number) as [number, number, number, number, ...number[]]
      return { ...fromCentre(x, y, w, h), ...bestOf(classes) }
    })
  },

  yolox: ([output]: readonly Output[], input: Size): SlowBox[] => {
    const cells = centres(input, [8, 16, 32])
    return table(output as Output).map((row, index) => {
      const { stride, column, line } = cells[index] as (typeof cells)[0]
      const [dx, dy, logW, logH, object, ...classes] = row as [number, number, number, number, number, ...number[]]
      const { cls, score } = bestOf(classes)
      return { ...fromCentre((column + dx) * stride, (line + dy) * stride, Math.exp(logW) * stride, Math.exp(logH) * stride), cls, score: score * object }
    })
  },

  /** `classes` tells which tables are scores and which distances; the cells of a table tell its grid. */
  nanodet: (outputs: readonly Output[], input: Size, classes: number): SlowBox[] =>
    [8, 16, 32].flatMap((stride) => {
      const cells = centres(input, [stride])
      const tables = outputs.map(table).filter((rows) => rows.length === cells.length)
      const scores = tables.find(([row]) => row?.length === classes) as number[][]
      const distances = tables.find((rows) => rows !== scores) as number[][]
      return cells.map(({ column, line }, index) => ({
        ...nanodetBox(distances[index] as number[], (column + 0.5) * stride, (line + 0.5) * stride, stride, input),
        ...bestOf(scores[index] as number[]),
      }))
    }),

  nanodetPlus: ([output]: readonly Output[], input: Size, classes: number): SlowBox[] => {
    const cells = centres(input, [8, 16, 32, 64])
    return table(output as Output).map((row, index) => {
      const { stride, column, line } = cells[index] as (typeof cells)[0]
      return { ...nanodetBox(row.slice(classes), column * stride, line * stride, stride, input), ...bestOf(row.slice(0, classes)) }
    })
  },

  fastestdet: ([output]: readonly Output[], input: Size): SlowBox[] => {
    const channels = inner(nested(output as Output), 3) as number[][][]
    const [lines, columns] = [channels[0]?.length ?? 0, channels[0]?.[0]?.length ?? 0]
    const boxes: SlowBox[] = []
    for (let line = 0; line < lines; line++) {
      for (let column = 0; column < columns; column++) {
        const [object, dx, dy, dw, dh, ...classes] = channels.map((channel) => channel[line]?.[column] as number) as [number, number, number, number, number, ...number[]]
        const { cls, score } = bestOf(classes)
        const [x, y] = [((column + Math.tanh(dx)) / columns) * input.width, ((line + Math.tanh(dy)) / lines) * input.height]
        boxes.push({ ...fromCentre(x, y, sigmoid(dw) * input.width, sigmoid(dh) * input.height), cls, score: object ** 0.6 * score ** 0.4 })
      }
    }
    return boxes
  },

  end2end: ([output]: readonly Output[]): SlowBox[] =>
    table(output as Output).map(([x1, y1, x2, y2, score, cls]) => ({
      x1: x1 as number,
      y1: y1 as number,
      x2: x2 as number,
      y2: y2 as number,
      score: score as number,
      cls: cls as number,
    })),

  detr: (labels: Output, boxes: Output, scores: Output): SlowBox[] => {
    const [classes, shares] = [inner(nested(labels), 1) as number[], inner(nested(scores), 1) as number[]]
    return table(boxes).map(([x1, y1, x2, y2], index) => ({
      x1: x1 as number,
      y1: y1 as number,
      x2: x2 as number,
      y2: y2 as number,
      score: shares[index] as number,
      cls: classes[index] as number,
    }))
  },

  detrRaw: (logits: Output, boxes: Output, { width, height }: Size): SlowBox[] => {
    const scores = table(logits)
    return table(boxes).map((box, index) => {
      const [x, y, w, h] = box as [number, number, number, number]
      return { ...fromCentre(x * width, y * height, w * width, h * height), ...bestOf((scores[index] as number[]).map(sigmoid)) }
    })
  },

  detrRows: ([output]: readonly Output[], { width, height }: Size): SlowBox[] =>
    table(output as Output).map((row) => {
      const [x, y, w, h, ...classes] = row as [number, number, number, number, ...number[]]
      return { ...fromCentre(x * width, y * height, w * width, h * height), ...bestOf(classes) }
    }),
}

/** Distances of the four sides: the mean of a softmax over the strides. */
function nanodetBox(logits: readonly number[], x: number, y: number, stride: number, { width, height }: Size): Pick<SlowBox, 'x1' | 'y1' | 'x2' | 'y2'> {
  const bins = logits.length / 4
  const [left, top, right, bottom] = [0, 1, 2, 3].map((side) => {
    const weights = logits.slice(side * bins, (side + 1) * bins).map(Math.exp)
    const total = weights.reduce((sum, weight) => sum + weight, 0)
    return weights.reduce((sum, weight, bin) => sum + (bin * weight) / total, 0) * stride
  }) as [number, number, number, number]
  return { x1: Math.max(0, x - left), y1: Math.max(0, y - top), x2: Math.min(width, x + right), y2: Math.min(height, y + bottom) }
}

/** Of overlapping boxes of one class the strongest, by comparing all with all. */
export function slowSuppress(boxes: readonly SlowBox[], iou: number): SlowBox[] {
  const ordered = boxes.map((box, index) => ({ box, index })).sort((a, b) => b.box.score - a.box.score || a.index - b.index)
  const kept: SlowBox[] = []
  for (const { box } of ordered) if (!kept.some((other) => other.cls === box.cls && slowOverlap(other, box) > iou)) kept.push(box)
  return kept
}

function slowOverlap(a: SlowBox, b: SlowBox): number {
  const area = ({ x1, y1, x2, y2 }: Pick<SlowBox, 'x1' | 'y1' | 'x2' | 'y2'>) => Math.max(0, x2 - x1) * Math.max(0, y2 - y1)
  const common = area({ x1: Math.max(a.x1, b.x1), y1: Math.max(a.y1, b.y1), x2: Math.min(a.x2, b.x2), y2: Math.min(a.y2, b.y2) })
  return common === 0 ? 0 : common / (area(a) + area(b) - common)
}

/** A box of the input in pixels of the picture, which was resized to whole pixels and put at its place. */
export function slowPlace({ x1, y1, x2, y2 }: SlowBox, fit: 'stretch' | 'letterbox' | 'pad', picture: Size, input: Size): [number, number, number, number] {
  let [wide, high, left, top] = [input.width, input.height, 0, 0]
  if (fit !== 'stretch') {
    const scale = Math.min(input.width / picture.width, input.height / picture.height)
    wide = Math.round(picture.width * scale)
    high = Math.round(picture.height * scale)
  }
  if (fit === 'letterbox') {
    left = (input.width - wide) >> 1
    top = (input.height - high) >> 1
  }
  const x = (value: number) => Math.min(picture.width, Math.max(0, ((value - left) * picture.width) / wide))
  const y = (value: number) => Math.min(picture.height, Math.max(0, ((value - top) * picture.height) / high))
  return [x(x1), y(y1), x(x2), y(y2)]
}
