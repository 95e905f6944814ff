import type { Scalar } from '../../domain/alert.ts'
import { PLACE_FIELDS } from '../../domain/fields.ts'

export type Comparison = '>' | '>=' | '<' | '<=' | '==' | '!='
/** One comparison that a rule makes: this field against that param. */
export interface Threshold {
  field: string
  comparison: Comparison
  param: string
  value: Scalar
}

const SIDE = String.raw`([A-Za-z]\w*(?:\(\s*[A-Za-z]\w*[^()]*\))?)`
const AGAINST_PARAM = new RegExp(String.raw`${SIDE}\s*(>=|<=|==|!=|>|<)\s*params\.([A-Za-z]\w*)`, 'g')

/**
 * Reads the comparisons with params out of a condition (`tiltDeg > params.tiltDeg`, `avg(waterMm, '5m') >= params.warnMm`),
 * so that a value can be shown beside its limit. What it cannot read it leaves out; the engine never asks it.
 */
export function thresholdsOf(when: string, params: Readonly<Record<string, Scalar>>): Threshold[] {
  return [...when.matchAll(AGAINST_PARAM)].flatMap(([, side = '', comparison, param = '']) => {
    const value = params[param]
    const field = /\(\s*([A-Za-z]\w*)/.exec(side)?.[1] ?? side
    return value === undefined ? [] : [{ field, comparison: comparison as Comparison, param, value }]
  })
}

/** Is the value beyond its limit? undefined when the two cannot be compared. */
export function isBeyond(value: unknown, { comparison, value: limit }: Threshold): boolean | undefined {
  if (typeof value !== typeof limit) return undefined
  const difference = typeof value === 'number' && typeof limit === 'number' ? value - limit : Number.NaN
  switch (comparison) {
    case '==':
      return value === limit
    case '!=':
      return value !== limit
    case '>':
      return difference > 0
    case '>=':
      return difference >= 0
    case '<':
      return difference < 0
    case '<=':
      return difference <= 0
  }
}

/** Where it was is shown as a place, not as numbers beside the others. */
export const isPlace = (field: string): boolean => Object.hasOwn(PLACE_FIELDS, field)

/** The number worth drawing: the first that has a limit, else the first number that the condition saw. */
export function fieldToDraw(values: Readonly<Record<string, Scalar>>, thresholds: readonly Threshold[]): string | undefined {
  const limited = thresholds.find((threshold) => typeof threshold.value === 'number' && threshold.field in values)
  return (
    limited?.field ??
    thresholds.find((threshold) => typeof threshold.value === 'number')?.field ??
    Object.keys(values).find((name) => typeof values[name] === 'number' && !isPlace(name))
  )
}
