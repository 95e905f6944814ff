import { type RuleFile, RuleFileSchema, SEVERITIES } from '../domain/rule.ts'
import { inherited } from './extends.ts'
import { type Fault, faultsOf, inhibitFaults } from './file-checks.ts'
import { checkCondition } from './language/check.ts'
import { type FileError, SourceText } from './places.ts'
import { MOST_ERRORS, schemaFaults } from './schema-faults.ts'

export { holdMs } from './file-checks.ts'
export type { FileError } from './places.ts'

/** What is known of the city where a rule is checked; what is not given is not checked. */
export interface Known {
  /** Ids of the calendars. */
  calendars?: readonly string[]
  /** Names of the rules. */
  rules?: readonly string[]
}

/**
 * Reads a rule file; either the rule, or everything that is wrong with it at once. `base`: the source of the rule that it
 * extends.
 */
export function parseRuleFile(text: string, base?: string, known: Known = {}): { file: RuleFile } | { errors: FileError[] } {
  const source = new SourceText(text)
  if (source.errors.length > 0) return { errors: source.errors }
  const whole = inherited(source, base)
  if ('why' in whole) {
    const own = RuleFileSchema.safeParse(source.value)
    // What is not complete without its parent cannot be judged without it.
    return { errors: inOrder([{ ...source.placeOf(['extends']), why: `extends: ${whole.why}` }, ...(own.success ? valueErrors(own.data, source, known) : [])]) }
  }
  const parsed = RuleFileSchema.safeParse(whole.words)
  if (!parsed.success) return { errors: inOrder(placed(schemaFaults(parsed.error, whole.words, RuleFileSchema), source)) }
  const file = parsed.data
  const errors = valueErrors(file, source, known)
  return errors.length > 0 ? { errors: inOrder(errors) } : { file }
}

function valueErrors(file: RuleFile, source: SourceText, known: Known): FileError[] {
  const faults = [...faultsOf(file), ...inhibitFaults(file, known)].slice(0, MOST_ERRORS)
  return [...placed(faults, source), ...conditionErrors(file, source, known)]
}

function placed(faults: readonly Fault[], source: SourceText): FileError[] {
  return faults.map((fault) => ({ ...source.placeOfFault(fault), why: fault.why }))
}

/** Everything that is wrong with a rule file, with its place, for editors; empty when it may go live. */
export function checkRule(text: string, base?: string, known?: Known): FileError[] {
  const parsed = parseRuleFile(text, base, known)
  return 'errors' in parsed ? parsed.errors : []
}

function inOrder(errors: readonly FileError[]): FileError[] {
  return [...errors].sort((a, b) => a.line - b.line || a.column - b.column)
}

function conditionErrors(file: RuleFile, source: SourceText, { calendars }: Known): FileError[] {
  const scope = { kind: file.on, object: file.each === 'object', params: file.params, calendars }
  const conditions: [path: readonly string[], text: string | undefined, want: 'bool' | 'string'][] = [
    [['when'], file.when, 'bool'],
    [['clear', 'when'], file.clear?.when, 'bool'],
    [['inform'], file.inform, 'bool'],
    [['severity'], (SEVERITIES as readonly string[]).includes(file.severity) ? undefined : file.severity, 'string'],
  ]
  return conditions.flatMap(([path, text, want]) =>
    text === undefined
      ? []
      : checkCondition(text, want, { ...scope, part: path.join('.') }).map(({ start, end, why }) => ({
          ...source.placeWithin(path, start, end),
          why: `${path.join('.')}: ${why}`,
        })),
  )
}
