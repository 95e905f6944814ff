import type { Scalar } from '../domain/alert.ts'
import { CodedError } from '../domain/errors.ts'
import { STALE_AFTER } from '../domain/fields.ts'
import type { Offset, RuleId } from '../domain/ids.ts'
import { type RuleFile, type RuleState, SEVERITIES, type Severity } from '../domain/rule.ts'
import { holdMs, parseRuleFile } from './file.ts'
import { type Condition, compileCondition } from './language/compile.ts'
import { parseCondition } from './language/environment.ts'
import type { Context, Evaluate } from './language/values.ts'

/** A version in one of these states is judged. */
export type RunState = Extract<RuleState, 'live' | 'shadow'>

/** A rule version as the engine runs it. */
export interface CompiledRule {
  id: RuleId
  version: number
  state: RunState
  source: string
  /** Where it came into force in the journal: earlier data is not judged by it again. */
  since: Offset
  file: RuleFile
  params: Readonly<Record<string, Scalar>>
  when: Evaluate
  /** Undefined: the alert clears when `when` is false. */
  clear: Evaluate | undefined
  forMs: number
  clearMs: number
  severity: ((context: Context) => Severity | undefined) | Severity
  inform: Evaluate | undefined
  absences: readonly number[]
  anchors: number
  /** Fields that the alert shows. */
  fields: readonly string[]
}

/** Compiles the source of a version that was checked before it entered the journal; throws `rules.invalid` all the same. */
export function compileRule(version: { id: string; version: number; state: RunState; source: string; since: Offset }): CompiledRule {
  const parsed = parseRuleFile(version.source)
  if ('errors' in parsed)
    throw new CodedError('rules.invalid', `Rule ${version.id} has errors.`, {
      details: parsed.errors.map((error) => ({ where: `${version.id}:${error.line}:${error.column}`, why: error.why })),
    })
  const { file } = parsed
  const compile = compiler(file)
  const when = compile.condition(file.when, 'bool')
  const clear = file.clear && compile.condition(file.clear.when, 'bool')
  const severity = isSeverity(file.severity) ? file.severity : severityFrom(compile.condition(file.severity, 'string').evaluate)
  const inform = file.inform === undefined ? undefined : compile.condition(file.inform, 'bool').evaluate
  return {
    ...version,
    id: version.id as RuleId,
    file,
    params: Object.fromEntries(Object.entries(file.params).map(([name, param]) => [name, param.value])),
    when: when.evaluate,
    clear: clear?.evaluate,
    forMs: holdMs(file.for, file) ?? 0,
    clearMs: holdMs(file.clear ? file.clear.for : file.keepFiringFor, file) ?? 0,
    severity,
    inform,
    absences: [...when.absences, ...(clear?.absences ?? [])],
    anchors: compile.anchors(),
    fields: [...new Set([...when.fields, ...(clear?.fields ?? []), ...file.show])],
  }
}

function compiler(file: RuleFile): { condition(text: string, want: 'bool' | 'string'): Condition; anchors(): number } {
  const object = file.each === 'object'
  let anchors = 0
  return {
    anchors: () => anchors,
    condition: (text, want) => {
      const parsed = parseCondition(text, want, { kind: file.on, object, params: file.params })
      if ('errors' in parsed) throw new CodedError('rules.invalid', parsed.errors[0]?.why)
      const condition = compileCondition(parsed.tree, { object, staleAfter: STALE_AFTER[file.on], firstAnchor: anchors })
      anchors += condition.stills
      return condition
    },
  }
}

function severityFrom(evaluate: Evaluate): (context: Context) => Severity | undefined {
  return (context) => {
    const severity = evaluate(context)
    return SEVERITIES.find((each) => each === severity)
  }
}

function isSeverity(text: string): text is Severity {
  return (SEVERITIES as readonly string[]).includes(text)
}
