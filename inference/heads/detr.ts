import { logistic, scaled } from './fastestdet.ts'
import type { Head, Output, Scores } from './head.ts'
import { bestOfRows } from './rows.ts'
import { lastDims, type Shape } from './shape.ts'

/**
 * The DETR family (RT-DETR, D-FINE, DEIM, RF-DETR …): a few hundred boxes, one per thing. In three layouts, told apart by
 * shape and type, never by name:
 * - labels (whole numbers), boxes (corners) and scores, finished. They are told the size of the input as if it were the
 *   picture's (the manifest's `sizes`), so that the corners are pixels of the input.
 * - scores per class before the logistic function, and boxes (centre and size as shares of the input).
 * - one output of rows [x, y, w, h, class …], shares of the input and finished scores (Ultralytics).
 * Some exports collapse a batch of one: [300], [300, 4], [300].
 */
export const detr: Head = {
  overlapping: false,

  classes(shapes) {
    const layout = layoutOf(shapes)
    return layout === undefined ? undefined : layout.kind === 'finished' ? 'any' : layout.classes
  },

  scores(outputs) {
    const layout = layoutOf(dimsOf(outputs), outputs) as Layout
    const scores: Scores = { best: new Float32Array(layout.count), classes: new Uint16Array(layout.count) }
    const data = (output: number) => (outputs[output] as Output).data
    switch (layout.kind) {
      case 'finished':
        scores.best.set(data(layout.scores))
        scores.classes.set(data(layout.labels))
        break
      case 'raw':
        bestOfRows({ data: data(layout.scores), count: layout.count, width: layout.classes, first: 0, classes: layout.classes }, scores)
        scores.best.forEach((value, index) => {
          scores.best[index] = logistic(value)
        })
        break
      case 'rows':
        bestOfRows({ data: data(0), count: layout.count, width: layout.classes + 4, first: 4, classes: layout.classes }, scores)
        break
    }
    return scores
  },

  corners(outputs, input) {
    const layout = layoutOf(dimsOf(outputs), outputs) as Layout
    const { data } = outputs[layout.boxes] as Output
    const width = layout.kind === 'rows' ? layout.classes + 4 : 4
    return (index) => {
      const [a, b, c, d] = data.subarray(index * width, index * width + 4) as unknown as [number, number, number, number]
      return layout.kind === 'finished' ? [a, b, c, d] : scaled(a, b, c, d, input)
    }
  },
}

/** Which output is what, by its place among the outputs. */
type Layout =
  | { kind: 'finished'; count: number; boxes: number; labels: number; scores: number }
  | { kind: 'raw'; count: number; classes: number; boxes: number; scores: number }
  | { kind: 'rows'; count: number; classes: number; boxes: number }

function dimsOf(outputs: readonly Output[]): Shape[] {
  return outputs.map(({ dims }) => dims)
}

function layoutOf(shapes: readonly Shape[], outputs: readonly Output[] = []): Layout | undefined {
  if (shapes.length === 1) return rowsLayout(shapes[0] as Shape)
  if (shapes.length === 2) return rawLayout(shapes)
  return shapes.length === 3 ? finishedLayout(shapes, outputs) : undefined
}

function rowsLayout(shape: Shape): Layout | undefined {
  const [count = 0, width = 0] = lastDims(shape, 2) ?? []
  return width > 4 ? { kind: 'rows', count, classes: width - 4, boxes: 0 } : undefined
}

function rawLayout(shapes: readonly Shape[]): Layout | undefined {
  const dims = shapes.map((shape) => lastDims(shape, 2))
  const [one, other] = dims
  if (!one || !other || one[0] !== other[0]) return undefined
  // Both four wide, they stand in the order of the exporter: scores first.
  const boxes = other[1] === 4 ? 1 : one[1] === 4 ? 0 : undefined
  if (boxes === undefined) return undefined
  return { kind: 'raw', count: one[0] as number, classes: dims[1 - boxes]?.[1] as number, boxes, scores: 1 - boxes }
}

function finishedLayout(shapes: readonly Shape[], outputs: readonly Output[]): Layout | undefined {
  const boxes = shapes.findIndex((shape) => lastDims(shape, 2)?.[1] === 4)
  const count = lastDims(shapes[boxes] ?? [], 2)?.[0]
  const [one, other] = [0, 1, 2].filter((index) => index !== boxes) as [number, number]
  if (count === undefined || [one, other].some((index) => lastDims(shapes[index] as Shape, 1)?.[0] !== count)) return undefined
  // Exports that turn the labels into floats keep them before the scores.
  const labels = outputs[other]?.integer ? other : one
  return { kind: 'finished', count, boxes, labels, scores: labels === one ? other : one }
}
