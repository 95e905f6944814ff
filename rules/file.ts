import { LineCounter, parseDocument } from 'yaml'
import type { ZodError } from 'zod'
import { type RuleFile, RuleFileSchema, SEVERITIES } from '../domain/rule.ts'
import { parseDuration } from '../domain/time.ts'
import { checkCondition } from './language/check.ts'

/** One thing wrong with a rule file, where an editor can jump to it. Lines and columns count from 1. */
export interface FileError {
  line: number
  column: number
  why: string
}

type Doc = ReturnType<typeof parseDocument>
type Path = readonly PropertyKey[]

/**
 * Reads a rule file; either the rule, or everything that is wrong with it at once. `base`: the source of the rule that it
 * extends.
 */
export function parseRuleFile(text: string, _base?: string): { file: RuleFile } | { errors: FileError[] } {
  const lines = new LineCounter()
  const doc = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  if (doc.errors.length > 0) return { errors: doc.errors.map((error) => ({ ...place(lines, error.pos[0]), why: error.message })) }
  const parsed = RuleFileSchema.safeParse(doc.toJS())
  if (!parsed.success) return { errors: schemaErrors(parsed.error, doc, lines) }
  const errors = [...paramErrors(parsed.data, doc, lines), ...holdErrors(parsed.data, doc, lines), ...conditionErrors(parsed.data, doc, lines)]
  return errors.length > 0 ? { errors: errors.sort((a, b) => a.line - b.line || a.column - b.column) } : { file: parsed.data }
}

function place(lines: LineCounter, offset: number): { line: number; column: number } {
  const { line, col } = lines.linePos(offset)
  return { line, column: col }
}

/** Where a value stands in the text; a missing one is blamed on its parent. */
function placeOf(doc: Doc, lines: LineCounter, path: Path): { line: number; column: number } {
  for (let depth = path.length; depth >= 0; depth--) {
    const node = doc.getIn(path.slice(0, depth), true) as { range?: [number, number, number] } | undefined
    if (node?.range) return place(lines, node.range[0])
  }
  return { line: 1, column: 1 }
}

function schemaErrors(error: ZodError, doc: Doc, lines: LineCounter): FileError[] {
  return error.issues.flatMap((issue) => {
    if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => ({ ...keyPlace(doc, lines, issue.path, key), why: `${[...issue.path, key].join('.')}: unknown word` }))
    return [{ ...placeOf(doc, lines, issue.path), why: `${issue.path.join('.') || 'the file'}: ${issue.message}` }]
  })
}

function keyPlace(doc: Doc, lines: LineCounter, path: Path, key: string): { line: number; column: number } {
  const map = doc.getIn(path, true) as { items?: { key: { value?: unknown; range?: [number, number, number] } }[] } | undefined
  const found = map?.items?.find((item) => item.key.value === key)?.key.range
  return found ? place(lines, found[0]) : placeOf(doc, lines, path)
}

function paramErrors(file: RuleFile, doc: Doc, lines: LineCounter): FileError[] {
  return Object.entries(file.params).flatMap(([name, param]) => {
    const at = placeOf(doc, lines, ['params', name])
    if (param.unit === 'duration' && (typeof param.value !== 'string' || parseDuration(param.value) === undefined))
      return [{ ...at, why: `params.${name}: ${String(param.value)} is not a duration such as 15m` }]
    if (typeof param.value !== 'number') return []
    if (param.min !== undefined && param.value < param.min) return [{ ...at, why: `params.${name}: ${param.value} is below its own min ${param.min}` }]
    if (param.max !== undefined && param.value > param.max) return [{ ...at, why: `params.${name}: ${param.value} is above its own max ${param.max}` }]
    return []
  })
}

function holdErrors(file: RuleFile, doc: Doc, lines: LineCounter): FileError[] {
  const holds: [Path, string][] = [
    [['for'], file.for],
    [['keepFiringFor'], file.keepFiringFor],
    [['clear', 'for'], file.clear?.for ?? '0'],
  ]
  return holds.flatMap(([path, text]) =>
    holdMs(text, file) === undefined ? [{ ...placeOf(doc, lines, path), why: `${path.join('.')}: ${text} is not a param with unit duration` }] : [],
  )
}

/** A hold in ms; undefined if it names a param that is not a duration. */
export function holdMs(text: string, file: Pick<RuleFile, 'params'>): number | undefined {
  const name = /^params\.(.+)$/.exec(text)?.[1]
  const value = name === undefined ? text : file.params[name]?.unit === 'duration' ? file.params[name]?.value : undefined
  return typeof value === 'string' ? parseDuration(value) : undefined
}

function conditionErrors(file: RuleFile, doc: Doc, lines: LineCounter): FileError[] {
  const scope = { kind: file.on, object: file.each === 'object', params: file.params }
  const errors: FileError[] = []
  const check = (path: Path, text: string, want: 'bool' | 'string'): void => {
    const start = placeOf(doc, lines, path)
    for (const error of checkCondition(text, want, scope))
      errors.push({ line: start.line + error.line - 1, column: error.line === 1 ? start.column + error.column - 1 : error.column, why: `${path.join('.')}: ${error.why}` })
  }
  check(['when'], file.when, 'bool')
  if (file.clear) check(['clear', 'when'], file.clear.when, 'bool')
  if (file.inform !== undefined) check(['inform'], file.inform, 'bool')
  if (!(SEVERITIES as readonly string[]).includes(file.severity)) check(['severity'], file.severity, 'string')
  if (scope.object && !file.objects) errors.push({ ...placeOf(doc, lines, ['each']), why: 'each: object needs `objects` with labels and a zone' })
  if (scope.object && file.on !== 'scene') errors.push({ ...placeOf(doc, lines, ['each']), why: 'each: object works on kind scene only' })
  return errors
}
