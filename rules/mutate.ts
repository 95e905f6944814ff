import { CodedError } from '../domain/errors.ts'
import { parseRuleFile } from './file.ts'
import { type Mutant, mutantsOf } from './mutants.ts'
import { runScenario } from './scenario.ts'
import { parseScenarios, type Scenario } from './scenario-file.ts'

/** What a mutation run found out about one rule. */
export interface MutationResult {
  mutants: number
  /** Changes that no scenario notices. */
  survivors: Mutant[]
  /** Changes that a reason says cannot be noticed. */
  equivalent: number
  /** Reasons for changes that a scenario does notice, or that are none. */
  stale: string[]
}

/** Changes a rule one step at a time and asks its scenarios whether they notice. Throws when the rule or the scenarios are not valid. */
export function mutate(source: string, scenarios: string, base?: string): MutationResult {
  const parsed = parseRuleFile(source, base)
  if ('errors' in parsed) throw new CodedError('rules.invalid', undefined, { details: parsed.errors.map(({ line, column, why }) => ({ where: `${line}:${column}`, why })) })
  const file = parseScenarios(scenarios)
  const failing = file.scenarios.find((scenario) => runScenario({ source, base, file: parsed.file }, scenario).length > 0)
  if (failing) throw new CodedError('scenarios.invalid', undefined, { details: [{ where: `${failing.line}`, why: `scenario "${failing.name}" fails for the rule as it is` }] })
  const mutants = mutantsOf(source, base)
  const reasoned = new Set(file.equivalent.map(({ equivalent }) => equivalent))
  const order = [...file.scenarios]
  const alive = mutants.filter((mutant) => !notices(order, mutant, base))
  const names = new Set(alive.map(({ name }) => name))
  return {
    mutants: mutants.length,
    survivors: alive.filter(({ name }) => !reasoned.has(name)),
    equivalent: alive.filter(({ name }) => reasoned.has(name)).length,
    stale: [...reasoned].filter((name) => !names.has(name)),
  }
}

/** Whether one of the scenarios fails for the changed rule; the one that did comes first for the next. */
function notices(order: Scenario[], { source }: Mutant, base: string | undefined): boolean {
  const parsed = parseRuleFile(source, base)
  if ('errors' in parsed) return true
  const index = order.findIndex((scenario) => runScenario({ source, base, file: parsed.file }, scenario).length > 0)
  if (index > 0) order.unshift(...order.splice(index, 1))
  return index >= 0
}
