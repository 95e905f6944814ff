import { describe, expect, it } from 'vitest'
import { HEADS, type Output } from './head.ts'

const input = { width: 64, height: 32 }
/** 32 + 8 + 2 cells */
const ROWS = 42

describe('yolox', () => {
  const output = (rows: Record<number, number[]>): Output => {
    const data = new Float32Array(ROWS * 7)
    for (const [row, values] of Object.entries(rows)) data.set(values, Number(row) * 7)
    return { dims: [1, ROWS, 7], data }
  }
  it.each<[string, number, number[], object]>([
    ['a cell of the fine grid', 9, [0.5, 0.25, 0, 0, 0.5, 0.2, 0.8], { x1: 8, y1: 6, x2: 16, y2: 14, score: 0.4, cls: 1 }],
    ['a cell of the middle grid', 32 + 5, [0, 0, Math.log(2), 0, 1, 0.75, 0], { x1: 0, y1: 8, x2: 32, y2: 24, score: 0.75, cls: 0 }],
    ['the last cell', 41, [-1, 0, 0, 0, 1, 0, 0.5], { x1: -16, y1: -16, x2: 16, y2: 16, score: 0.5, cls: 1 }],
  ])('reads %s', (_, row, values, expected) => {
    const [found, ...others] = HEADS.yolox.decode([output({ [row]: values })], input, 0.1)
    expect(others).toEqual([])
    for (const [name, value] of Object.entries(expected)) expect(found?.[name as 'x1']).toBeCloseTo(value as number, 5)
  })

  it('leaves out what is below the floor by object or by class', () => {
    expect(HEADS.yolox.decode([output({ 0: [0, 0, 0, 0, 0.09, 1, 1], 1: [0, 0, 0, 0, 0.5, 0.1, 0.1] })], input, 0.1)).toEqual([])
  })

  it.each([
    [[[1, ROWS, 85]], 80],
    [[[1, ROWS + 1, 85]], undefined],
    [[[1, 84, ROWS]], undefined],
    [
      [
        [1, ROWS, 85],
        [1, 1],
      ],
      undefined,
    ],
    [[['batch', ROWS, 6]], 1],
  ])('of outputs %j says %s classes', (shapes, classes) => {
    expect(HEADS.yolox.classes(shapes, input)).toBe(classes)
  })
})

describe('yolov8', () => {
  it('takes the best class of each box, in pixels', () => {
    const data = new Float32Array(6 * ROWS)
    for (const [channel, value] of [20, 10, 8, 4, 0.3, 0.75].entries()) data[channel * ROWS + 7] = value
    for (const [channel, value] of [20, 10, 8, 4, 0.09, 0.05].entries()) data[channel * ROWS + 8] = value
    expect(HEADS.yolov8.decode([{ dims: [1, 6, ROWS], data }], input, 0.1)).toEqual([{ x1: 16, y1: 8, x2: 24, y2: 12, score: 0.75, cls: 1 }])
  })

  it.each([
    [[[1, 84, ROWS]], 80],
    [[[1, 4, ROWS]], undefined],
    [[[1, ROWS, 84]], undefined],
    [[[1, 'classes', ROWS]], undefined],
  ])('of outputs %j says %s classes', (shapes, classes) => {
    expect(HEADS.yolov8.classes(shapes, input)).toBe(classes)
  })
})
