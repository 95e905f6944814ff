import { describe, expect, it } from 'vitest'
import type { HeadName } from '../models/manifest.ts'
import { suppress } from '../nms.ts'
import { decode, HEADS, type Output } from './head.ts'
import { SLOW, type SlowBox, slowSuppress } from './slow.fixture.ts'

const input = { width: 128, height: 64 }
/** 16 × 8, 8 × 4, 4 × 2 and 2 × 1 cells. */
const [FINE, MIDDLE, COARSE, LAST] = [128, 32, 8, 2] as const
const ROWS = FINE + MIDDLE + COARSE
const FLOOR = 0.1

/** Numbers that look random and are the same each time. */
function random(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

/** An output of these dimensions, filled by the place of each number in its row. */
function output(dims: number[], seed: number, value: (share: number, column: number) => number, integer = false): Output {
  const next = random(seed)
  const width = dims.at(-1) as number
  const data = Float32Array.from({ length: dims.reduce((product, dim) => product * dim, 1) }, (_, at) => value(next(), at % width))
  return { dims, data, integer }
}

/** Turns rows into channels: [1, n, c] → [1, c, n]. */
function turned({ dims: [, rows = 0, width = 0], data }: Output): Output {
  return { dims: [1, width, rows], data: Float32Array.from({ length: rows * width }, (_, at) => data[(at % rows) * width + Math.floor(at / rows)] as number) }
}

/** Few scores are high, as in life. */
const score = (share: number): number => share ** 4
const pixels = (share: number, column: number): number => [share * input.width, share * input.height, 8 + share * 40, 8 + share * 30][column] ?? score(share)
const shares = (share: number, column: number): number => [share, share, 0.05 + share * 0.4, 0.05 + share * 0.4][column] ?? score(share)
const offsets = (share: number, column: number): number => [share, share, share * 2 - 0.5, share * 2 - 0.5][column] ?? score(share)
const logits = (share: number): number => share * 6 - 3

const v8 = turned(output([1, ROWS, 4 + 9], 2, pixels))
const grid = output([1, 5 + 7, 4, 8], 4, (share) => share * 4 - 2)
grid.data.subarray(0, 32).forEach((value, at) => {
  grid.data[at] = score((value + 2) / 4)
})
grid.data.subarray(5 * 32).forEach((value, at) => {
  grid.data[5 * 32 + at] = (value + 2) / 4
})
const nano = [
  output([FINE, 11], 5, score),
  output([MIDDLE, 32], 6, logits),
  output([COARSE, 11], 7, score),
  output([COARSE, 32], 8, logits),
  output([FINE, 32], 9, logits),
  output([MIDDLE, 11], 10, score),
]
const plus = output([1, ROWS + LAST, 6 + 32], 11, (share, column) => (column < 6 ? score(share) : logits(share)))
const rows = output([1, 20, 6], 12, (share, column) => [share * 60, share * 30, 60 + share * 60, 30 + share * 30, score(share)][column] ?? Math.floor(share * 5))
const labels = output([20], 13, (share) => Math.floor(share * 9), true)
const corners = output([20, 4], 14, (share, column) => [share * 60, share * 30, 60 + share * 60, 30 + share * 30][column] as number)
const certain = output([20], 15, score)
const raw = [output([1, 20, 9], 16, (share) => share * 8 - 6), output([1, 20, 4], 17, shares)]
const ultra = output([1, 20, 4 + 6], 18, shares)
const v5 = output([1, ROWS * 3, 5 + 4], 1, pixels)
const x = output([1, ROWS, 5 + 8], 3, offsets)

const cases: [string, HeadName, Output[], SlowBox[]][] = [
  ['yolov5', 'yolov5', [v5], SLOW.yolov5([v5])],
  ['yolov8', 'yolov8', [v8], SLOW.yolov8([v8])],
  ['yolox', 'yolox', [x], SLOW.yolox([x], input)],
  ['fastestdet', 'fastestdet', [grid], SLOW.fastestdet([grid], { width: 128, height: 64 })],
  ['nanodet, six outputs in any order', 'nanodet', nano, SLOW.nanodet(nano, input, 11)],
  ['nanodet-plus', 'nanodet', [plus], SLOW.nanodetPlus([plus], input, 6)],
  ['end2end', 'end2end', [rows], SLOW.end2end([rows])],
  ['end2end without its batch', 'end2end', [{ ...rows, dims: [20, 6] }], SLOW.end2end([rows])],
  ['detr, collapsed', 'detr', [labels, corners, certain], SLOW.detr(labels, corners, certain)],
  ['detr, in another order', 'detr', [corners, certain, labels], SLOW.detr(labels, corners, certain)],
  ['detr with its batch', 'detr', [labels, corners, certain].map((each) => ({ ...each, dims: [1, ...each.dims] })), SLOW.detr(labels, corners, certain)],
  ['detr before the logistic function', 'detr', raw, SLOW.detrRaw(raw[0] as Output, raw[1] as Output, input)],
  ['detr before it, boxes first', 'detr', raw.toReversed(), SLOW.detrRaw(raw[0] as Output, raw[1] as Output, input)],
  ['detr in rows', 'detr', [ultra], SLOW.detrRows([ultra], input)],
]

describe('heads give the boxes of the plain decoders', () => {
  it.each(cases)('%s', (_, name, outputs, slow) => {
    const head = HEADS[name]
    const { candidates } = decode(head, outputs, input, FLOOR)
    const [found, expected] = [head.overlapping ? suppress(candidates, 0.45, 10_000) : candidates, slow.filter((box) => box.score >= FLOOR)]
    const wanted = head.overlapping ? slowSuppress(expected, 0.45) : expected
    expect(wanted.length).toBeGreaterThan(3)
    expect(found).toHaveLength(wanted.length)
    for (const [index, box] of wanted.entries()) {
      const other = found[index] as SlowBox
      expect(other.cls).toBe(box.cls)
      expect(Math.abs(other.score - box.score)).toBeLessThan(1e-5)
      for (const corner of ['x1', 'y1', 'x2', 'y2'] as const) expect(Math.abs(other[corner] - box[corner])).toBeLessThan(1e-3)
    }
  })

  it.each(cases)('%s: what is below the floor stays there, whatever it bears', (_, name, outputs, slow) => {
    const { best, classes } = HEADS[name].scores(outputs, input, 0)
    expect(best).toHaveLength(slow.length)
    for (const [index, box] of slow.entries()) {
      expect(best[index]).toBeCloseTo(box.score, 5)
      expect(classes[index]).toBe(box.cls)
    }
    const floored = HEADS[name].scores(outputs, input, 0.5).best
    expect([...floored].map((each, index) => (each >= 0.5 ? each : slow[index] && slow[index].score < 0.5 ? 'below' : 'lost'))).not.toContain('lost')
  })
})
