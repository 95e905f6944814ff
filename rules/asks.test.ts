import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { asksOf } from './asks.ts'
import { parseRuleFile } from './file.ts'

const BOOK = join(import.meta.dirname, 'book')
const read = (name: string): string => readFileSync(join(BOOK, `${name}.yaml`), 'utf8')

function asked(name: string) {
  const source = read(name)
  const parent = /^extends: (\S+)/m.exec(source)?.[1]
  const parsed = parseRuleFile(source, parent === undefined ? undefined : read(parent))
  if ('errors' in parsed) throw new Error(parsed.errors[0]?.why)
  return { file: parsed.file, ...asksOf(parsed.file) }
}

describe('what a rule asks of objects', () => {
  it.each([
    ['garbage-exposed', ['garbage street'], 'look'],
    ['store-outside', ['goods shop-front', 'table shop-front', 'rack shop-front'], 'look'],
    ['muck-wheels', ['wheels-dirty site-exit'], 'mean'],
    ['vehicle-no-parking', ['car', 'truck', 'bus', 'muck-truck-loaded-open', 'muck-truck-covered'].map((label) => `${label} no-parking`), 'best'],
    ['cover-abnormal', ['cover-open', 'cover-missing', 'cover-broken', 'cover-shifted', 'cover-closed'].map((label) => `${label} cover`), 'look'],
    ['cover-displaced', [], null],
  ] as const)('%s: %j, %s', (name, asks, score) => {
    const found = asked(name)
    expect(found.asks.map(({ label, zone }) => `${label} ${zone}`)).toEqual(asks)
    expect(found.score).toBe(score)
  })

  it('finds an answer for every rule of the book that has a score', () => {
    const names = readdirSync(BOOK).flatMap((file) => (file.includes('scenario') || file === 'calendars.yaml' || !file.endsWith('.yaml') ? [] : [file.slice(0, -5)]))
    const scored = names.map(asked).filter(({ file }) => file.on === 'scene' && 'score' in file.params)
    expect(scored.length).toBeGreaterThan(10)
    expect(scored.filter(({ asks, score }) => asks.length === 0 || score === null).map(({ file }) => file.rule)).toEqual([])
  })

  it('says how large an object must be, by number or param', () => {
    const params = { area: { value: 0.005 } }
    const asked = asksOf({ on: 'scene', params, when: 'objects("garbage", "street", params.area) > 0 && objects("car", "street", 0.1) > 0' })
    expect(asked.asks.map(({ share }) => share)).toEqual(['area', 0.1])
  })

  it('takes a label from a param, and any place where none is named', () => {
    const params = { what: { value: 'dog' }, score: { value: 0.3 } }
    expect(asksOf({ on: 'scene', params, when: 'objects(params.what) > 0 || objects("cat", "street") > 2' })).toEqual({
      asks: [
        { label: 'dog', zone: null, share: null },
        { label: 'cat', zone: 'street', share: null },
      ],
      score: 'look',
    })
  })
})
