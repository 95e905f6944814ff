import { describe, expect, it } from 'vitest'
import { KINDS } from '../../domain/fields.ts'
import { checkCondition } from './check.ts'
import { completions } from './completions.ts'
import { FUNCTIONS } from './functions.ts'

const params = { tiltDeg: { value: 15, unit: 'deg', help: 'Limit' }, hold: { value: '2s', unit: 'duration' } }
const named = (name: string, kind: (typeof KINDS)[number] = 'cover', object = false) => completions(kind, object, params).find((each) => each.name === name)

describe('completions', () => {
  it.each([
    ['tiltDeg', { what: 'field', type: 'number', unit: 'deg' }],
    ['params.tiltDeg', { what: 'param', type: 'number', unit: 'deg', help: { en: 'Limit' } }],
    ['params.hold', { what: 'param', type: 'duration', unit: null }],
    ['avg', { what: 'function', type: 'number', insert: 'avg(|)' }],
    ['workingDay', { insert: 'workingDay()', type: 'bool' }],
  ])('%s', (name, expected) => {
    expect(named(name)).toMatchObject(expected)
  })

  it('know what a text may be', () => {
    expect(named('load', 'vehicle')?.values).toEqual(['empty', 'half', 'full'])
  })

  it('know what the texts of a function name', () => {
    const texts = (name: string, kind: (typeof KINDS)[number], object = false) => completions(kind, object, {}, ['city', 'muck-hours']).find((each) => each.name === name)?.texts
    expect(texts('inside', 'vehicle')?.[0]).toContain('depot')
    expect(texts('objects', 'scene')?.map((each) => each.includes('street'))).toEqual([false, true])
    expect(texts('during', 'cover')).toEqual([['city', 'muck-hours']])
    expect(texts('platePermit', 'scene', true)).toEqual([[], ['transport', 'all-hours', 'outdoor-ad']])
    expect(completions('scene', true, {}).find(({ name }) => name === 'label')?.values).toContain('stall')
  })

  it('are of the scope: objects have other fields and functions than assets', () => {
    expect(named('bestScore', 'scene', true)?.type).toBe('number')
    expect(named('offRoute', 'scene', true)).toBe(undefined)
    expect(named('value', 'cover')).toBe(undefined)
  })

  it('each function has help in both languages, and an example that is right somewhere', () => {
    for (const { help, name } of FUNCTIONS) expect([name, help.zh !== '' && help.en !== '']).toEqual([name, true])
    const scopes = KINDS.flatMap((kind) => [false, true].map((object) => ({ kind, object, params: {} })))
    const wrong = FUNCTIONS.filter(({ example }) => scopes.every((scope) => checkCondition(example, 'bool', scope).some(({ why }) => !why.startsWith('it gives'))))
    expect(wrong.map(({ name }) => name)).toEqual([])
  })
})
