import type { Param } from '../../domain/rule.ts'
import { parseDuration } from '../../domain/time.ts'

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
  if (param.unit === 'duration' && parseDuration(String(value)) === undefined) return 'must be a duration such as 2s or 15m'
  if (typeof value !== 'number') return undefined
  if (param.min !== undefined && value < param.min) return `must not be below ${param.min}`
  return param.max !== undefined && value > param.max ? `must not be above ${param.max}` : undefined
}
