import { en } from './en.ts'
import { type TextKey, zh } from './zh.ts'

export type { TextKey } from './zh.ts'
export const LANGUAGES = ['zh', 'en'] as const
export type Language = (typeof LANGUAGES)[number]

const BOOK: Record<Language, Record<TextKey, string>> = { zh, en }

/** The page's word for a key, `{n}` replaced by its value, `{n|area|areas}` by the word for one or for many. An unknown key is a type error. */
export type Say = (key: TextKey, values?: Record<string, string | number>) => string

export function say(language: Language, key: TextKey, values: Record<string, string | number> = {}): string {
  return BOOK[language][key].replace(/\{(\w+)(?:\|([^|}]*)\|([^|}]*))?\}/g, (whole, name: string, one?: string, many?: string) => {
    const value = values[name]
    if (value === undefined) return whole
    return one === undefined ? String(value) : String((Number(value) === 1 ? one : many) ?? whole)
  })
}

/** The word for a key that came from outside (a field, an error code, a class), or undefined when the page has none. */
export function sayIfKnown(language: Language, key: string): string | undefined {
  return Object.hasOwn(BOOK[language], key) ? BOOK[language][key as TextKey] : undefined
}
