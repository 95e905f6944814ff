import { expect, it } from 'vitest'
import { canonical } from './canonical.ts'

it.each<[string, unknown, string]>([
  ['members stand in order of their names', { b: 1, a: [true, null] }, '{"a":[true,null],"b":1}'],
  ['half a surrogate pair is replaced, in values and in names', { 'a\ud800': ['x\udc00y'] }, '{"a\ufffd":["x\ufffdy"]}'],
  ['a whole pair stays', { a: '\u{1f3ef}' }, '{"a":"\u{1f3ef}"}'],
  ['a text that only looks like an escape stays', { a: '\\ud800' }, '{"a":"\\\\ud800"}'],
])('%s', (_what, value, text) => {
  expect(canonical(value)).toBe(text)
})

it('refuses what has no JSON form', () => {
  expect(() => canonical(undefined)).toThrow('no canonical text')
})
