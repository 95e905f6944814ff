import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compilePattern } from './pattern.ts'

function matches(pattern: string, text: string): boolean {
  const compiled = compilePattern(pattern)
  if ('why' in compiled) throw new Error(compiled.why)
  return compiled.matches(text)
}

describe('patterns', () => {
  it.each<[string, string, boolean]>([
    ['鲁F', '鲁F12345', true],
    ['^鲁F[0-9A-Z]{5}$', '鲁F1234A', true],
    ['^鲁F[0-9A-Z]{5}$', '鲁F1234', false],
    ['\\bsos\\b', 'an sos call', true],
    ['\\bsos\\b', 'asos', false],
    ['a|', 'zzz', true],
    ['(?:ab)+?c', 'ababc', true],
    ['x{2,3}y', 'xxxxy', true],
    ['[]a]', ']', true],
    ['[^\\d\\s]', '1 2', false],
    ['.', '\n', false],
    ['😀.', '😀!', true],
    ['a(){99999999999}b', 'ab', true],
    ['((){99999}){99999}', '', true],
    ['(^|$){3}a', 'ba', false],
  ])('%s in %j: %s', (pattern, text, expected) => {
    expect(matches(pattern, text)).toBe(expected)
  })

  const piece = fc.constantFrom('a', 'b', '.', '[ab]', '[^a]', '[a-c]', '\\d', '\\w', '\\b', '^', '$', '(a|b)', '(ab|c)', '(a*b)', '(?:b|)')
  const times = fc.constantFrom('', '', '', '*', '+', '?', '{2}', '{0,2}', '{1,}', '*?')
  const repeated = fc.tuple(piece, times).map(([each, how]) => (/^(\^|\$|\\b)$/.test(each) ? each : each + how))
  const pattern = fc.array(repeated, { minLength: 1, maxLength: 6 }).map((parts) => parts.join(''))
  const either = fc.array(pattern, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('|'))

  it('find what JavaScript’s own find', () => {
    fc.assert(
      fc.property(either, fc.string({ unit: fc.constantFrom('a', 'b', 'c', '1', ' ', '\n'), maxLength: 12 }), (source, text) => {
        expect(matches(source, text)).toBe(new RegExp(source, 'u').test(text))
      }),
      { numRuns: 2000 },
    )
  })

  it.each(['(a+)+$', '(a|a)*$', '(.*a){12}$', '^(\\w+\\s?)*$'])('S18 %s takes linear time', (source) => {
    const compiled = compilePattern(source)
    if ('why' in compiled) throw new Error(compiled.why)
    const began = performance.now()
    compiled.matches(`${'a'.repeat(4000)}!`)
    // Going back and trying again would take longer than the age of the universe.
    expect(performance.now() - began).toBeLessThan(2000)
  })

  it.each<[string, string, number]>([
    ['(a', 'this ( is never closed', 0],
    ['a)', 'there is no ( for this )', 1],
    ['[a', 'this [ is never closed', 0],
    ['*a', 'nothing to repeat', 0],
    ['a**', 'nothing to repeat', 2],
    ['(?=a)', 'look-around and named groups are not part of the patterns of rules', 0],
    ['(a)\\1', 'back references are not part of the patterns of rules', 3],
    ['a{3,1}', 'the greater number comes first', 1],
    ['\\p{L}', '\\p is not part of the patterns of rules', 0],
    ['[z-a]', 'the range is the wrong way round', 1],
    ['^*', 'an anchor cannot be repeated', 0],
    ['('.repeat(300), 'the pattern is longer than 256 characters', 0],
    ['(a{200}){200}', 'the pattern is too large (more than 500 steps)', 0],
  ])('%s: %s', (source, why, at) => {
    expect(compilePattern(source)).toEqual({ why, at })
  })
})
