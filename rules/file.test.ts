import { describe, expect, it } from 'vitest'
import { checkRule, parseRuleFile } from './file.ts'
import { bookRule } from './hand.fixture.ts'

const BASE = `rule: base
title: { zh: 基, en: Base }
on: cover
assets: { kind: cover }
params:
  tiltDeg: { value: 15, unit: deg, min: 2, max: 90, help: Limit }
  hold: { value: 2s, unit: duration }
when: tiltDeg > params.tiltDeg
for: params.hold
clear: { when: tiltDeg < 5, for: 60s }
severity: major
show: [batteryPct]
overrides: [{ asset: c-1, params: { tiltDeg: 20 } }]
source: a standard
`
const parsed = (text: string, base?: string) => {
  const result = parseRuleFile(text, base)
  if ('errors' in result) throw new Error(result.errors[0]?.why)
  return result.file
}

describe('extends', () => {
  const child = (words: string): string => `rule: child\nextends: base\n${words}`

  it('what is not written is as in the rule that it extends', () => {
    expect(parsed(child(''), BASE)).toEqual({ ...parsed(BASE), rule: 'child', extends: 'base' })
  })

  it('params are merged one by one and word by word, every other word is replaced as a whole', () => {
    const { params, clear, show, overrides, severity } = parsed(
      child('params: { tiltDeg: { value: 25 }, waterMm: { value: 300, unit: mm } }\nclear: { when: tiltDeg < 3 }\nshow: [tempC]\noverrides: []\nseverity: minor\n'),
      BASE,
    )
    expect(params).toEqual({
      tiltDeg: { value: 25, unit: 'deg', min: 2, max: 90, help: 'Limit' },
      hold: { value: '2s', unit: 'duration' },
      waterMm: { value: 300, unit: 'mm' },
    })
    expect({ clear, show, overrides, severity }).toEqual({ clear: { when: 'tiltDeg < 3', for: '0' }, show: ['tempC'], overrides: [], severity: 'minor' })
  })

  it.each<[string, string | undefined, string]>([
    ['no source', undefined, 'extends: extends base needs the source of base'],
    ['the source of another rule', BASE.replace('rule: base', 'rule: other'), 'extends: extends base, but the source given for it is of other'],
    ['a rule that extends one itself', `extends: root\n${BASE}`, 'extends: base extends root itself; only one level is allowed'],
    ['a rule with errors', BASE.replace('on: cover', 'on: lid'), 'extends: base has errors itself'],
    ['no YAML', 'rule: [', 'extends: base cannot be read as a rule'],
  ])('%s is an error at extends', (_what, base, why) => {
    expect(checkRule(child(''), base)).toEqual([{ line: 2, column: 10, endColumn: 14, why }])
  })
})

describe('places', () => {
  const at = (when: string): string[] => {
    const source = bookRule('cover-water-high').replace(/^when:.*$/m, when)
    return checkRule(source).map(({ line, column, endColumn }) => source.split('\n')[line - 1]?.slice(column - 1, endColumn - 1) ?? '')
  }

  it.each([
    ['when: tiltDeg > 5 && waterMn > 3', ['waterMn']],
    ['when: "tiltDeg > 5 && waterMn > 3"', ['waterMn']],
    ["when: 'text == ''a'' || waterMn > 3'", ['text', 'waterMn']],
    ['when: "\\"a\\" == \\"b\\" && waterMn > 3"', ['waterMn']],
    ['when: |\n  tiltDeg > 5 &&\n    waterMn > 3', ['waterMn']],
    ['when: >-\n  tiltDeg > 5 &&\n\n  waterMn > 3', ['waterMn']],
    ['when: tiltDeg > 5 &&\n  waterMn > 3 && "倾斜" == "" && tempX > 3', ['waterMn', 'tempX']],
  ])('%j', (when, expected) => {
    expect(at(when)).toEqual(expected)
  })
})

it('aliases that multiply are an error, not an exception', () => {
  const bomb = [
    'a: &a [x]',
    ...Array.from({ length: 9 }, (_, i) => `${String.fromCharCode(98 + i)}: &${String.fromCharCode(98 + i)} [${`*${String.fromCharCode(97 + i)},`.repeat(9)}]`),
  ].join('\n')
  expect(checkRule(bomb)).toHaveLength(1)
})

it('a right rule has no errors, ints and doubles mixed', () => {
  const source = bookRule('cover-water-high').replace(/^when:.*$/m, 'when: waterMm == 900 || tempC in [1, 2.5] || waterMm % 2 == 0 || 3 < tempC')
  expect(checkRule(source)).toEqual([])
})

it('a text with thousands of errors is refused with the first hundred', () => {
  const refused = parseRuleFile(`params:\n${Array.from({ length: 3000 }, (_, i) => ` a${i}: 1\n`).join('')}`)
  expect('errors' in refused && refused.errors).toHaveLength(100)
})

it('a key that stands twice is told with its place, and thousands of keys take no longer each than a few', () => {
  const twice = parseRuleFile('rule: x\nparams:\n  a: { value: 1 }\n  b: { value: 1 }\n  a: { value: 2 }\n')
  expect('errors' in twice && twice.errors).toEqual([{ line: 5, column: 3, endColumn: 4, why: 'Map keys must be unique' }])
  const began = performance.now()
  const many = parseRuleFile(Array.from({ length: 13_000 }, (_, i) => `${i.toString(36)}:\n`).join(''))
  expect('errors' in many && many.errors.length).toBeGreaterThan(0)
  // Each compared with all before it: ten seconds and more.
  expect(performance.now() - began).toBeLessThan(4000)
})
