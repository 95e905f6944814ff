import type { ZodError, ZodType } from 'zod'
import type { Fault } from './file-checks.ts'
import { didYouMean } from './language/nearest.ts'

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

/** What is wrong with `words`, as `schema` found it, in sentences for whoever wrote them. */
export function schemaFaults(error: ZodError, words: unknown, schema: ZodType): Fault[] {
  return error.issues.slice(0, MOST_ERRORS).flatMap((issue): Fault[] => {
    if (issue.code === 'unrecognized_keys')
      return issue.keys
        .slice(0, MOST_ERRORS)
        .map((key) => ({ path: issue.path, key, why: `${[...issue.path, key].join('.')}: unknown word${didYouMean(key, wordsAt(schema, issue.path))}` }))
    return [{ ...placeOf(issue, words), why: `${issue.path.join('.') || 'the file'}: ${because(issue, at(words, issue.path))}` }]
  })
}

function placeOf({ code, path }: Issue, words: unknown): Pick<Fault, 'path' | 'key'> {
  const key = path.at(-1)
  // A missing word is blamed on the map that it should stand in.
  return code === 'invalid_key' && typeof key === 'string' && at(words, path) !== undefined ? { path: path.slice(0, -1), key } : { path }
}

/** The words that may stand in a map of the file. */
export function wordsAt(root: ZodType, path: readonly PropertyKey[]): string[] {
  let schema: ZodType | undefined = root
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
const EXPECTED: Record<string, string> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'a map',
  record: 'a map',
  array: 'a list',
  tuple: 'a list',
}

function because(issue: Issue, value: unknown): string {
  // What stands there by default may be wrong beside the rest; whoever found so says what it is.
  if (value === undefined && issue.path.length > 0 && issue.code !== 'custom') return 'is missing'
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
    case 'not_multiple_of':
      return issue.divisor === 1 ? 'must be a whole number' : `must be a multiple of ${issue.divisor}`
    case 'invalid_key':
      return 'must be a name such as tiltDeg: letters and digits, the first one small'
    default:
      return value !== undefined && issue.message.startsWith('must be') ? `${shown(value)} ${issue.message}` : issue.message
  }
}

function shown(value: unknown): string {
  return typeof value === 'string' ? `"${value}"` : String(value)
}
