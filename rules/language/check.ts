import { SEVERITIES } from '../../domain/rule.ts'
import { compileCondition } from './compile.ts'
import { type ConditionError, errorAt, type Node, parseCondition } from './environment.ts'
import { UnsupportedError } from './function.ts'

/** All that can be said against a condition, with its place; empty: it parses, its types agree and it compiles. */
export function checkCondition(text: string, want: 'bool' | 'string', scope: Parameters<typeof parseCondition>[2]): ConditionError[] {
  const parsed = parseCondition(text, want, scope)
  if ('errors' in parsed) return parsed.errors
  const errors = languageErrors(parsed.tree, text, scope)
  return want === 'string' ? [...errors, ...severityErrors(parsed.tree, text)] : errors
}

/** CEL that is valid and still no part of the rule language: what cannot be compiled must not get into the journal. */
function languageErrors(tree: Node, text: string, scope: { kind: string; object: boolean }): ConditionError[] {
  try {
    compileCondition(tree, { kind: scope.kind, object: scope.object, staleAfter: 0, firstSlot: 0 })
    return []
  } catch (thrown) {
    if (!(thrown instanceof UnsupportedError)) throw thrown
    return [errorAt(text, 0, thrown.message)]
  }
}

/** Every text that a severity may come out as must be one. */
function severityErrors(node: Node, text: string): ConditionError[] {
  if (node.op === '?:') return [...severityErrors(node.args[1], text), ...severityErrors(node.args[2], text)]
  if (node.op !== 'value' || (SEVERITIES as readonly unknown[]).includes(node.args)) return []
  return [errorAt(text, node.start, `"${String(node.args)}" is not one of ${SEVERITIES.join(', ')}`)]
}
