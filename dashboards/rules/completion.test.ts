import { describe, expect, it } from 'vitest'
import { tokensOf } from './codeTokens.ts'
import { complete, type LanguageWord, suggest, wordsFor } from './completion.ts'

const HELP = { zh: '', en: '' }
const FUNCTIONS: LanguageWord[] = [
  { name: 'avg', signatures: ['avg(double, string): double'], only: null, kinds: null, help: HELP, example: '' },
  { name: 'inside', signatures: ['inside(string): bool'], only: 'asset', kinds: ['vehicle'], help: HELP, example: '' },
  { name: 'stillFor', signatures: ['stillFor(): duration'], only: 'object', kinds: null, help: HELP, example: '' },
]
const COVER = wordsFor({ on: 'cover' }, { tiltDeg: { value: 15, unit: 'deg' } }, FUNCTIONS)
const names = (text: string, words = COVER, asked = false): string[] | undefined => suggest(text, text.length, words, 'vehicle', asked)?.items.map(({ name }) => name)

describe('completion', () => {
  it('knows what a rule of this kind may say, and nothing else', () => {
    expect(COVER.map(({ name }) => name)).toEqual(expect.arrayContaining(['params.tiltDeg', 'tiltDeg', 'displaced', 'avg']))
    expect(COVER.map(({ name }) => name)).not.toEqual(expect.arrayContaining(['inside']))
    const object = wordsFor({ on: 'scene', each: 'object' }, {}, FUNCTIONS).map(({ name }) => name)
    expect(object).toEqual(expect.arrayContaining(['bestScore', 'stillFor']))
    expect(object).not.toContain('inside')
  })

  it.each<[string, string, string[] | undefined]>([
    ['offers what begins so, then params of that name', 'ti', ['tiltDeg', 'params.tiltDeg']],
    ['after params. offers params alone', 'tiltDeg > params.', ['params.tiltDeg']],
    ['offers the values of a field with a list of them', 'load == "', ['empty', 'half', 'full']],
    ['puts the best first', 'load != "f', ['full', 'half']],
    ['is silent inside other texts', 'inside("de', undefined],
    ['is silent after a space', 'tiltDeg > ', undefined],
    ['is silent when all is typed', 'displaced', undefined],
  ])('%s: %s', (_, text, expected) => {
    expect(names(text)).toEqual(expected)
  })

  it('shows everything when asked', () => {
    expect(names('tiltDeg > ', COVER, true)).toHaveLength(COVER.length)
  })

  it('puts in what was chosen and leaves the caret where the author goes on', () => {
    const text = 'av > 3'
    const found = suggest(text, 2, COVER, 'cover', false)
    const avg = found?.items.find(({ name }) => name === 'avg')
    if (!found || !avg) throw new Error('avg is not offered')
    expect(complete(text, found, avg)).toEqual({ text: 'avg() > 3', caret: 4 })
    expect(complete('av(x)', { from: 0, to: 2 }, avg)).toEqual({ text: 'avg(x)', caret: 3 })
  })
})

describe('colours', () => {
  it.each([
    ['condition', "avg(tiltDeg, '5m') >= params.tiltDeg && load == \"open"],
    ['yaml', 'rule: a # b\nparams:\n  tiltDeg: { value: 15, unit: deg }\nwhen: "x: y"\n'],
  ] as const)('lose nothing of a %s', (language, text) => {
    expect(
      tokensOf(text, language)
        .map((token) => token.text)
        .join(''),
    ).toBe(text)
  })

  it('tell a call from a field and a key from a value', () => {
    expect(tokensOf('avg(tiltDeg)', 'condition').map(({ kind }) => kind)).toEqual(['function', 'text', 'name', 'text'])
    expect(tokensOf('on: cover', 'yaml')[0]).toEqual({ kind: 'name', text: 'on' })
  })
})
