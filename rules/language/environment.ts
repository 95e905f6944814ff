import { type ASTNode, Environment, ParseError } from '@marcbachmann/cel-js'
import { parseDuration } from '../../domain/time.ts'
import { functionsFor } from './functions.ts'
import { typeCheck } from './typecheck.ts'
import type { Scope } from './types.ts'

/** The owner of cel-js, which parses conditions; typecheck.ts checks their types, compile.ts turns the tree into closures. */
export type Node = ASTNode

/** What is wrong with a condition, and with which part of its text. */
export interface ConditionError {
  start: number
  end: number
  why: string
}

const CEL = new Environment({ limits: { maxAstNodes: 1000, maxDepth: 50 } })

/** Parses and type-checks one condition; all that can be said against it comes back with its place. */
export function parseCondition(text: string, want: 'bool' | 'string', scope: Scope): { tree: Node } | { errors: ConditionError[] } {
  let tree: Node
  try {
    tree = CEL.parse(text).ast
  } catch (thrown) {
    if (!(thrown instanceof ParseError)) throw thrown
    const start = Math.min(thrown.range?.start ?? 0, Math.max(0, text.length - 1))
    return { errors: [{ start, end: Math.max(start + 1, thrown.range?.end ?? 0), why: explain(thrown.summary, text, start) }] }
  }
  const errors = typeCheck(text, tree, want, scope)
  errors.push(...durationErrors(tree, scope).filter(({ start }) => !errors.some((each) => each.start === start)))
  return errors.length > 0 ? { errors } : { tree }
}

/** Arguments that say how long are written out or params: how far a condition looks back must not change while it runs. */
function durationErrors(tree: Node, scope: Scope): ConditionError[] {
  const errors: ConditionError[] = []
  const functions = functionsFor(scope)
  walk(tree, (node) => {
    if (node.op !== 'call') return
    const [name, args] = node.args
    for (const position of functions.find((each) => each.name === name)?.durations ?? []) {
      const argument = args[position]
      if (argument === undefined) continue
      const { start, end } = argument
      const text = argument.op === '.' ? scope.params[argument.args[1]]?.value : argument.op === 'value' ? argument.args : undefined
      if (text === undefined) errors.push({ start, end, why: `${name} needs a duration such as '10m', or a param that is one` })
      else if (typeof text === 'string' && !(parseDuration(text) ?? 0)) errors.push({ start, end, why: `"${text}" is not a duration such as 10m` })
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

const WORDS: Record<string, string> = { and: '&&', or: '||', not: '!', AND: '&&', OR: '||', NOT: '!' }

/** What other languages write is said in this one. */
function explain(summary: string, text: string, start: number): string {
  if (summary.endsWith('EOF')) return 'the condition ends too early'
  const rest = text.slice(start)
  const word = /^\w+/.exec(rest)?.[0] ?? ''
  if (Object.hasOwn(WORDS, word)) return `write ${WORDS[word]} for ${word}`
  if (/^=(?!=)/.test(rest)) return 'write == to compare'
  if (rest.startsWith('&') || rest.startsWith('|')) return `write ${rest.startsWith('&') ? '&& for and' : '|| for or'}`
  if (summary.includes('escape')) return "\\ begins an escape in a text; write r'…' before a pattern"
  return `this cannot be read: ${summary.charAt(0).toLowerCase()}${summary.slice(1)}`
}
