import type { Kind } from '../../domain/fields.ts'
import { NAMES } from '../../domain/names.ts'
import { type Param, paramHelp } from '../../domain/rule.ts'
import { functionsFor } from './functions.ts'
import { METHODS } from './methods.ts'
import { fieldsOfKind, signatureOf, type Type, typeOfParam, variablesOf } from './types.ts'

/** A name that a condition may use, for editors. Plain JSON. */
export interface Completion {
  what: 'field' | 'param' | 'function' | 'method'
  name: string
  /** What to write for it; `|` marks where the author goes on. */
  insert: string
  type: Type['is']
  /** null: no unit, or it depends on what it is called with. */
  unit: string | null
  /** What a text may be. */
  values: readonly string[]
  /** Of a function, what its arguments may be, by position, as far as names are known; a city may have others. */
  texts: readonly (readonly string[])[]
  help: { zh?: string; en: string }
  /** CEL signatures, and a whole condition. */
  signatures: readonly string[]
  example: string | null
}

/** Everything that a condition of this kind may name: fields (of an object for rules over objects), params, functions, methods of texts; `calendars`: ids of the city's own. */
export function completions(kind: Kind, object: boolean, params: Readonly<Record<string, Param>>, calendars: readonly string[] = []): Completion[] {
  return [...fields(kind, object), ...paramsOf(params), ...functions(kind, object, calendars), ...Object.keys(METHODS).map(method)]
}

const NOTHING = { unit: null, values: [], texts: [], signatures: [], example: null } as const

function ofType(type: Type): Pick<Completion, 'type' | 'unit' | 'values'> {
  return { type: type.is, unit: (type.is === 'number' && type.unit) || null, values: (type.is === 'text' && type.values) || [] }
}

function fields(kind: Kind, object: boolean): Completion[] {
  const helps = object ? {} : fieldsOfKind(kind)
  return [...variablesOf(kind, object)].map(([name, type]) => ({
    ...NOTHING,
    what: 'field',
    name,
    insert: name,
    ...ofType(type),
    ...(object && name === 'label' && { values: NAMES.label }),
    help: { en: helps[name]?.help ?? '' },
  }))
}

function paramsOf(params: Readonly<Record<string, Param>>): Completion[] {
  return Object.entries(params).map(([name, param]) => {
    const insert = `params.${name}`
    return { ...NOTHING, what: 'param', name: insert, insert, ...ofType(typeOfParam(param)), help: paramHelp(param) }
  })
}

function functions(kind: Kind, object: boolean, calendars: readonly string[]): Completion[] {
  return functionsFor({ kind, object }).map(({ name, signatures, unit, help, example, names = [] }) => {
    const calls = signatures.map(signatureOf)
    const takes = calls.some((call) => call.takes.length > 0)
    return {
      what: 'function',
      name,
      insert: takes ? `${name}(|)` : `${name}()`,
      type: calls[0]?.gives.is ?? 'unknown',
      unit: unit ?? null,
      values: [],
      texts: names.map((sort) => (sort === 'calendar' ? calendars : sort === null ? [] : NAMES[sort])),
      help,
      signatures,
      example,
    }
  })
}

const METHOD_HELP: Record<string, Completion['help']> = {
  startsWith: { zh: '以此开头', en: 'begins with this text' },
  endsWith: { zh: '以此结尾', en: 'ends with this text' },
  contains: { zh: '包含此文本', en: 'has this text in it' },
  matches: { zh: '匹配该正则表达式(线性时间)', en: 'the pattern is found in it; patterns run in linear time' },
}

function method(name: string): Completion {
  const example = name === 'matches' ? "text.matches(r'\\d+号')" : `text.${name}('井盖')`
  return { ...NOTHING, what: 'method', name, insert: `${name}('|')`, type: 'bool', help: METHOD_HELP[name] ?? { en: '' }, signatures: [`string.${name}(string): bool`], example }
}
