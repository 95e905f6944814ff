import type { Param } from '../../domain/rule.ts'
import { boundsOf, durationStops, msIn } from './duration.ts'

export type Scalar = Param['value']

/** How a param is moved by a slider: along a range of numbers, or along a list of durations. */
export type Range = { by: 'number'; min: number; max: number; step: number } | { by: 'duration'; stops: readonly number[] }

/**
 * Undefined for what no slider can move: texts, yes or no, numbers without bounds. `standing` is the value that the edit
 * began with; a scale of durations lies around it and stays while the value moves.
 */
export function rangeOf(param: Param, standing: Scalar = param.value): Range | undefined {
  if (param.unit === 'duration') return durationRange(param, standing)
  if (typeof param.value !== 'number' || param.min === undefined || param.max === undefined || !(param.max > param.min)) return undefined
  return { by: 'number', min: param.min, max: param.max, step: param.step ?? stepFor(param) }
}

function durationRange(param: Param, standing: Scalar): Range | undefined {
  const now = msIn(param.value)
  return now === undefined ? undefined : { by: 'duration', stops: durationStops(msIn(standing) ?? now, boundsOf(param), [now]) }
}

/** About a hundred round steps, and fine enough for the value that stands. */
function stepFor({ value, min = 0, max = 1 }: Param): number {
  const power = 10 ** Math.floor(Math.log10((max - min) / 100))
  const round = [1, 2, 5, 10].map((nice) => nice * power).find((nice) => nice >= (max - min) / 100) ?? power
  const step = Number.isInteger(min) && Number.isInteger(max) && max - min >= 20 ? Math.max(1, round) : round
  const off = typeof value === 'number' ? Math.abs(Math.round((value - min) / step) * step - (value - min)) : 0
  return Number((off < step / 1000 ? step : step / 10).toPrecision(12))
}

export type ValueFault = 'notDuration' | 'notNumber' | 'belowMin' | 'aboveMax' | 'empty'

/** Why a value cannot stand, by name; undefined when it can. */
export function faultOf(param: Param, value: Param['value'] | null): ValueFault | undefined {
  if (value === null || value === '') return 'empty'
  if (param.unit === 'duration') {
    const ms = msIn(value)
    return ms === undefined ? 'notDuration' : beyond(ms, boundsOf(param))
  }
  if (typeof param.value !== 'number') return undefined
  return typeof value === 'number' && Number.isFinite(value) ? beyond(value, param) : 'notNumber'
}

function beyond(value: number, { min, max }: Pick<Param, 'min' | 'max'>): ValueFault | undefined {
  if (min !== undefined && value < min) return 'belowMin'
  return max !== undefined && value > max ? 'aboveMax' : undefined
}

/** `60s` and `1m` are the same value, written twice. */
export function isSameValue(a: Scalar, b: Scalar): boolean {
  return a === b || (msIn(a) !== undefined && msIn(a) === msIn(b))
}
