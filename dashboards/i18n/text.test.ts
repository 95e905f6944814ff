import { describe, expect, it } from 'vitest'
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
    const different = (Object.keys(zh) as (keyof typeof zh)[]).filter((key) => holes(zh[key]).join() !== holes(en[key]).join())
    expect(different).toEqual([])
  })

  it('fill in values and leave a hole without one visible', () => {
    expect(say('en', 'list.count', { n: 3 })).toBe('3 alerts')
    expect(say('zh', 'list.count')).toContain('{n}')
  })

  it('do not know what they were never taught, inherited names included', () => {
    expect(sayIfKnown('zh', 'state.reported')).toBe(zh['state.reported'])
    expect(sayIfKnown('zh', 'state.dreamt')).toBeUndefined()
    expect(sayIfKnown('zh', 'toString')).toBeUndefined()
  })
})
