import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { editedSource, parentOf } from './source.ts'

const SOURCE = `# who may change this: the water office
rule: cover-displaced
params:
  tiltDeg: { value: 15,   unit: deg }   # GB/T 41401
  hold:
    value: '2s'
    unit: duration
when: >-
  tiltDeg > params.tiltDeg
overrides:
  - asset: c-1 # the ramp
    params: { tiltDeg: 30 }
# severity follows
severity: "critical"
`

describe('an edit by params', () => {
  it.each([
    ['a number', { tiltDeg: 20.5 }, SOURCE.replace('15,', '20.5,')],
    ['a duration, whose quotes are not needed', { hold: '1m30s' }, SOURCE.replace("'2s'", '1m30s')],
    ['a text that braces would break', { hold: 'a, }b' }, SOURCE.replace("'2s'", '"a, }b"')],
    ['a text that reads as a number', { hold: '5' }, SOURCE.replace("'2s'", '"5"')],
    ['a flag', { tiltDeg: true }, SOURCE.replace('15,', 'true,')],
    ['several at once', { tiltDeg: 7, hold: '3s' }, SOURCE.replace('15,', '7,').replace("'2s'", '3s')],
    ['the same value', { tiltDeg: 15 }, SOURCE],
  ])('changes %s and not a letter beside it', (_, set, expected) => {
    expect(editedSource(SOURCE, { set })).toBe(expected)
  })

  it('adds the value alone of a param that only the parent has', () => {
    const edited = editedSource('rule: x\nextends: cover-displaced # the parent\n', { set: { tiltDeg: 20 } })
    expect(edited).toContain('extends: cover-displaced # the parent')
    expect(parse(edited ?? '')).toEqual({ rule: 'x', extends: 'cover-displaced', params: { tiltDeg: { value: 20 } } })
  })

  it.each([
    [
      'replaces overrides where they stand',
      SOURCE,
      [{ area: '310115', params: { tiltDeg: 9 } }],
      /overrides:\n {2}- area: "310115"\n {4}params:\n {6}tiltDeg: 9\n# severity follows\nseverity/,
    ],
    ['removes them', SOURCE, [], /tiltDeg > params\.tiltDeg\n# severity follows/],
    ['adds them at the end', 'rule: x\nwhen: a', [{ asset: 'c-1', params: { p: '5s' } }], /^rule: x\nwhen: a\noverrides:\n {2}- asset: c-1\n {4}params:\n {6}p: 5s\n$/],
    ['adds nothing where there are none', 'rule: x\n', [], /^rule: x\n$/],
    ['edits a rule written as JSON', '{"rule": "x", "when": "a"}', [{ asset: 'c-1', params: { p: 1 } }], /"rule": "x".*overrides:/],
  ])('%s', (_, source, overrides, expected) => {
    const edited = editedSource(source, { overrides })
    expect(edited).toMatch(expected)
    expect(parse(edited ?? '')).toEqual({ ...parse(source), overrides: overrides.length > 0 ? overrides : undefined })
  })

  it.each([
    ['an anchor that other values follow', 'a: &x 1\nparams: { p: { value: &y 1 }, q: { value: *y } }\n', { p: 2 }],
    ['no YAML', 'a: [1\n', { p: 2 }],
    ['no map', '- a\n', { p: 2 }],
  ])('leaves %s to a person', (_, source, set) => {
    expect(editedSource(source, { set })).toBeUndefined()
  })

  it.each([
    ['rule: x\nextends: y\n', 'y'],
    ['rule: x\n', undefined],
    ['extends: [y]', undefined],
    ['- a', undefined],
    ['', undefined],
  ])('%j extends %s', (source, parent) => {
    expect(parentOf(source)).toBe(parent)
  })
})
