import type { Param } from '../../domain/rule.ts'
import { formatDuration, parseDuration, SECOND } from '../../domain/time.ts'

/** Values that a rule's params do not take, each with why. */
export function paramFaults(params: Readonly<Record<string, Param>>, values: Readonly<Record<string, Param['value']>>): { name: string; why: string }[] {
  return Object.entries(values).flatMap(([name, value]) => {
    const why = paramFault(Object.hasOwn(params, name) ? params[name] : undefined, value)
    return why === undefined ? [] : [{ name, why }]
  })
}

function paramFault(param: Param | undefined, value: Param['value']): string | undefined {
  if (!param) return 'the rule has no such param'
  if (typeof value !== typeof param.value) return `must be a ${typeof param.value}`
  const lasts = param.unit === 'duration'
  const ms = lasts ? parseDuration(String(value)) : undefined
  if (lasts && ms === undefined) return 'must be a duration such as 2s or 15m'
  const size = ms === undefined ? value : ms / SECOND
  if (typeof size !== 'number') return undefined
  const bound = (limit: number): string => (lasts ? formatDuration(limit * SECOND) : String(limit))
  if (param.min !== undefined && size < param.min) return `must not be below ${bound(param.min)}`
  return param.max !== undefined && size > param.max ? `must not be above ${bound(param.max)}` : undefined
}
