import { RuleFileSchema } from '../domain/rule.ts'
import type { SourceText } from './places.ts'
import { readYaml } from './yaml.ts'

type Words = Record<string, unknown>

/** What a rule file says once that of the rule that it extends is taken in; or why that cannot be, at `extends`. */
export function inherited(own: SourceText, base: string | undefined): { words: unknown } | { why: string } {
  const words = own.value
  if (!isWords(words) || typeof words.extends !== 'string') return { words }
  if (base === undefined) return { why: `extends ${words.extends} needs the source of ${words.extends}` }
  const parent = read(base)
  if (!isWords(parent)) return { why: `${words.extends} cannot be read as a rule` }
  if (parent.rule !== words.extends) return { why: `extends ${words.extends}, but the source given for it is of ${String(parent.rule)}` }
  if (parent.extends !== undefined) return { why: `${words.extends} extends ${String(parent.extends)} itself; only one level is allowed` }
  if (!RuleFileSchema.safeParse(parent).success) return { why: `${words.extends} has errors itself` }
  return { words: merged(parent, words) }
}

/** Params one by one, and each word of a param; every other word, lists too, is replaced as a whole. */
function merged(parent: Words, own: Words): Words {
  if (!isWords(parent.params) || (own.params !== undefined && !isWords(own.params))) return { ...parent, ...own }
  const params: Words = { ...parent.params }
  for (const [name, param] of Object.entries(own.params ?? {})) params[name] = isWords(param) && isWords(params[name]) ? { ...params[name], ...param } : param
  return { ...parent, ...own, params }
}

function isWords(value: unknown): value is Words {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function read(text: string): unknown {
  try {
    const document = readYaml(text)
    return document.errors.length > 0 ? undefined : document.toJS()
  } catch {
    return undefined
  }
}
