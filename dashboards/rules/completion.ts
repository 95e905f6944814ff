import type { Texts } from '../../domain/asset.ts'
import { FIELDS, type Field, type Kind, PLACE_FIELDS } from '../../domain/fields.ts'
import type { Param, RuleFile } from '../../domain/rule.ts'

/** One function of the rule language as the platform tells it (`GET rule-language`). */
export interface LanguageWord {
  name: string
  signatures: readonly string[]
  only: 'object' | 'asset' | null
  kinds: readonly string[] | null
  help: Texts
  example: string
}

export interface Completion {
  name: string
  what: 'field' | 'param' | 'function' | 'value' | 'variable'
  /** What is put in; the caret goes where `|` stands, else to the end. */
  insert: string
  /** A signature, or the type with its unit. */
  detail: string
  help: Texts | string
}

/** Variables of a rule over single objects in scenes. */
const OBJECT: Record<string, string> = {
  label: 'string',
  score: 'number',
  bestScore: 'number',
  meanScore: 'number',
  looks: 'number',
  track: 'string',
  zone: 'string',
  plate: 'string',
  areaShare: 'number',
}

/** Everything that may be written in a condition of this rule, params first: they are what an author should compare with. */
export function wordsFor(rule: Pick<Partial<RuleFile>, 'on' | 'each'>, params: Readonly<Record<string, Param>>, functions: readonly LanguageWord[]): Completion[] {
  const object = rule.each === 'object'
  const scope = object ? 'object' : 'asset'
  return [
    ...Object.entries(params).map(
      ([name, { unit, value, help = '' }]): Completion => ({
        name: `params.${name}`,
        what: 'param',
        insert: `params.${name}`,
        detail: [String(value), unit].filter(Boolean).join(' '),
        help,
      }),
    ),
    ...(object
      ? Object.entries(OBJECT).map(([name, type]): Completion => ({ name, what: 'variable', insert: name, detail: type, help: '' }))
      : Object.entries(fieldsOf(rule.on)).map(
          ([name, field]): Completion => ({ name, what: 'field', insert: name, detail: field.type === 'number' ? field.unit : field.type, help: field.help }),
        )),
    ...functions
      .filter(({ only, kinds }) => (only === null || only === scope) && (kinds === null || (rule.on !== undefined && kinds.includes(rule.on))))
      .map(({ name, signatures, help, example }): Completion => ({ name, what: 'function', insert: insertOf(name, signatures), detail: signatures[0] ?? example, help })),
  ]
}

function insertOf(name: string, signatures: readonly string[]): string {
  return signatures.every((signature) => /\(\s*\)/.test(signature)) ? `${name}()` : `${name}(|)`
}

export function fieldsOf(kind: Kind | undefined): Record<string, Field> {
  return kind === undefined || !Object.hasOwn(FIELDS, kind) ? {} : { ...FIELDS[kind], ...(kind === 'vehicle' ? PLACE_FIELDS : {}) }
}

/** What may stand at the caret, best first, and which stretch of the text it takes the place of. */
export interface Suggestions {
  from: number
  to: number
  items: Completion[]
}

/** `asked`: the author wants to see the list without having typed anything (Ctrl+Space). */
export function suggest(text: string, caret: number, words: readonly Completion[], kind: Kind | undefined, asked: boolean): Suggestions | undefined {
  const before = text.slice(0, caret)
  const quoted = /(\w+)\s*[!=]=\s*["'](\w*)$/.exec(before)
  if (quoted) return found(caret - (quoted[2] ?? '').length, caret, quoted[2] ?? '', valuesOf(kind, quoted[1] ?? ''))
  // Inside any other text nothing is known.
  if ((before.replace(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'/g, '').match(/["']/g) ?? []).length % 2 === 1) return undefined
  const word = /(?:params\.)?[A-Za-z_]\w*$|params\.$/.exec(before)?.[0] ?? ''
  if (word === '' && !asked) return undefined
  const rest = /^\w*/.exec(text.slice(caret))?.[0].length ?? 0
  return found(caret - word.length, caret + (word === '' ? 0 : rest), word, words)
}

function valuesOf(kind: Kind | undefined, name: string): Completion[] {
  const field = fieldsOf(kind)[name]
  return field?.type === 'enum' ? field.values.map((value) => ({ name: value, what: 'value', insert: value, detail: '', help: '' })) : []
}

function found(from: number, to: number, typed: string, words: readonly Completion[]): Suggestions | undefined {
  const want = typed.toLowerCase()
  const rankOf = ({ name }: Completion): number => {
    const have = name.toLowerCase()
    if (have.startsWith(want)) return 0
    if (have.replace('params.', '').startsWith(want)) return 1
    return have.includes(want) ? 2 : 3
  }
  const items = words
    .map((word) => ({ word, rank: rankOf(word) }))
    .filter(({ rank }) => rank < 3)
    .sort((a, b) => a.rank - b.rank)
    .map(({ word }) => word)
  // A list that only offers what stands there already is in the way.
  return items.length === 0 || (items.length === 1 && items[0]?.insert === typed) ? undefined : { from, to, items }
}

/** The text after a choice, and where the caret stands then. */
export function complete(text: string, { from, to }: Pick<Suggestions, 'from' | 'to'>, { insert }: Completion): { text: string; caret: number } {
  const called = text[to] === '(' ? insert.replace(/\(.*$/, '') : insert
  const mark = called.indexOf('|')
  const put = called.replace('|', '')
  return { text: text.slice(0, from) + put + text.slice(to), caret: from + (mark === -1 ? put.length : mark) }
}
