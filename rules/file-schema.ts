import type { ZodError, ZodType } from 'zod'
import { RuleFileSchema } from '../domain/rule.ts'
import { didYouMean } from './language/nearest.ts'
import type { FileError, SourceText } from './places.ts'

type Issue = ZodError['issues'][number]
/** The parts of zod's own description of a schema that lead to the words of a map. */
interface Def {
  type: string
  shape?: Record<string, ZodType>
  innerType?: ZodType
  valueType?: ZodType
  element?: ZodType
}

/** So many errors are told at once: nobody reads more, and to find the places of thousands takes seconds. */
export const MOST_ERRORS = 100

/** What is wrong with the words of a rule file, in sentences for its author. */
export function schemaErrors(error: ZodError, words: unknown, source: SourceText): FileError[] {
  return error.issues.slice(0, MOST_ERRORS).flatMap((issue) => {
    if (issue.code === 'unrecognized_keys') return issue.keys.slice(0, MOST_ERRORS).map((key) => ({ ...source.placeOfKey(issue.path, key), why: unknownWord(issue.path, key) }))
    return [{ ...placeOf(issue, words, source), why: `${issue.path.join('.') || 'the file'}: ${because(issue, at(words, issue.path))}` }]
  })
}

function placeOf(issue: Issue, words: unknown, source: SourceText) {
  const { path } = issue
  const key = path.at(-1)
  // A missing word is blamed on the map that it should stand in.
  return issue.code === 'invalid_key' && typeof key === 'string' && at(words, path) !== undefined ? source.placeOfKey(path.slice(0, -1), key) : source.placeOf(path)
}

function unknownWord(path: readonly PropertyKey[], key: string): string {
  return `${[...path, key].join('.')}: unknown word${didYouMean(key, wordsAt(path))}`
}

/** The words that may stand in a map of the file. */
function wordsAt(path: readonly PropertyKey[]): string[] {
  let schema: ZodType | undefined = RuleFileSchema
  for (const key of path) {
    const def = defOf(schema)
    schema = def?.shape?.[String(key)] ?? def?.valueType ?? def?.element
  }
  return Object.keys(defOf(schema)?.shape ?? {})
}

function defOf(schema: ZodType | undefined): Def | undefined {
  let def = schema?.def as Def | undefined
  while (def?.innerType) def = def.innerType.def as Def
  return def
}

function at(words: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((value, key) => (value as Record<PropertyKey, unknown> | null | undefined)?.[key], words)
}

const DURATIONS = new Set<PropertyKey | undefined>(['for', 'keepFiringFor', 'coolDown', 'within', 'wait'])
const EXPECTED: Record<string, string> = { string: 'a text', number: 'a number', boolean: 'true or false', object: 'a map', record: 'a map', array: 'a list' }

function because(issue: Issue, value: unknown): string {
  if (value === undefined && issue.path.length > 0) return 'is missing'
  switch (issue.code) {
    case 'invalid_type':
      if (typeof value === 'number' && DURATIONS.has(issue.path.at(-1))) return `${value} has no unit; write ${value}s or ${value}m`
      return `must be ${EXPECTED[issue.expected] ?? issue.expected}`
    case 'invalid_value': {
      const values = issue.values.map(String)
      return `${shown(value)} is not ${values.length > 1 ? `one of ${values.join(', ')}` : values[0]}${didYouMean(String(value), values)}`
    }
    case 'invalid_union':
      return issue.path.at(-1) === 'help' ? 'must be a text, or `{ zh, en }`' : 'must be a number, a text, true or false'
    case 'too_small':
      return `must be ${issue.origin === 'array' ? 'a list of ' : ''}${issue.inclusive ? 'at least' : 'more than'} ${String(issue.minimum)}`
    case 'too_big':
      return `must be at most ${String(issue.maximum)}`
    case 'invalid_key':
      return 'must be a name such as tiltDeg: letters and digits, the first one small'
    default:
      return issue.message.startsWith('must be') ? `${shown(value)} ${issue.message}` : issue.message
  }
}

function shown(value: unknown): string {
  return typeof value === 'string' ? `"${value}"` : String(value)
}
