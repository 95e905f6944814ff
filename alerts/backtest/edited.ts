import { parseDocument } from 'yaml'
import type { BacktestRequest } from '../../domain/authoring.ts'
import { CodedError, type Detail } from '../../domain/errors.ts'
import type { Param } from '../../domain/rule.ts'
import { parseDuration } from '../../domain/time.ts'
import { type CompiledRule, compileRule, type RuleVersion } from '../../rules/rule.ts'

/** A version of a rule as the book has it. */
export interface StoredVersion {
  version: number
  state: string
  source: string
  base?: string | null
  /** Live in these only. */
  areas?: readonly string[] | null
}

/** The version that is live, if any, and what is tried instead of it. */
export interface Trial {
  live: RuleVersion | undefined
  edit: RuleVersion
  /** Params whose values differ between them, with the edit's values. */
  set: Record<string, number | string | boolean>
}

/**
 * Makes the two versions that a backtest compares. Without a version that is live the newest one is what the edit
 * changes. Throws `not_found`, or `rules.invalid` with everything that is wrong with the edit.
 */
export function trialOf({ rule: id, set = {}, source }: Pick<BacktestRequest, 'rule' | 'set' | 'source'>, versions: readonly StoredVersion[]): Trial {
  const live = versions.find(({ state, areas }) => state === 'live' && !areas)
  const kept = versions.filter(({ state }) => state !== 'removed')
  const origin = live ?? kept.toSorted((a, b) => b.version - a.version)[0]
  if (!origin && source === undefined) throw new CodedError('not_found', `There is no rule ${id}.`)
  const ofVersion = ({ version, source, base }: StoredVersion): RuleVersion => ({
    id,
    version,
    state: 'live',
    source,
    base: base ?? undefined,
    areas: undefined,
    since: 0,
    sinceAt: 0,
  })
  const written: RuleVersion = { ...ofVersion(origin ?? { version: 0, state: 'draft', source: '' }), ...(source !== undefined && { source }) }
  const compiled = compileRule(written)
  if (compiled.file.rule !== id) throw new CodedError('rules.invalid', undefined, { details: [{ where: 'rule', why: `must be ${id}` }] })
  refuseWrong(set, compiled.file.params)
  const edit = { ...written, source: withValues(written.source, set) }
  return { live: live && ofVersion(live), edit, set: differing(live && compileRule(ofVersion(live)), compileRule(edit)) }
}

function refuseWrong(set: NonNullable<BacktestRequest['set']>, params: Readonly<Record<string, Param>>): void {
  const details = Object.entries(set).flatMap(([name, value]): Detail[] => {
    const why = faultOf(value, Object.hasOwn(params, name) ? params[name] : undefined)
    return why === undefined ? [] : [{ where: `set.${name}`, why }]
  })
  if (details.length > 0) throw new CodedError('rules.invalid', undefined, { details })
}

function faultOf(value: number | string | boolean, param: Param | undefined): string | undefined {
  if (!param) return 'the rule has no such param'
  if (typeof value !== typeof param.value) return `must be a ${typeof param.value}`
  if (param.unit === 'duration' && parseDuration(String(value)) === undefined) return 'must be a duration such as 15m'
  if (typeof value !== 'number') return undefined
  if (param.min !== undefined && value < param.min) return `is below min ${param.min}`
  if (param.max !== undefined && value > param.max) return `is above max ${param.max}`
  return undefined
}

/** A param that only the extended rule has is added with its value alone. */
function withValues(source: string, set: NonNullable<BacktestRequest['set']>): string {
  if (Object.keys(set).length === 0) return source
  const document = parseDocument(source)
  for (const [name, value] of Object.entries(set)) document.setIn(['params', name, 'value'], value)
  return document.toString()
}

function differing(live: CompiledRule | undefined, edit: CompiledRule): Trial['set'] {
  return Object.fromEntries(Object.entries(edit.params).filter(([name, value]) => live?.params[name] !== value))
}
