import { type Document, isCollection, isMap, isScalar, isSeq, LineCounter, parseDocument } from 'yaml'
import type { Override, Param, RuleFile } from '../../domain/rule.ts'
import type { Scalar } from './range.ts'

export type TextPath = readonly [string, ...string[]]

/** What is written in a rule's text, as far as it is of the right form; the text may still be wrong for the engine. */
export type Written = { rule: Partial<RuleFile> } | { broken: { line: number; column: number; why: string } }

/**
 * The text is the one truth of an edit: sliders, tables and condition fields read from it and change it in place, so that
 * an author's comments and layout stay as they are and the source tab shows the same edit.
 */
export function readRule(text: string): Written {
  const lines = new LineCounter()
  const doc = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  const error = doc.errors[0]
  if (error) {
    const { line, col } = lines.linePos(error.pos[0])
    return { broken: { line, column: col, why: error.message } }
  }
  const rule: unknown = doc.toJS()
  if (typeof rule !== 'object' || rule === null || Array.isArray(rule)) return { broken: { line: 1, column: 1, why: 'rule: …' } }
  return { rule: rule as Partial<RuleFile> }
}

/** Params as they stand in the text; of a rule that extends another, those that it inherits too. */
export function paramsIn(written: Partial<RuleFile>, saved: RuleFile): Record<string, Param> {
  const own = record(written.params)
  const names = [...new Set([...(written.extends === undefined ? [] : Object.keys(saved.params)), ...Object.keys(own)])]
  return Object.fromEntries(
    names.flatMap((name) => {
      const param = { ...(written.extends === undefined ? {} : saved.params[name]), ...record(own[name]) } as Partial<Param>
      return param.value === undefined ? [] : [[name, { ...param, value: param.value }]]
    }),
  )
}

export function overridesIn(written: Partial<RuleFile>): Override[] {
  const list: unknown = written.overrides
  return Array.isArray(list) ? list.map((item) => ({ ...record(item), params: record(record(item).params) as Override['params'] })) : []
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {}
}

/** The text with another value at a path; everything else stays to the letter. A text that cannot be read stays whole. */
export function withValue(text: string, path: TextPath, value: Scalar): string {
  const doc = parseDocument(text)
  if (doc.errors.length > 0) return text
  const node = doc.getIn(path, true)
  if (isScalar(node) && node.range) {
    const [start, end] = node.range
    const old = text.slice(start, end)
    const next = scalarText(value, inFlow(doc, path), path.length)
    return text.slice(0, start) + next + (old.endsWith('\n') && !next.endsWith('\n') ? '\n' : '') + text.slice(end)
  }
  doc.setIn(path, value)
  return doc.toString({ lineWidth: 0 })
}

/** The text with other overrides in place of its own, one to a line. */
export function withOverrides(text: string, overrides: readonly Override[]): string {
  const doc = parseDocument(text)
  if (doc.errors.length > 0 || !isMap(doc.contents)) return text
  const block = overrides.length === 0 ? '' : `overrides:\n${overridesText(overrides)}`
  const pair = doc.contents.items.find(({ key }) => isScalar(key) && key.value === 'overrides')
  if (!pair) return block === '' ? text : `${text.replace(/\n*$/, '\n')}${block}`
  const start = isScalar(pair.key) ? (pair.key.range?.[0] ?? 0) : 0
  const end = isCollection(pair.value) || isScalar(pair.value) ? (pair.value.range?.[2] ?? start) : start
  return text.slice(0, start) + block + text.slice(end).replace(/^\n/, '')
}

function overridesText(overrides: readonly Override[]): string {
  const doc = parseDocument('[]')
  const list = doc.createNode(overrides)
  if (!isSeq(list)) return ''
  for (const item of list.items) if (isCollection(item)) item.flow = true
  doc.contents = list as unknown as typeof doc.contents
  return doc.toString({ lineWidth: 0 }).replace(/^/gm, '  ').replace(/ {2}$/, '')
}

function inFlow(doc: Document, path: TextPath): boolean {
  return path.some((_, depth) => {
    const node = doc.getIn(path.slice(0, depth), true)
    return isCollection(node) && node.flow === true
  })
}

/** As YAML writes it: bare where nobody can misread it, a block where it has lines, else in quotes. */
function scalarText(value: Scalar, flow: boolean, depth: number): string {
  if (typeof value !== 'string') return String(value)
  if (!flow && value.includes('\n')) return `|-\n${value.replace(/^(?=.)/gm, '  '.repeat(depth))}`
  return isPlain(value, flow) ? value : JSON.stringify(value)
}

function isPlain(value: string, flow: boolean): boolean {
  if (flow && /[,[\]{}]/.test(value)) return false
  const doc = parseDocument(flow ? `[${value}]` : `a: ${value}`)
  const read: unknown = doc.getIn(flow ? [0] : ['a'])
  return doc.errors.length === 0 && read === value
}

/** Where the value of a path begins in the text, lines and columns from 1; undefined when it is not there or has lines of its own. */
export function placeIn(text: string, path: TextPath): { line: number; column: number } | undefined {
  const lines = new LineCounter()
  const node = parseDocument(text, { lineCounter: lines }).getIn(path, true)
  if (!isScalar(node) || !node.range) return undefined
  const block = node.type === 'BLOCK_LITERAL' || node.type === 'BLOCK_FOLDED'
  const { line, col } = lines.linePos(node.range[0])
  if (!block) return { line, column: node.type === 'PLAIN' ? col : col + 1 }
  return { line: line + 1, column: 1 + path.length * 2 }
}
