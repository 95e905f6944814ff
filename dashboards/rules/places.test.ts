import { describe, expect, it } from 'vitest'
import { parseRuleFile } from '../../rules/file.ts'
import { cutAt, faultsWithin, offsetAt } from './places.ts'
import { withValue } from './ruleText.ts'

const TEXT = 'rule: a-rule\ntitle: { zh: a, en: a }\non: cover\nwhen: x\nclear: { when: tiltDeg < 5, for: 60s }\nseverity: minor\n'
/** Where a word stands in a text, as a checker says it. */
const faultAt = (text: string, word: string): { line: number; column: number; why: string } => {
  const before = text.slice(0, text.indexOf(word)).split('\n')
  return { line: before.length, column: (before.at(-1) ?? '').length + 1, why: '' }
}

describe('a fault of a rule’s text', () => {
  it.each([
    ['when', 'displaced || tildDeg > 3'],
    ['when', 'displaced\n|| tildDeg > 3'],
    ['when', 'displaced || tildDeg > 3 || label("a: b") == "c"'],
    ['clear', '!displaced && tildDeg < 5'],
  ])('stands under its word in the field of %s: %j', (part, value) => {
    const path = part === 'when' ? (['when'] as const) : (['clear', 'when'] as const)
    const text = withValue(TEXT, path, value)
    const [fault] = faultsWithin(text, path, value, [faultAt(text, 'tildDeg')])
    if (!fault) throw new Error('no fault was found')
    expect(value.slice(offsetAt(value, fault.line, fault.column))).toMatch(/^tildDeg/)
  })

  it('is placed as the platform places it', () => {
    const text = withValue(TEXT, ['when'], 'displaced || tildDeg > 3')
    const parsed = parseRuleFile(text)
    expect('errors' in parsed && parsed.errors[0]).toMatchObject({ ...faultAt(text, 'tildDeg'), why: expect.stringContaining('tildDeg') })
  })

  it('of another part is not shown there', () => {
    const text = withValue(TEXT, ['when'], 'displaced')
    expect(
      faultsWithin(text, ['when'], 'displaced', [
        { line: 1, column: 1, why: '' },
        { line: 6, column: 1, why: '' },
      ]),
    ).toEqual([])
  })
})

describe('the pieces of a text', () => {
  it('are the text, and only the word is marked', () => {
    const pieces = cutAt('a && wrong.name || b', [{ from: 5 }], 16)
    expect(pieces.map(({ text }) => text).join('')).toBe('a && wrong.name || b')
    expect(pieces.filter(({ faulty }) => faulty).map(({ text }) => text)).toEqual(['wrong.name'])
    expect(pieces.filter(({ list }) => list)).toHaveLength(1)
  })

  it('have a place for the list at the end, and in nothing', () => {
    expect(cutAt('ab', [], 2).at(-1)).toEqual({ text: '', faulty: false, list: true })
    expect(cutAt('', [], 0)).toEqual([{ text: '', faulty: false, list: true }])
  })
})
