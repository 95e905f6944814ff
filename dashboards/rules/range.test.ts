import { describe, expect, it } from 'vitest'
import type { Param } from '../../domain/rule.ts'
import { parseDuration } from '../../domain/time.ts'
import { durationText } from './duration.ts'
import { faultOf, isSameValue, rangeOf } from './range.ts'

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

  it.each<[string, Param, Param['value'] | undefined, string]>([
    ['of a short duration is short', { value: '2s', unit: 'duration' }, undefined, '0 1s 2s 3s 5s 10s 15s 20s'],
    ['of a long one has no stops that nobody means', { value: '15m', unit: 'duration' }, undefined, '0 90s 2m 3m 5m 10m 15m 20m 30m 45m 1h 90m 2h'],
    ['begins with none and a minute where there was none', { value: '0', unit: 'duration' }, undefined, '0 1s 2s 3s 5s 10s 15s 20s 30s 45s 1m'],
    ['stays where it was while the value moves, and stops at it', { value: '7s', unit: 'duration' }, '2s', '0 1s 2s 3s 5s 7s 10s 15s 20s'],
    ['reaches what was typed beyond it', { value: '1d', unit: 'duration' }, '2s', '0 1s 2s 3s 5s 10s 15s 20s 24h'],
    ['keeps to the author’s bounds, which are seconds', { value: '10s', unit: 'duration', min: 4, max: 40 }, undefined, '4s 5s 10s 15s 20s 30s 40s'],
    ['keeps to a least one', { value: '10s', unit: 'duration', min: 5 }, undefined, '5s 10s 15s 20s 30s 45s 1m 90s'],
  ])('%s', (_, param, standing, expected) => {
    const range = rangeOf(param, standing)
    expect(range?.by === 'duration' && range.stops.map(durationText).join(' ')).toBe(expected)
  })
})

it.each(['48h', '90s', '7d', '15m', '0'])('writes a duration as people do and reads it back: %s', (text) => {
  expect(durationText(parseDuration(text) ?? -1)).toBe(text)
})

it.each<[Param['value'], Param['value'], boolean]>([
  ['60s', '1m', true],
  ['60s', '61s', false],
  ['north', 'north', true],
  ['north', 'south', false],
  [0, '0', false],
])('%j and %j are the same value: %s', (a, b, same) => {
  expect(isSameValue(a, b)).toBe(same)
})

it.each<[Param, Param['value'] | null, string | undefined]>([
  [{ value: 15, min: 2, max: 90 }, 2, undefined],
  [{ value: 15, min: 2, max: 90 }, 1.9, 'belowMin'],
  [{ value: 15, min: 2, max: 90 }, 91, 'aboveMax'],
  [{ value: 15 }, null, 'empty'],
  [{ value: 15 }, 'x', 'notNumber'],
  [{ value: '2s', unit: 'duration' }, '2 s', 'notDuration'],
  [{ value: '2s', unit: 'duration' }, '1h30m', undefined],
  [{ value: '2s', unit: 'duration', min: 1, max: 60 }, '500ms', 'belowMin'],
  [{ value: '2s', unit: 'duration', min: 1, max: 60 }, '1m', undefined],
  [{ value: '2s', unit: 'duration', min: 1, max: 60 }, '2m', 'aboveMax'],
  [{ value: 'north' }, 'south', undefined],
])('%j may be %j: %s', (param, value, fault) => {
  expect(faultOf(param, value)).toBe(fault)
})
