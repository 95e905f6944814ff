import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type DiffLine, lineDiff, mergeTexts, readUnified } from './lineDiff.ts'

const show = (lines: readonly DiffLine[]): string =>
  lines.map((line) => (line.kind === 'gap' ? '…' : `${{ same: ' ', added: '+', removed: '-' }[line.kind]}${line.text}`)).join('|')
const text = (letters: string): string => letters.replace(/./g, '$&\n')

describe('the diff of two texts', () => {
  it.each([
    ['abc', 'abc', ''],
    ['abc', 'axc', ' a|-b|+x| c'],
    ['', 'a', '+a'],
    ['a', '', '-a'],
    ['abcdefghi', 'xbcdefghy', '-a|+x| b| c|…| g| h|-i|+y'],
    ['abcdefg', 'abcdefx', '…| e| f|-g|+x'],
  ])('%s → %s', (before, after, expected) => {
    expect(show(lineDiff(text(before), text(after)))).toBe(expected)
  })

  it('gives both texts back, whatever they are', () => {
    const letters = fc.array(fc.constantFrom('a', 'b', 'c', ''), { maxLength: 12 }).map((lines) => lines.map((line) => `${line}\n`).join(''))
    fc.assert(
      fc.property(letters, letters, (before, after) => {
        fc.pre(before !== after)
        const lines = lineDiff(before, after, 99)
        const side = (skip: DiffLine['kind']): string => lines.flatMap((line) => (line.kind === skip || line.kind === 'gap' ? [] : [`${line.text}\n`])).join('')
        expect(side('added')).toBe(before)
        expect(side('removed')).toBe(after)
      }),
    )
  })
})

it('reads the platform’s own diff', () => {
  expect(show(readUnified('--- v1\n+++ v2\n@@ -1,2 +1,2 @@\n a\n-b\n+c\n@@ -9 +9 @@\n-x\n\\ No newline at end of file\n'))).toBe(' a|-b|+c|…|-x')
})

describe('two edits of one text', () => {
  it.each([
    ['of different places become one', 'abcd', 'xbcd', 'abcy', 'xbcy'],
    ['of which one did nothing are the other', 'abcd', 'abcd', 'ad', 'ad'],
    ['that are the same are that one', 'abc', 'axc', 'axc', 'axc'],
    ['of neighbouring lines become one', 'abcd', 'axcd', 'abyd', 'axyd'],
    ['that add at different places keep both', 'abc', 'axbc', 'abcy', 'axbcy'],
  ])('%s', (_, base, mine, theirs, expected) => {
    expect(mergeTexts(text(base), text(mine), text(theirs))).toBe(text(expected))
  })

  it('of the same place ask a person', () => {
    expect(mergeTexts(text('abc'), text('axc'), text('ayc'))).toBeUndefined()
    expect(mergeTexts(text('ab'), text('abx'), text('aby'))).toBeUndefined()
  })
})
