import type { Algorithm } from '../../domain/camera.ts'
import type { RuleRow } from '../api/client.ts'

export interface Bound {
  rule: RuleRow
  binding: Algorithm
}

/** The rules that a camera serves: those that it names, or every rule over scenes while it names none. */
export function boundRules(algorithms: readonly Algorithm[] | null, rules: readonly RuleRow[]): Bound[] {
  const scenes = rules.filter(({ file }) => file.on === 'scene')
  if (algorithms === null) return scenes.map((rule) => ({ rule, binding: { rule: rule.id, zones: [], schedule: null, everyS: null, params: {} } }))
  return algorithms.flatMap((binding) => {
    const rule = scenes.find(({ id }) => id === binding.rule)
    return rule ? [{ rule, binding }] : []
  })
}
