import { describe, expect, it } from 'vitest'
import { completions } from '../../rules/language/completions.ts'
import { tokensOf } from './codeTokens.ts'
import { complete, suggest, wordsFor } from './completion.ts'

const COVER = wordsFor({ tiltDeg: { value: 15, unit: 'deg' } }, completions('cover', false, {}))
const VEHICLE = wordsFor({}, completions('vehicle', false, {}))
const names = (text: string, words = COVER, asked = false): string[] | undefined => suggest(text, text.length, words, asked)?.items.map(({ name }) => name)

describe('completion', () => {
  it('knows what a rule of this kind may say, and nothing else', () => {
    const known = COVER.map(({ name }) => name)
    expect(known).toEqual(expect.arrayContaining(['params.tiltDeg', 'tiltDeg', 'displaced', 'avg']))
    expect(known).not.toContain('speedKmh')
    expect(wordsFor({}, completions('scene', true, {})).map(({ name }) => name)).toEqual(expect.arrayContaining(['bestScore', 'stillFor']))
  })

  it.each<[string, string, string[] | undefined]>([
    ['offers what begins so, then params of that name', 'tilt', ['tiltDeg', 'params.tiltDeg']],
    ['after params. offers params alone', 'tiltDeg > params.', ['params.tiltDeg']],
    ['is silent inside other texts', 'label("de', undefined],
    ['is silent after a space', 'tiltDeg > ', undefined],
    ['is silent when all is typed', 'displaced', undefined],
  ])('%s: %s', (_, text, expected) => {
    expect(names(text)).toEqual(expected)
  })

  it('offers what a text may be, the best first', () => {
    expect(names('load == "', VEHICLE)).toEqual(['empty', 'half', 'full'])
    expect(names('load != "f', VEHICLE)).toEqual(['full', 'half'])
  })

  it('offers the names that an argument may be, by its position', () => {
    const scene = wordsFor({}, completions('scene', false, {}, ['night-market', 'muck-hours']))
    expect(names('!inside("de', VEHICLE)).toEqual(['depot'])
    expect(names("objects('muck-truck-l", scene)).toEqual(['muck-truck-loaded-open'])
    expect(names("objects('car', 'no-st", scene)).toEqual(['no-stall'])
    expect(names("during('m", scene)).toEqual(['muck-hours', 'night-market'])
    expect(names("during('muck-hours') && during('n", scene)?.[0]).toBe('night-market')
  })

  it('offers methods after a dot, and only there', () => {
    const methods = VEHICLE.filter(({ what }) => what === 'method').map(({ name }) => name)
    expect(methods.length).toBeGreaterThan(0)
    expect(names('load.', VEHICLE)?.toSorted()).toEqual(methods.toSorted())
    expect(names('m', VEHICLE)).not.toEqual(expect.arrayContaining(methods))
  })

  it('shows everything when asked', () => {
    expect(names('tiltDeg > ', COVER, true)).toEqual(expect.arrayContaining(['params.tiltDeg', 'displaced', 'avg']))
  })

  it('puts in what was chosen and leaves the caret where the author goes on', () => {
    const text = 'av > 3'
    const found = suggest(text, 2, COVER, false)
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
