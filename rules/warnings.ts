import { NAMES, type NameSort } from '../domain/names.ts'
import type { RuleFile } from '../domain/rule.ts'
import { parseRuleFile } from './file.ts'
import { type Node, parseCondition, walk } from './language/environment.ts'
import { functionsFor } from './language/functions.ts'
import { slipOf } from './language/nearest.ts'
import { type FileError, SourceText } from './places.ts'

const SORTS: Record<Exclude<NameSort, 'calendar'>, string> = {
  zone: 'zone on the map',
  pictureZone: 'zone in a picture',
  label: 'label',
  permit: 'permit',
  case: 'sort of case',
  alarm: 'alarm of a vehicle',
}

interface Named {
  sort: NameSort
  name: string
  start: number
  end: number
}

/**
 * What a rule that may go live probably does not mean: names that nobody has, and that are nearly one that the book has. A
 * city has names of its own, so that none of it is an error. Empty for a text with errors.
 */
export function warningsOf(text: string, base?: string): FileError[] {
  const parsed = parseRuleFile(text, base)
  if ('errors' in parsed) return []
  const { file } = parsed
  const source = new SourceText(text)
  const inConditions = conditionsOf(file).flatMap(([path, condition, want]) => {
    const tree = parseCondition(condition, want, { kind: file.on, object: file.each === 'object', params: file.params })
    return 'errors' in tree ? [] : namesIn(tree.tree, file).flatMap((named) => warned(named, ({ start, end }) => source.placeWithin(path, start, end)))
  })
  const inWords = wordsOf(file).flatMap(([path, sort, name]) => warned({ sort, name, start: 0, end: 0 }, () => source.placeOf(path)))
  return [...inConditions, ...inWords].sort((a, b) => a.line - b.line || a.column - b.column)
}

function warned(named: Named, place: (named: Named) => Omit<FileError, 'why'>): FileError[] {
  const { sort, name } = named
  if (sort === 'calendar') return []
  const meant = slipOf(name, NAMES[sort])
  return meant === undefined ? [] : [{ ...place(named), why: `the book knows no ${SORTS[sort]} "${name}"; did you mean "${meant}"?` }]
}

function conditionsOf({ when, clear, inform, severity }: RuleFile): (readonly [path: readonly string[], text: string, want: 'bool' | 'string'])[] {
  return [
    [['when'], when, 'bool'],
    ...(clear ? [[['clear', 'when'], clear.when, 'bool'] as const] : []),
    ...(inform === undefined ? [] : [[['inform'], inform, 'bool'] as const]),
    [['severity'], severity, 'string'],
  ]
}

/** The texts of a condition that name something: arguments of functions, labels and alarms that are compared. */
function namesIn(tree: Node, file: RuleFile): Named[] {
  const functions = functionsFor({ kind: file.on, object: file.each === 'object' })
  const found: Named[] = []
  const take = (sort: NameSort | null | undefined, node: Node | undefined): void => {
    if (sort && node?.op === 'value' && typeof node.args === 'string') found.push({ sort, name: node.args, start: node.start, end: node.end })
    if (sort && node?.op === 'list') for (const each of node.args) take(sort, each)
  }
  walk(tree, (node) => {
    if (node.op === 'call') {
      const [name, args] = node.args
      const names = functions.find((each) => each.name === name)?.names ?? []
      for (const [i, sort] of names.entries()) take(sort, args[i])
    }
    if (node.op === 'in' && isNamed(node.args[1], 'alarms')) take('alarm', node.args[0])
    if ((node.op === 'in' || node.op === '==' || node.op === '!=') && file.each === 'object' && isNamed(node.args[0], 'label')) take('label', node.args[1])
  })
  return found
}

function isNamed(node: Node, name: string): boolean {
  return node.op === 'id' && node.args === name
}

/** Labels and zones that stand in words of their own. */
function wordsOf({ objects, doubt, attribute }: RuleFile): (readonly [path: readonly (string | number)[], sort: NameSort, name: string])[] {
  const labels = (path: readonly string[], names: readonly string[] = []) => names.map((name, i) => [[...path, i], 'label', name] as const)
  return [
    ...labels(['objects', 'labels'], objects?.labels),
    ...(objects ? [[['objects', 'zone'], 'pictureZone', objects.zone] as const] : []),
    ...labels(['doubt', 'seen'], doubt?.seen),
    ...labels(['doubt', 'unless'], doubt?.unless),
    ...labels(['attribute', 'objects'], attribute?.objects),
    ...labels(['attribute', 'left'], attribute?.left),
  ]
}
