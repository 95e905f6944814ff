import { describe, expect, it } from 'vitest'
import type { RuleFile } from '../../domain/rule.ts'
import { overridesIn, paramsIn, placeIn, readRule, withOverrides, withValue } from './ruleText.ts'

const TEXT = `# why: wheels shake covers
rule: cover-displaced
on: cover
params:
  tiltDeg: { value: 15, unit: deg, min: 2, max: 90 }   # by the standard
  hold: { value: 2s, unit: duration }
when: tiltDeg > params.tiltDeg || displaced
clear: { when: tiltDeg < 5 && !displaced, for: 60s }
severity: critical
`

const ruleOf = (text: string): Partial<RuleFile> => {
  const read = readRule(text)
  if ('broken' in read) throw new Error(read.broken.why)
  return read.rule
}

describe('a value in a rule text', () => {
  it('changes alone: comments and layout stay to the letter', () => {
    expect(withValue(TEXT, ['params', 'tiltDeg', 'value'], 20)).toBe(TEXT.replace('value: 15', 'value: 20'))
    expect(withValue(TEXT, ['params', 'hold', 'value'], '1m30s')).toBe(TEXT.replace('value: 2s', 'value: 1m30s'))
    expect(withValue(TEXT, ['when'], 'tiltDeg > 3')).toBe(TEXT.replace('tiltDeg > params.tiltDeg || displaced', 'tiltDeg > 3'))
  })

  it.each([
    ['text that YAML would read otherwise', ['when'], 'label("a: b") == "x" # y'],
    ['text that looks like a number', ['severity'], '12'],
    ['brackets inside braces', ['clear', 'when'], 'a in [1, 2]'],
    ['an exclamation mark in front', ['when'], '!displaced'],
    ['a quote in front', ['when'], '"x" == label("y") && displaced'],
    ['several lines', ['when'], 'tiltDeg > 3\n\n  || displaced'],
    ['several lines inside braces', ['clear', 'when'], 'tiltDeg < 3\n&& !displaced'],
  ] as const)('is written so that it is read back the same: %s', (_, path, value) => {
    const text = withValue(TEXT, [...path], value)
    const rule = ruleOf(text) as unknown as Record<string, unknown>
    expect(path.length === 1 ? rule[path[0]] : (rule.clear as Record<string, unknown>).when).toBe(value)
    expect(text).toContain('# by the standard')
    expect(ruleOf(withValue(text, [...path], 'tiltDeg > 1')).severity ?? '').not.toBe('')
  })

  it('comes back from several lines to one', () => {
    expect(withValue(withValue(TEXT, ['when'], 'a\n|| b'), ['when'], 'tiltDeg > params.tiltDeg || displaced')).toBe(TEXT)
  })

  it('is added where the text has none, as a rule that extends another needs it', () => {
    expect(ruleOf(withValue('rule: a\nextends: b\n', ['params', 'tiltDeg', 'value'], 20))).toEqual({ rule: 'a', extends: 'b', params: { tiltDeg: { value: 20 } } })
  })

  it('leaves a text that cannot be read as it is, and says where', () => {
    const broken = 'rule: a\nwhen: "x\n'
    expect(withValue(broken, ['when'], 'y')).toBe(broken)
    expect(readRule(broken)).toMatchObject({ broken: { line: expect.any(Number), why: expect.any(String) } })
    expect(readRule('- a list')).toHaveProperty('broken')
  })

  it('is found again by line and column', () => {
    const { line, column } = placeIn(TEXT, ['when']) ?? { line: 0, column: 0 }
    expect(TEXT.split('\n')[line - 1]?.slice(column - 1)).toBe('tiltDeg > params.tiltDeg || displaced')
    expect(placeIn(TEXT, ['nothing'])).toBeUndefined()
  })
})

describe('params in a text', () => {
  const saved = { params: { tiltDeg: { value: 15, unit: 'deg', min: 2, max: 90 }, hold: { value: '2s', unit: 'duration' } } } as unknown as RuleFile

  it('are the text’s own, or inherited ones with the own values on top', () => {
    expect(Object.keys(paramsIn(ruleOf(TEXT), saved))).toEqual(['tiltDeg', 'hold'])
    expect(paramsIn({ extends: 'b', params: { tiltDeg: { value: 20 } } }, saved)).toEqual({
      tiltDeg: { value: 20, unit: 'deg', min: 2, max: 90 },
      hold: { value: '2s', unit: 'duration' },
    })
    expect(paramsIn({ params: { tiltDeg: { value: 20 } } }, saved)).toEqual({ tiltDeg: { value: 20 } })
  })

  it('that are nonsense in a half-written text are left out', () => {
    expect(paramsIn({ params: { tiltDeg: null, a: 3 } } as unknown as RuleFile, saved)).toEqual({})
  })
})

describe('overrides in a text', () => {
  const one = { asset: 'c-0001', params: { tiltDeg: 20 }, note: 'on a slope' }

  it('are put in, replaced and taken out without a trace', () => {
    const added = withOverrides(TEXT, [one])
    expect(added).toBe(`${TEXT}overrides:\n  - { asset: c-0001, params: { tiltDeg: 20 }, note: on a slope }\n`)
    expect(overridesIn(ruleOf(added))).toEqual([one])
    const two = withOverrides(added, [one, { area: '370602', params: { tiltDeg: 12 } }])
    expect(overridesIn(ruleOf(two))).toHaveLength(2)
    expect(withOverrides(two, [])).toBe(TEXT)
  })

  it('in the middle of a text leave what follows alone', () => {
    const text = 'rule: a\noverrides:\n  - { asset: x, params: { a: 1 } }\n# about the end\nseverity: minor\n'
    const next = withOverrides(text, [one])
    expect(next).toContain('severity: minor\n')
    expect(overridesIn(ruleOf(next))).toEqual([one])
  })
})
