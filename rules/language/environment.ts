import { type ASTNode, Environment, ParseError } from '@marcbachmann/cel-js'
import type { Field, Kind } from '../../domain/fields.ts'
import { FIELDS, PLACE_FIELDS } from '../../domain/fields.ts'
import type { Param } from '../../domain/rule.ts'
import { parseDuration } from '../../domain/time.ts'
import { functionsFor } from './functions.ts'

/** The owner of cel-js: it parses conditions and checks their types; compile.ts turns the tree into closures. */
export type Node = ASTNode

/** What is wrong with a condition and where: `column` counts from 1 in the condition's own text. */
export interface ConditionError {
  line: number
  column: number
  why: string
}

const OBJECT_VARIABLES = { label: 'string', score: 'double', bestScore: 'double', track: 'string', zone: 'string' } as const

function celType(field: Field): string {
  switch (field.type) {
    case 'number':
      return 'double'
    case 'boolean':
      return 'bool'
    case 'enum':
    case 'text':
      return 'string'
    case 'texts':
      return 'list<string>'
  }
}

function paramType(param: Param): string {
  if (typeof param.value === 'number') return 'double'
  return typeof param.value === 'boolean' ? 'bool' : 'string'
}

/** Names that a condition of this kind may use, with their CEL types. */
export function variablesOf(kind: Kind, object: boolean): Record<string, string> {
  if (object) return OBJECT_VARIABLES
  const fields: Record<string, Field> = { ...FIELDS[kind], ...PLACE_FIELDS }
  return Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, celType(field)]))
}

const never = (): never => {
  throw new Error('conditions run as compiled closures, not in cel-js')
}

function environmentOf(kind: Kind, object: boolean, params: Readonly<Record<string, Param>>): Environment {
  const env = new Environment({ limits: { maxAstNodes: 1000, maxDepth: 50 } })
  for (const [name, type] of Object.entries(variablesOf(kind, object))) env.registerVariable(name, type)
  env.registerVariable({ name: 'params', schema: Object.fromEntries(Object.entries(params).map(([name, param]) => [name, paramType(param)])) })
  // CEL keeps int and double apart; authors write 2 * speedKmh.
  for (const op of ['+', '-', '*', '/']) {
    env.registerOperator(`double ${op} int`, never)
    env.registerOperator(`int ${op} double`, never)
  }
  for (const { signatures } of functionsFor({ kind, object })) for (const signature of signatures) env.registerFunction(signature, never)
  return env
}

/** Parses and type-checks one condition; all that can be said against it comes back with its place. */
export function parseCondition(
  text: string,
  want: 'bool' | 'string',
  scope: { kind: Kind; object: boolean; params: Readonly<Record<string, Param>> },
): { tree: Node } | { errors: ConditionError[] } {
  const env = environmentOf(scope.kind, scope.object, scope.params)
  let tree: Node
  try {
    tree = env.parse(text).ast
  } catch (thrown) {
    if (!(thrown instanceof ParseError)) throw thrown
    return { errors: [errorAt(text, thrown.range?.start ?? 0, thrown.summary)] }
  }
  const checked = env.check(text)
  if (!checked.valid) return { errors: [errorAt(text, checked.error?.range?.start ?? 0, explain(checked.error?.summary ?? 'type error', scope))] }
  if (checked.type !== want && checked.type !== 'dyn') return { errors: [errorAt(text, 0, `gives ${checked.type}, must give ${want}`)] }
  const errors = durationErrors(tree, text, scope)
  return errors.length > 0 ? { errors } : { tree }
}

/** Arguments that say how long must be written out: what a condition remembers is laid out before it runs. */
function durationErrors(node: Node, text: string, scope: { kind: Kind; object: boolean }): ConditionError[] {
  const errors: ConditionError[] = []
  const functions = functionsFor(scope)
  walk(node, (each) => {
    if (each.op !== 'call') return
    const [name, args] = each.args
    for (const position of functions.find((one) => one.name === name)?.durations ?? []) {
      const argument = args[position]
      if (argument === undefined) continue
      if (argument.op !== 'value') errors.push(errorAt(text, argument.start, `${name} needs a duration that is written out, such as '10m'`))
      else if (parseDuration(String(argument.args)) === undefined) errors.push(errorAt(text, argument.start, `"${String(argument.args)}" is not a duration such as 10m`))
    }
  })
  return errors
}

/** Visits every node of a condition. */
export function walk(node: Node, visit: (node: Node) => void): void {
  visit(node)
  const descend = (value: unknown): void => {
    if (Array.isArray(value)) value.forEach(descend)
    else if (value !== null && typeof value === 'object' && 'op' in value) walk(value as Node, visit)
  }
  descend(node.args)
}

export function errorAt(text: string, position: number, why: string): ConditionError {
  const before = text.slice(0, position).split('\n')
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1, why }
}

/** Adds the nearest right name to an unknown one: most such errors are slips of the pen. */
function explain(summary: string, scope: { kind: Kind; object: boolean; params: Readonly<Record<string, Param>> }): string {
  const unknown = /^(Unknown variable|No such key): (\S+)/.exec(summary)
  if (!unknown?.[2]) return summary
  const name = unknown[2]
  const isParam = unknown[1] === 'No such key'
  const names = isParam ? Object.keys(scope.params) : [...Object.keys(variablesOf(scope.kind, scope.object)), 'params']
  const nearest = names.map((each) => [distance(name.toLowerCase(), each.toLowerCase()), each] as const).sort((a, b) => a[0] - b[0])[0]
  const hint = nearest && nearest[0] <= Math.max(2, name.length / 2) ? `; did you mean ${isParam ? 'params.' : ''}${nearest[1]}?` : ''
  const where = isParam ? `there is no param ${name}` : `${scope.object ? 'an object of a scene' : `kind ${scope.kind}`} has no field ${name}`
  return where + hint
}

/** Levenshtein distance. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) next[j] = Math.min((next[j - 1] ?? 0) + 1, (row[j] ?? 0) + 1, (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1))
    row = next
  }
  return row[b.length] ?? 0
}
