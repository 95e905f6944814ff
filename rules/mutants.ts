import { type Document, isScalar, type ParsedNode, parseDocument } from 'yaml'
import type { Param, RuleFile } from '../domain/rule.ts'
import { formatDuration, parseDuration, SECOND } from '../domain/time.ts'
import { parseRuleFile } from './file.ts'
import { type Node, parseCondition, walk } from './language/environment.ts'
import { SourceText } from './places.ts'

/** A rule changed in one place by one step: a rule whose scenarios do not notice it is not pinned down there. */
export interface Mutant {
  /** What was changed into what, for example `params.tiltDeg 15 → 16`. */
  name: string
  line: number
  source: string
}

type Path = readonly (string | number)[]
interface Change {
  path: Path
  name: string
  value: string | number | boolean
}

/** Every threshold, hold, count and comparison that stands in the rule's own text, one step up and one down or turned to its neighbour. */
export function mutantsOf(source: string, base?: string): Mutant[] {
  const parsed = parseRuleFile(source, base)
  if ('errors' in parsed) return []
  const { file } = parsed
  const document = parseDocument(source)
  const places = new SourceText(source)
  const changes = [...paramChanges(file, document), ...overrideChanges(file, document), ...holdChanges(document), ...nearbyChanges(document), ...conditionChanges(file, document)]
  return changes.flatMap(({ path, name, value }) => {
    const mutated = parseDocument(source)
    mutated.setIn(path, value)
    const text = mutated.toString({ lineWidth: 0 })
    return 'errors' in parseRuleFile(text, base) ? [] : [{ name, line: places.placeOf(path).line, source: text }]
  })
}

function own(document: Document.Parsed<ParsedNode>, path: Path): unknown {
  const node = document.getIn(path, true)
  return isScalar(node) ? node.value : undefined
}

function paramChanges({ params }: RuleFile, document: Document.Parsed<ParsedNode>): Change[] {
  return Object.entries(params).flatMap(([name, param]) => {
    const path = ['params', name, 'value']
    return own(document, path) === undefined ? [] : stepped(param, param.value).map((value) => ({ path, name: `params.${name} ${String(param.value)} → ${String(value)}`, value }))
  })
}

function overrideChanges({ overrides, params }: RuleFile, document: Document.Parsed<ParsedNode>): Change[] {
  return overrides.flatMap((override, i) =>
    Object.entries(override.params).flatMap(([name, old]) => {
      const path = ['overrides', i, 'params', name]
      const param = params[name]
      if (!param || own(document, path) === undefined) return []
      return stepped(param, old).map((value) => ({ path, name: `overrides ${i + 1}: ${name} ${String(old)} → ${String(value)}`, value }))
    }),
  )
}

/** One step of the param to each side, within its range; a text that is no duration has no steps. */
function stepped({ unit, min = -Infinity, max = Infinity, step }: Param, value: Param['value']): (string | number | boolean)[] {
  if (typeof value === 'boolean') return [!value]
  if (typeof value === 'string') return unit === 'duration' ? steppedDuration(value) : []
  const by = step ?? (Number.isFinite(max - min) ? (max - min) / 100 : 1)
  return [value - by, value + by].map(tidy).filter((next) => next >= min && next <= max)
}

function steppedDuration(text: string): string[] {
  const ms = parseDuration(text)
  if (ms === undefined || ms === 0) return []
  const by = Math.max(SECOND, Math.round(ms / 10 / SECOND) * SECOND)
  return [ms - by, ms + by].filter((next) => next >= 0).map(formatDuration)
}

function tidy(value: number): number {
  return Number(value.toFixed(9))
}

const HOLDS: readonly Path[] = [['for'], ['keepFiringFor'], ['clear', 'for'], ['coolDown'], ['gather', 'within'], ['gather', 'count'], ['remind', 'wait']]

/** Those that name a param change with it. */
function holdChanges(document: Document.Parsed<ParsedNode>): Change[] {
  return HOLDS.flatMap((path) => {
    const old = own(document, path)
    const values = typeof old === 'number' ? [old - 1, old + 1] : typeof old === 'string' ? steppedDuration(old) : []
    return values.map((value) => ({ path, name: `${path.join('.')} ${String(old)} → ${String(value)}`, value }))
  })
}

/** What is asked of alerts and looks nearby, with their steps. */
const NEARBY: readonly (readonly [path: Path, step: number])[] = [
  [['fuse', 'withinM'], 1],
  [['doubt', 'withinM'], 1],
  [['doubt', 'looks'], 1],
  [['doubt', 'score'], 0.05],
]

function nearbyChanges(document: Document.Parsed<ParsedNode>): Change[] {
  return NEARBY.flatMap(([path, step]) => {
    const old = own(document, path)
    return typeof old === 'number' ? [old - step, old + step].map(tidy).map((value) => ({ path, name: `${path.join('.')} ${old} → ${value}`, value })) : []
  })
}

function conditionChanges(file: RuleFile, document: Document.Parsed<ParsedNode>): Change[] {
  const conditions = [
    [['when'], 'bool'],
    [['clear', 'when'], 'bool'],
    [['inform'], 'bool'],
    [['severity'], 'string'],
  ] as const
  return conditions.flatMap(([path, want]) => {
    const text = own(document, path)
    if (typeof text !== 'string') return []
    const parsed = parseCondition(text, want, { kind: file.on, object: file.each === 'object', params: file.params })
    return 'errors' in parsed ? [] : turned(text, parsed.tree).map(({ old, next, within, value }) => ({ path, name: `${path.join('.')}: ${old} → ${next} in ${within}`, value }))
  })
}

const NEIGHBOUR: Partial<Record<string, string>> = { '>': '>=', '>=': '>', '<': '<=', '<=': '<', '==': '!=', '!=': '==', '&&': '||', '||': '&&' }

interface Turn {
  old: string
  next: string
  /** The part of the condition around it. */
  within: string
  value: string
}

function turned(text: string, tree: Node): Turn[] {
  const turns: Turn[] = []
  const replace = (start: number, old: string, next: string, around: Node): void => {
    turns.push({ old, next, within: text.slice(around.start, around.end).replaceAll(/\s+/g, ' '), value: text.slice(0, start) + next + text.slice(start + old.length) })
  }
  walk(tree, (node) => {
    const neighbour = NEIGHBOUR[node.op]
    if (neighbour !== undefined && Array.isArray(node.args)) {
      const left = (node.args as Node[])[0] as Node
      const start = text.indexOf(node.op, left.end)
      replace(start, node.op, neighbour, node)
    }
    for (const literal of literalsIn(node))
      for (const next of steppedLiteral(text.slice(literal.start, literal.end))) replace(literal.start, text.slice(literal.start, literal.end), next, node)
  })
  return turns
}

/** The numbers and durations that stand directly in a part, so that they are told with what they belong to. */
function literalsIn(node: Node): Node[] {
  const args = node.op === 'call' ? node.args[1] : Array.isArray(node.args) ? node.args : []
  return (args as unknown[]).filter((each): each is Node => typeof each === 'object' && each !== null && 'op' in each && (each as Node).op === 'value')
}

function steppedLiteral(text: string): string[] {
  const duration = /^(['"])(.+)\1$/.exec(text)
  if (duration?.[2] !== undefined) return steppedDuration(duration[2]).map((next) => `${duration[1]}${next}${duration[1]}`)
  const value = text.trim() === '' ? Number.NaN : Number(text)
  if (!Number.isFinite(value)) return []
  const by = 10 ** -(String(value).split('.')[1]?.length ?? 0)
  return [String(tidy(value - by)), String(tidy(value + by))]
}
