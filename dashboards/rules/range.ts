import type { Param } from '../../domain/rule.ts'
import { formatDuration, parseDuration } from '../../domain/time.ts'

export type Scalar = Param['value']

/** Steps that people choose durations from; between a second and a month no linear slider serves. */
const DURATIONS = [
  '0',
  '1s',
  '2s',
  '3s',
  '5s',
  '10s',
  '15s',
  '20s',
  '30s',
  '45s',
  '1m',
  '90s',
  '2m',
  '3m',
  '5m',
  '10m',
  '15m',
  '20m',
  '30m',
  '45m',
  '1h',
  '90m',
  '2h',
  '3h',
  '4h',
  '6h',
  '8h',
  '12h',
  '18h',
  '24h',
  '36h',
  '48h',
  '3d',
  '4d',
  '5d',
  '7d',
  '10d',
  '14d',
  '21d',
  '30d',
]

/** How a param is moved by a slider: along a range of numbers, or along a list of durations. */
export type Range = { by: 'number'; min: number; max: number; step: number } | { by: 'duration'; stops: readonly number[] }

/** Undefined for what no slider can move: texts, yes or no, numbers without bounds. */
export function rangeOf(param: Param, ...others: readonly Param['value'][]): Range | undefined {
  if (param.unit === 'duration') return durationRange([param.value, ...others])
  if (typeof param.value !== 'number' || param.min === undefined || param.max === undefined || !(param.max > param.min)) return undefined
  return { by: 'number', min: param.min, max: param.max, step: param.step ?? stepFor(param) }
}

/** The values in use are stops too, so that a slider never shows what is not so. */
function durationRange(values: readonly Param['value'][]): Range | undefined {
  const used = values.map((value) => (typeof value === 'string' ? parseDuration(value) : undefined))
  if (used[0] === undefined) return undefined
  const stops = [...DURATIONS.map((text) => parseDuration(text)), ...used].filter((ms) => ms !== undefined)
  return { by: 'duration', stops: [...new Set(stops)].sort((a, b) => a - b) }
}

/** About a hundred round steps, and fine enough for the value that stands. */
function stepFor({ value, min = 0, max = 1 }: Param): number {
  const power = 10 ** Math.floor(Math.log10((max - min) / 100))
  const round = [1, 2, 5, 10].map((nice) => nice * power).find((nice) => nice >= (max - min) / 100) ?? power
  const step = Number.isInteger(min) && Number.isInteger(max) && max - min >= 20 ? Math.max(1, round) : round
  const off = typeof value === 'number' ? Math.abs(Math.round((value - min) / step) * step - (value - min)) : 0
  return Number((off < step / 1000 ? step : step / 10).toPrecision(12))
}

/** A duration as an author would write it: `48h` stays, `90000 ms` becomes `1m30s`. */
export function durationText(ms: number): string {
  return DURATIONS.find((text) => parseDuration(text) === ms) ?? formatDuration(ms)
}

export type ValueFault = 'notDuration' | 'notNumber' | 'belowMin' | 'aboveMax' | 'empty'

/** Why a value cannot stand, by name; undefined when it can. */
export function faultOf(param: Param, value: Param['value'] | null): ValueFault | undefined {
  if (value === null || value === '') return 'empty'
  if (param.unit === 'duration') return typeof value === 'string' && parseDuration(value) !== undefined ? undefined : 'notDuration'
  if (typeof param.value !== 'number') return undefined
  if (typeof value !== 'number' || !Number.isFinite(value)) return 'notNumber'
  if (param.min !== undefined && value < param.min) return 'belowMin'
  return param.max !== undefined && value > param.max ? 'aboveMax' : undefined
}
