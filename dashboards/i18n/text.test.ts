import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { en } from './en.ts'
import { say, sayIfKnown } from './text.ts'
import { zh } from './zh.ts'

describe('the dictionaries', () => {
  it('have the same keys, none empty', () => {
    expect(Object.keys(en).sort()).toEqual(Object.keys(zh).sort())
    expect([...Object.values(zh), ...Object.values(en)].filter((text) => text.trim() === '')).toEqual([])
  })

  it('ask for the same values in both languages', () => {
    const holes = (text: string): string[] => [...text.matchAll(/\{\w+\}/g)].map(([hole]) => hole).sort()
    for (const text of [...Object.values(zh), ...Object.values(en)]) for (const [, name] of text.matchAll(/\{(\w+)\|/g)) expect(holes(text), text).toContain(`{${name}}`)
    const different = (Object.keys(zh) as (keyof typeof zh)[]).filter((key) => holes(zh[key]).join() !== holes(en[key]).join())
    expect(different).toEqual([])
  })

  it('fill in values and leave a hole without one visible', () => {
    expect(say('en', 'list.count', { n: 3 })).toBe('3 alerts')
    expect(say('zh', 'list.count')).toContain('{n}')
  })

  it.each([
    [0, '0 alerts'],
    [1, '1 alert'],
    [2, '2 alerts'],
    ['1', '1 alert'],
    ['1,204', '1,204 alerts'],
  ])('take the word for one or for many: %s', (n, text) => {
    expect(say('en', 'list.count', { n })).toBe(text)
  })

  it('have a name for every param of the book', () => {
    const folder = join(import.meta.dirname, '../../rules/book')
    const files = readdirSync(folder).filter((file) => file.endsWith('.yaml') && !file.includes('.scenario.') && file !== 'calendars.yaml')
    const params = files.flatMap((file) => Object.keys((parse(readFileSync(join(folder, file), 'utf8')) as { params?: object }).params ?? {}))
    expect(params.length).toBeGreaterThan(50)
    for (const name of new Set(params))
      for (const language of ['zh', 'en'] as const) expect(sayIfKnown(language, `param.${name}`) ?? sayIfKnown(language, `field.${name}`), name).toBeDefined()
  })

  it('do not know what they were never taught, inherited names included', () => {
    expect(sayIfKnown('zh', 'state.reported')).toBe(zh['state.reported'])
    expect(sayIfKnown('zh', 'state.dreamt')).toBeUndefined()
    expect(sayIfKnown('zh', 'toString')).toBeUndefined()
  })
})
