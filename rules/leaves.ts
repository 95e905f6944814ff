import { type Node, walk } from './language/environment.ts'
import type { Evaluate } from './language/values.ts'
import { type CompiledRule, compileRule, type Part } from './rule.ts'

/** One clause of a condition: a comparison or a call that stands between `&&`, `||` and `!`. */
export interface Leaf {
  part: Part
  text: string
  evaluate: Evaluate
  /** Both sides of a comparison. */
  sides: readonly Evaluate[]
  /** What an author wants to see the value of: fields, params and calls, each once. `field`: the name of a field. */
  operands: readonly { text: string; evaluate: Evaluate; field: string | undefined }[]
}

const COMPARISONS: readonly string[] = ['==', '!=', '<', '<=', '>', '>=', 'in']

/**
 * The clauses of a rule, each as a closure of its own over the rule's memory. The rule is compiled once more for it,
 * because the engine's own closures have no names left.
 */
export function leavesOf(rule: CompiledRule): Leaf[] {
  const seen = new Map<Node, Evaluate>()
  const roots: { part: Part; text: string; node: Node }[] = []
  compileRule(rule, (part, text, node, evaluate) => {
    seen.set(node, evaluate)
    // A condition's root is compiled last of all its nodes.
    const known = roots.find((root) => root.part === part)
    if (known) known.node = node
    else roots.push({ part, text, node })
  })
  return roots.flatMap(({ part, text, node }) => clauses(node).map((clause) => leafOf(part, text, clause, seen)))
}

function clauses(node: Node): Node[] {
  if (node.op === '&&' || node.op === '||') return [...clauses(node.args[0]), ...clauses(node.args[1])]
  if (node.op === '!_' && ['&&', '||', '?:'].includes(node.args.op)) return clauses(node.args)
  if (node.op === '?:') return [...clauses(node.args[0]), ...clauses(node.args[1]), ...clauses(node.args[2])].filter((each) => each.op !== 'value')
  return [node]
}

function leafOf(part: Part, text: string, node: Node, seen: ReadonlyMap<Node, Evaluate>): Leaf {
  return {
    part,
    text: text.slice(node.start, node.end),
    evaluate: seen.get(node) ?? unknown,
    sides: COMPARISONS.includes(node.op) ? (node.args as [Node, Node]).map((side) => seen.get(side) ?? unknown) : [],
    operands: operandsOf(text, node, seen),
  }
}

const unknown: Evaluate = () => undefined

function operandsOf(text: string, node: Node, seen: ReadonlyMap<Node, Evaluate>): Leaf['operands'] {
  const operands = new Map<string, Leaf['operands'][number]>()
  walk(node, (each) => {
    const evaluate = seen.get(each)
    const name = text.slice(each.start, each.end)
    if (!evaluate || !['id', '.', 'call'].includes(each.op) || name === 'params') return
    operands.set(name, { text: name, evaluate, field: each.op === 'id' ? name : undefined })
  })
  return [...operands.values()]
}
