import type { RuleAsks } from '../domain/authoring.ts'
import type { RuleFile } from '../domain/rule.ts'
import { type Node, parseCondition, walk } from './language/environment.ts'
import { constant } from './language/function.ts'

type Asked = Pick<RuleFile, 'on' | 'each' | 'objects' | 'params' | 'when'>

/** Which objects of a picture the condition of a rule looks at, and how it takes their score; both from the text alone. */
export function asksOf(file: Asked): RuleAsks {
  if (file.on !== 'scene') return { asks: [], score: null }
  const parsed = parseCondition(file.when, 'bool', { kind: file.on, object: file.each === 'object', params: file.params })
  const tree = 'tree' in parsed ? parsed.tree : undefined
  if (file.each !== 'object') return { asks: tree ? called(tree, file) : [], score: 'score' in file.params ? 'look' : null }
  const { labels = [], zone = null } = file.objects ?? {}
  return { asks: labels.map((label) => ({ label, zone, share: null })), score: tree ? compared(tree) : null }
}

function called(tree: Node, { params }: Asked): RuleAsks['asks'] {
  const asks = new Map<string, RuleAsks['asks'][number]>()
  walk(tree, (node) => {
    if (node.op !== 'call' || node.args[0] !== 'objects') return
    const [label, zone] = node.args[1].map((argument) => textOf(argument, params))
    const share = shareOf(node.args[1][2])
    if (label !== undefined) asks.set(`${label} ${zone} ${share}`, { label, zone: zone ?? null, share })
  })
  return [...asks.values()]
}

/** What is written out, or the value of a param: the only texts that there are in conditions over looks. */
function textOf(node: Node, params: Asked['params']): string | undefined {
  const text = paramName(node) === undefined ? constant(node) : params[paramName(node) ?? '']?.value
  return typeof text === 'string' ? text : undefined
}

function shareOf(node: Node | undefined): number | string | null {
  const share = node && (paramName(node) ?? constant(node))
  return typeof share === 'number' || typeof share === 'string' ? share : null
}

function paramName(node: Node): string | undefined {
  return node.op === '.' && node.args[0].op === 'id' && node.args[0].args === 'params' ? node.args[1] : undefined
}

const SCORES = new Map<unknown, RuleAsks['score']>([
  ['score', 'look'],
  ['bestScore', 'best'],
  ['meanScore', 'mean'],
])

function compared(tree: Node): RuleAsks['score'] {
  let score: RuleAsks['score'] = null
  walk(tree, (node) => {
    if (node.op !== '>=' && node.op !== '>' && node.op !== '<=' && node.op !== '<') return
    const [left, right] = node.args
    const side = paramName(right) === 'score' ? left : paramName(left) === 'score' ? right : undefined
    if (side?.op === 'id') score ??= SCORES.get(side.args) ?? null
  })
  return score
}
