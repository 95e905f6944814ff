import { SEVERITIES } from '../../domain/rule.ts'
import { compileCondition } from './compile.ts'
import { type ConditionError, type Node, parseCondition } from './environment.ts'
import { UnsupportedError } from './function.ts'
import { didYouMean } from './nearest.ts'
import type { Scope } from './types.ts'

/** All that can be said against a condition, with its place; empty: it parses, its types agree and it compiles. */
export function checkCondition(text: string, want: 'bool' | 'string', scope: Scope): ConditionError[] {
  const bare = /^\w+$/.test(text) && want === 'string'
  if (bare) return [{ start: 0, end: text.length, why: notASeverity(text) }]
  const parsed = parseCondition(text, want, scope)
  if ('errors' in parsed) return parsed.errors
  const errors = languageErrors(parsed.tree, text, scope)
  return want === 'string' ? [...errors, ...severityErrors(parsed.tree)] : errors
}

/** A last look, for what the type check let through and the compiler does not take: it must not get into the journal. */
function languageErrors(tree: Node, text: string, scope: Scope): ConditionError[] {
  try {
    compileCondition(tree, { kind: scope.kind, object: scope.object, staleAfter: 0, firstSlot: 0 })
    return []
  } catch (thrown) {
    if (!(thrown instanceof UnsupportedError)) throw thrown
    return [{ start: 0, end: text.length, why: thrown.message }]
  }
}

/** Every text that a severity may come out as must be one. */
function severityErrors(node: Node): ConditionError[] {
  if (node.op === '?:') return [...severityErrors(node.args[1]), ...severityErrors(node.args[2])]
  if (node.op !== 'value' || (SEVERITIES as readonly unknown[]).includes(node.args)) return []
  return [{ start: node.start, end: node.end, why: notASeverity(String(node.args)) }]
}

function notASeverity(text: string): string {
  return `"${text}" is not one of ${SEVERITIES.join(', ')}${didYouMean(text, SEVERITIES)}`
}
