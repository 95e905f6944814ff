import type { RuleFile } from '../domain/rule.ts'
import { type Node, parseCondition, walk } from './language/environment.ts'

/** A field and the param that a condition compares it with. */
export interface Comparison {
  field: string
  param: string
}

const COMPARING: readonly string[] = ['<', '<=', '>', '>=', '==', '!=']

/** What a rule compares its params with, `when` before `clear`; empty for a condition that cannot be read. */
export function comparisonsOf(file: RuleFile): Comparison[] {
  const scope = { kind: file.on, object: file.each === 'object', params: file.params }
  return [file.when, file.clear?.when].flatMap((text) => {
    const parsed = text === undefined ? undefined : parseCondition(text, 'bool', scope)
    return parsed && 'tree' in parsed ? comparisonsIn(parsed.tree) : []
  })
}

function comparisonsIn(tree: Node): Comparison[] {
  const found: Comparison[] = []
  walk(tree, (node) => {
    if (!COMPARING.includes(node.op)) return
    const [left, right] = (node.args as [Node, Node]).map(namesIn) as [Names, Names]
    for (const [fields, params] of [
      [left.fields, right.params],
      [right.fields, left.params],
    ] as const)
      for (const field of fields) for (const param of params) found.push({ field, param })
  })
  return found
}

interface Names {
  fields: string[]
  params: string[]
}

function namesIn(node: Node): Names {
  const names: Names = { fields: [], params: [] }
  walk(node, (each) => {
    if (each.op === 'id' && each.args !== 'params') names.fields.push(each.args)
    if (each.op === '.' && each.args[0].op === 'id' && each.args[0].args === 'params') names.params.push(each.args[1])
  })
  return names
}
