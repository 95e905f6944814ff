import { describe, expect, it } from 'vitest'
import type { Param } from '../../domain/rule.ts'
import { parseDuration } from '../../domain/time.ts'
import { durationText, faultOf, rangeOf } from './range.ts'

describe('the slider of a param', () => {
  it.each<[string, Param, object | undefined]>([
    ['takes the author’s step', { value: 15, min: 2, max: 90, step: 1 }, { by: 'number', min: 2, max: 90, step: 1 }],
    ['moves whole numbers by one', { value: 15, min: 2, max: 90 }, { by: 'number', min: 2, max: 90, step: 1 }],
    ['moves a share finely', { value: 0.4, min: 0.05, max: 1 }, { by: 'number', min: 0.05, max: 1, step: 0.01 }],
    ['reaches the value that stands', { value: 15.5, min: 2, max: 90 }, { by: 'number', min: 2, max: 90, step: 0.1 }],
    ['moves thousands by fifties', { value: 500, min: 0, max: 5000 }, { by: 'number', min: 0, max: 5000, step: 50 }],
    ['is not there without bounds', { value: 3, min: 1 }, undefined],
    ['is not there for texts', { value: 'north' }, undefined],
    ['is not there for a duration that is none', { value: 'soon', unit: 'duration' }, undefined],
  ])('%s', (_, param, expected) => {
    expect(rangeOf(param)).toEqual(expected)
  })

  it('of a duration stops at what is in use, in order', () => {
    const range = rangeOf({ value: '7s', unit: 'duration' }, '11m')
    const stops = range?.by === 'duration' ? range.stops : []
    expect(stops).toEqual([...stops].sort((a, b) => a - b))
    expect(stops).toEqual(expect.arrayContaining([7000, 660_000]))
  })
})

it.each(['48h', '90s', '7d', '15m', '0'])('writes a duration as people do and reads it back: %s', (text) => {
  expect(durationText(parseDuration(text) ?? -1)).toBe(text)
})

it.each<[Param, Param['value'] | null, string | undefined]>([
  [{ value: 15, min: 2, max: 90 }, 2, undefined],
  [{ value: 15, min: 2, max: 90 }, 1.9, 'belowMin'],
  [{ value: 15, min: 2, max: 90 }, 91, 'aboveMax'],
  [{ value: 15 }, null, 'empty'],
  [{ value: 15 }, 'x', 'notNumber'],
  [{ value: '2s', unit: 'duration' }, '2 s', 'notDuration'],
  [{ value: '2s', unit: 'duration' }, '1h30m', undefined],
  [{ value: 'north' }, 'south', undefined],
])('%j may be %j: %s', (param, value, fault) => {
  expect(faultOf(param, value)).toBe(fault)
})
