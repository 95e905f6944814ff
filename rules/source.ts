import { isDeepStrictEqual } from 'node:util'
import { type Document, isMap, isScalar, type ParsedNode, parse, stringify, type YAMLMap } from 'yaml'
import type { Override } from '../domain/rule.ts'
import { readYaml } from './yaml.ts'

type ParamValue = number | string | boolean

/** What an edit by params changes of a rule's text. */
export interface ParamEdit {
  set?: Readonly<Record<string, ParamValue>>
  overrides?: readonly Override[]
}

type Doc = Document.Parsed<ParsedNode>

/**
 * The text with other values for some params and other overrides, and nothing else changed: comments, quotes and
 * line breaks stay as the author wrote them. A param that only the extended rule has is added with its value alone.
 * Undefined when the text is no YAML map, or so tangled (an anchor on a value that changes) that only a person can edit it.
 */
export function editedSource(source: string, { set = {}, overrides }: ParamEdit): string | undefined {
  const before = readYaml(source)
  if (before.errors.length > 0 || !isMap(before.contents)) return undefined
  const wanted = wantedValue(before, { set, ...(overrides && { overrides }) })
  let text = source
  for (const [name, value] of Object.entries(set)) text = withParam(text, name, value)
  if (overrides) text = withOverrides(text, overrides)
  return says(text, wanted) ? text : undefined
}

/** Id of the rule that this one extends, as far as the text can be read. */
export function parentOf(source: string): string | undefined {
  const document = readYaml(source)
  const parent = isMap(document.contents) ? document.get('extends') : undefined
  return typeof parent === 'string' ? parent : undefined
}

function wantedValue(document: Doc, { set = {}, overrides }: ParamEdit): Record<string, unknown> {
  const value = document.toJS() as Record<string, unknown> & { params?: Record<string, object> }
  const params = { ...value.params }
  for (const [name, each] of Object.entries(set)) params[name] = { ...params[name], value: each }
  const { overrides: _before, ...rest } = value
  const after = overrides === undefined ? value.overrides : overrides.length > 0 ? plain(overrides) : undefined
  return { ...rest, ...(Object.keys(params).length > 0 && { params }), ...(after !== undefined && { overrides: after }) }
}

function says(text: string, wanted: Record<string, unknown>): boolean {
  const after = readYaml(text)
  return after.errors.length === 0 && isDeepStrictEqual(after.toJS(), wanted)
}

function withParam(text: string, name: string, value: ParamValue): string {
  const document = readYaml(text)
  const node = document.getIn(['params', name, 'value'], true)
  if (isScalar(node) && node.range) return splice(text, node.range[0], node.range[1], literal(value))
  document.setIn(['params', name, 'value'], value)
  return document.toString({ lineWidth: 0 })
}

function withOverrides(text: string, overrides: readonly Override[]): string {
  const document = readYaml(text)
  const map = document.contents as YAMLMap.Parsed
  const pair = map.items.find(({ key }) => isScalar(key) && key.value === 'overrides')
  const block = overrides.length === 0 ? '' : stringify({ overrides: plain(overrides) }, { lineWidth: 0 })
  if (map.flow) {
    if (overrides.length === 0) document.delete('overrides')
    else document.set('overrides', plain(overrides))
    return document.toString({ lineWidth: 0 })
  }
  const start = pair?.key.range?.[0]
  if (start === undefined) return `${text}${text.endsWith('\n') ? '' : '\n'}${block}`
  return splice(text, start, endOfPair(text, pair?.value?.range?.[2] ?? pair?.key.range?.[2] ?? start), block)
}

/** A pair ends with its line; a comment after it belongs to what follows. */
function endOfPair(text: string, end: number): number {
  if (end === 0 || text[end - 1] === '\n') return end
  const line = text.indexOf('\n', end)
  return line === -1 ? text.length : line + 1
}

function splice(text: string, from: number, to: number, inserted: string): string {
  return text.slice(0, from) + inserted + text.slice(to)
}

/** A value as it may stand anywhere in YAML, between braces too. */
function literal(value: ParamValue): string {
  if (typeof value !== 'string') return String(value)
  return /^[A-Za-z0-9][A-Za-z0-9_.-]*$/.test(value) && parse(value) === value ? value : JSON.stringify(value)
}

/** Without what is undefined, which YAML cannot say. */
function plain(overrides: readonly Override[]): unknown {
  return JSON.parse(JSON.stringify(overrides))
}
