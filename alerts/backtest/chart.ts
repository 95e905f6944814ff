import type { Scalar } from '../../domain/alert.ts'
import type { BacktestResult } from '../../domain/authoring.ts'
import { FIELDS, type Field, PLACE_FIELDS } from '../../domain/fields.ts'
import { effectiveAt, type Observation, type SceneObject } from '../../domain/observation.ts'
import type { RuleFile } from '../../domain/rule.ts'
import { formatInstant, type Instant } from '../../domain/time.ts'
import { comparisonsOf } from '../../rules/compared.ts'
import type { Matched } from './match.ts'

export const MOST_POINTS = 500

type Chart = NonNullable<BacktestResult['chart']>
type Params = Readonly<Record<string, Scalar>>

/** The asset whose alerts differ most, else the one with most alerts; undefined when there are none. */
export function mostDifferent({ added, removed, changed }: Matched, live: readonly { asset: string }[]): { asset: string; differences: number } | undefined {
  const differing = [...added, ...removed, ...changed.map(({ before }) => before)]
  const found = mostFrequent(differing)
  if (found) return { asset: found.asset, differences: found.count }
  const any = mostFrequent(live)
  return any && { asset: any.asset, differences: 0 }
}

function mostFrequent(alerts: readonly { asset: string }[]): { asset: string; count: number } | undefined {
  const counts = new Map<string, number>()
  for (const { asset } of alerts) counts.set(asset, (counts.get(asset) ?? 0) + 1)
  let best: { asset: string; count: number } | undefined
  for (const [asset, count] of counts) if (!best || count > best.count || (count === best.count && asset < best.asset)) best = { asset, count }
  return best
}

/** What to draw: a number that the condition compares with a param, first of all with one that the edit changes. */
export interface Drawn {
  field: string
  unit: string
  thresholds: Chart['thresholds']
  read(observation: Observation): number | undefined
}

/** Undefined when the condition compares no number with a param. */
export function drawnField(edit: RuleFile, live: Params, edited: Params): Drawn | undefined {
  const comparisons = comparisonsOf(edit).filter(({ param }) => typeof edited[param] === 'number')
  const best = comparisons.find(({ param }) => live[param] !== edited[param]) ?? comparisons[0]
  if (!best) return undefined
  const { field } = best
  const params = [...new Set(comparisons.filter((each) => each.field === field).map(({ param }) => param))]
  const thresholds = params.map((param) => ({ param, live: numberOr(live[param], edited[param] as number), edit: edited[param] as number }))
  if (edit.each === 'object') return { field, unit: '1', thresholds, read: (observation) => bestScore(edit, observation) }
  const known: Record<string, Field> = { ...PLACE_FIELDS, ...FIELDS[edit.on] }
  const is = known[field]
  if (is?.type !== 'number') return undefined
  return { field, unit: is.unit, thresholds, read: ({ payload }) => (typeof payload[field] === 'number' ? payload[field] : undefined) }
}

function numberOr(value: Scalar | undefined, otherwise: number): number {
  return typeof value === 'number' ? value : otherwise
}

/** The strongest object that the rule is about, below its threshold too. */
function bestScore({ objects: wanted }: RuleFile, { payload }: Observation): number | undefined {
  const scores = ((payload.objects as SceneObject[] | undefined) ?? []).filter(({ label }) => wanted?.labels.includes(label)).map(({ score }) => score)
  return scores.length > 0 ? Math.max(...scores) : undefined
}

/** Least and greatest value of each of at most 500 stretches of equal length; stretches without a value are left out. */
export function thinned(observations: readonly Observation[], read: Drawn['read'], from: Instant, to: Instant): Chart['points'] {
  const width = Math.max(1, Math.ceil((to - from + 1) / MOST_POINTS))
  const stretches = new Map<number, { min: number; max: number }>()
  for (const observation of observations) {
    const value = read(observation)
    if (value === undefined) continue
    const index = Math.floor((effectiveAt(observation) - from) / width)
    const stretch = stretches.get(index)
    if (!stretch) stretches.set(index, { min: value, max: value })
    else Object.assign(stretch, { min: Math.min(stretch.min, value), max: Math.max(stretch.max, value) })
  }
  return [...stretches].sort(([a], [b]) => a - b).map(([index, { min, max }]) => ({ at: formatInstant(from + index * width), min, max }))
}
