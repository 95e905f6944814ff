import { describe, expect, it } from 'vitest'
import type { HeadName } from '../models/manifest.ts'
import { decode, HEADS, type Output } from './head.ts'

const input = { width: 64, height: 32 }
/** 32 + 8 + 2 cells */
const ROWS = 42
const found = (head: HeadName, outputs: Output[], floor = 0.1) => decode(HEADS[head], outputs, input, floor).candidates

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
    const [first, ...others] = found('yolox', [output({ [row]: values })])
    expect(others).toEqual([])
    for (const [name, value] of Object.entries(expected)) expect(first?.[name as 'x1']).toBeCloseTo(value as number, 5)
  })

  it('leaves out what is below the floor by object or by class', () => {
    expect(found('yolox', [output({ 0: [0, 0, 0, 0, 0.09, 1, 1], 1: [0, 0, 0, 0, 0.5, 0.1, 0.1] })])).toEqual([])
  })

  it.each([
    [[[1, ROWS, 85]], 80],
    [[[1, ROWS + 5, 85]], undefined],
    [[[1, 84, ROWS]], undefined],
    [
      [
        [1, ROWS, 85],
        [1, 1],
      ],
      undefined,
    ],
    [[[ROWS, 6]], 1],
    [[['batch', ROWS, 6]], undefined],
  ])('of outputs %j says %s classes', (shapes, classes) => {
    expect(HEADS.yolox.classes(shapes, input)).toBe(classes)
  })
})

describe('yolov8', () => {
  it('takes the best class of each box, in pixels', () => {
    const data = new Float32Array(6 * ROWS)
    for (const [channel, value] of [20, 10, 8, 4, 0.3, 0.75].entries()) data[channel * ROWS + 7] = value
    for (const [channel, value] of [20, 10, 8, 4, 0.09, 0.05].entries()) data[channel * ROWS + 8] = value
    expect(found('yolov8', [{ dims: [1, 6, ROWS], data }])).toEqual([{ x1: 16, y1: 8, x2: 24, y2: 12, score: 0.75, cls: 1 }])
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

describe('a head knows its own outputs by their shapes', () => {
  const square = { width: 320, height: 320 }
  const nanodet = [1600, 400, 100].flatMap((cells) => [
    [cells, 80],
    [cells, 32],
  ])
  it.each<[HeadName, string, (number | string)[][], number | 'any' | undefined]>([
    ['yolov5', 'three rows per cell', [[1, 6300, 85]], 80],
    ['yolov5', 'one row per cell, as a decoded YOLOX has', [[1, 2100, 85]], 80],
    ['yolov5', 'rows that are no multiple of the cells', [[1, 6301, 85]], undefined],
    ['yolov5', 'no class', [[1, 6300, 5]], undefined],
    ['yolov8', 'four grids (P6)', [[1, 84, 2125]], 80],
    ['yolov8', 'a second output, of masks', [[1, 116, 2100], [1, 32, 80, 80]], undefined], // biome-ignore format: one row
    ['nanodet', 'six outputs in any order', nanodet.toReversed(), 80],
    ['nanodet', 'six outputs with a batch', nanodet.map((dims) => [1, ...dims]), 80],
    ['nanodet', 'as many classes as bins: the first of each pair are scores', nanodet.map(([cells = 0]) => [cells, 32]), 32],
    ['nanodet', 'two outputs of a grid missing', nanodet.slice(0, 4), undefined],
    ['nanodet', 'grids of another input', nanodet.map(([cells = 0, width = 0]) => [cells + 1, width]), undefined],
    ['nanodet', 'unequal numbers of classes', [...nanodet.slice(0, 4), [100, 79], [100, 32]], undefined],
    ['nanodet', 'rows of scores and distances (Plus)', [[1, 2125, 112]], 80],
    ['fastestdet', 'a grid of square cells', [[1, 85, 20, 20]], 80],
    ['fastestdet', 'cells that are not square', [[1, 85, 20, 10]], undefined],
    ['end2end', '300 rows', [[1, 300, 6]], 'any'],
    ['end2end', 'no rows at all', [[1, 0, 6]], 'any'],
    ['end2end', 'rows of seven', [[1, 300, 7]], undefined],
    ['detr', 'a collapsed batch', [[300], [300, 4], [300]], 'any'],
    ['detr', 'a batch', [[1, 300], [1, 300, 4], [1, 300]], 'any'], // biome-ignore format: one row
    ['detr', 'two pictures', [[2, 300], [2, 300, 4], [2, 300]], undefined], // biome-ignore format: one row
    ['detr', 'unequal numbers', [[300], [299, 4], [300]], undefined],
    ['detr', 'scores and boxes', [[1, 300, 91], [1, 300, 4]], 91], // biome-ignore format: one row
    ['detr', 'open dimensions', [['n'], ['n', 4], ['n']], undefined],
  ])('%s: %s', (head, _, shapes, classes) => {
    expect(HEADS[head].classes(shapes, square)).toBe(classes)
  })
})
