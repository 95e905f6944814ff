import { createContext, useContext, useMemo } from 'react'
import type { Texts } from '../../domain/asset.ts'
import { FIELDS } from '../../domain/fields.ts'
import { type Language, type Say, say, sayIfKnown } from './text.ts'

export const LanguageContext = createContext<Language>('zh')

export interface Words {
  language: Language
  t: Say
  /** A name in both languages → the one to show, the other when it is empty. */
  name: (texts: Texts) => string
  /** A word of the contract (a state, a field, an error code) under a prefix; the word itself when the page has none. */
  word: (prefix: string, word: string) => string
}

export function useWords(): Words {
  const language = useContext(LanguageContext)
  return useMemo(
    () => ({
      language,
      t: (key, values) => say(language, key, values),
      name: (texts) => texts[language] || texts.zh || texts.en,
      word: (prefix, word) => sayIfKnown(language, `${prefix}.${word}`) ?? word,
    }),
    [language],
  )
}

const UNIT: ReadonlyMap<string, string> = new Map(
  Object.values(FIELDS).flatMap((fields) => Object.entries(fields).flatMap(([name, field]) => (field.type === 'number' ? [[name, field.unit] as const] : []))),
)
const SIGNS: Record<string, string> = { deg: '°', degC: '℃' }

/** The unit of a field of the contract as people write it, '' for those without. */
export function unitOf(field: string): string {
  const unit = UNIT.get(field) ?? ''
  return SIGNS[unit] ?? unit
}

/** Signs stand close to their number, letters apart. */
const unitGap = (unit: string): string => (/^[a-z]/i.test(unit) || unit.length > 2 ? ' ' : '')

/** A value as an operator reads it: rounded, with its unit; yes and no in words. */
export function showValue(words: Words, field: string, value: unknown): string {
  if (typeof value === 'boolean') return words.t(value ? 'value.yes' : 'value.no')
  if (typeof value === 'number') {
    const unit = unitOf(field)
    return `${Number(value.toFixed(Math.abs(value) < 10 ? 2 : 1))}${unitGap(unit)}${unit}`
  }
  if (typeof value === 'string') return words.word('value', value)
  if (Array.isArray(value)) return value.length === 0 ? '—' : value.map((item) => (typeof item === 'object' ? JSON.stringify(item) : String(item))).join(', ')
  return value === null || value === undefined ? '—' : JSON.stringify(value)
}
