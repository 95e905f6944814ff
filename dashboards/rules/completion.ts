import { type Param, paramHelp } from '../../domain/rule.ts'

/** A word of the rule language as the platform tells it (`GET rule-language`). */
export interface LanguageWord {
  what: 'field' | 'param' | 'function' | 'method'
  name: string
  /** What is put in; the caret goes where `|` stands, else to the end. */
  insert: string
  type: string
  unit: string | null
  /** What a text may be. */
  values: readonly string[]
  /** Of a function: what its arguments may be, by position. */
  texts: readonly (readonly string[])[]
  help: { zh?: string; en: string }
  signatures: readonly string[]
  example: string | null
}

export interface Completion {
  name: string
  what: LanguageWord['what'] | 'value'
  insert: string
  /** A signature, or the type with its unit. */
  detail: string
  help: LanguageWord['help']
  values: readonly string[]
  texts?: readonly (readonly string[])[]
}

const NO_HELP = { en: '' }

/** Everything that may be written in a condition of a rule with these params; they come first: they are what an author should compare with. */
export function wordsFor(params: Readonly<Record<string, Param>>, words: readonly LanguageWord[]): Completion[] {
  return [
    ...Object.entries(params).map(([name, { unit, value, help }]): Completion => {
      const detail = [String(value), unit === 'duration' || unit === '1' ? '' : unit].filter(Boolean).join(' ')
      return { name: `params.${name}`, what: 'param', insert: `params.${name}`, detail, help: paramHelp({ help }), values: [] }
    }),
    ...words.map(
      ({ name, what, insert, type, unit, values, texts, help, signatures }): Completion => ({ name, what, insert, detail: signatures[0] ?? unit ?? type, help, values, texts }),
    ),
  ]
}

/** What may stand at the caret, best first, and which stretch of the text it takes the place of. */
export interface Suggestions {
  from: number
  to: number
  items: Completion[]
}

/** `asked`: the author wants to see the list without having typed anything (Ctrl+Space). */
export function suggest(text: string, caret: number, words: readonly Completion[], asked: boolean): Suggestions | undefined {
  const before = text.slice(0, caret)
  const quoted = /(\w+)\s*[!=]=\s*["']([\w-]*)$/.exec(before)
  if (quoted) return found(caret - (quoted[2] ?? '').length, caret, quoted[2] ?? '', valuesOf(words.find(({ name }) => name === quoted[1])?.values))
  const called = /(\w+)\(([^()]*,)?\s*["']([\w-]*)$/.exec(before)
  const names = called && words.find(({ name, what }) => what === 'function' && name === called[1])?.texts?.[(called[2] ?? '').split(',').length - 1]
  if (called && names && names.length > 0) return found(caret - (called[3] ?? '').length, caret, called[3] ?? '', valuesOf(names))
  // Inside any other text nothing is known.
  if ((before.replace(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'/g, '').match(/["']/g) ?? []).length % 2 === 1) return undefined
  const method = /(?<!\bparams)\.(\w*)$/.exec(before)?.[1]
  if (method !== undefined)
    return found(
      caret - method.length,
      caret,
      method,
      words.filter(({ what }) => what === 'method'),
    )
  const word = /(?:params\.)?[A-Za-z_]\w*$|params\.$/.exec(before)?.[0] ?? ''
  if (word === '' && !asked) return undefined
  const rest = /^\w*/.exec(text.slice(caret))?.[0].length ?? 0
  return found(
    caret - word.length,
    caret + (word === '' ? 0 : rest),
    word,
    words.filter(({ what }) => what !== 'method'),
  )
}

function valuesOf(names: readonly string[] = []): Completion[] {
  return names.map((name) => ({ name, what: 'value', insert: name, detail: '', help: NO_HELP, values: [] }))
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
