import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { mutantsOf } from './mutants.ts'
import { mutate } from './mutate.ts'
import { parentOf } from './source.ts'

const BOOK = join(import.meta.dirname, 'book')
const read = (name: string): string => readFileSync(join(BOOK, name), 'utf8')

const RULE = `rule: wet
title: { zh: 湿, en: Wet }
on: cover
params:
  waterMm: { value: 800, unit: mm, min: 800, max: 900, step: 10 }
  hold: { value: 20s, unit: duration }
when: waterMm >= params.waterMm && avg(waterMm, "5m") > 0.5
for: params.hold
clear: { when: waterMm < 700, for: 30s }
coolDown: 1h
fuse: { with: [other], withinM: 15 }
doubt: { seen: [dry], unless: [wet], withinM: 10, looks: 3, score: 0.5, severity: minor }
severity: 'waterMm > 1200 ? "critical" : "major"'
overrides:
  - { asset: c-1, params: { waterMm: 850 } }
`

describe('the mutants of a rule', () => {
  const mutants = mutantsOf(RULE)
  const names = mutants.map(({ name }) => name)

  it.each([
    'params.waterMm 800 → 810',
    'params.hold 20s → 18s',
    'params.hold 20s → 22s',
    'overrides 1: waterMm 850 → 840',
    'overrides 1: waterMm 850 → 860',
    'clear.for 30s → 27s',
    'coolDown 1h → 54m',
    'fuse.withinM 15 → 16',
    'doubt.withinM 10 → 9',
    'doubt.looks 3 → 4',
    'doubt.score 0.5 → 0.45',
    'when: && → || in waterMm >= params.waterMm && avg(waterMm, "5m") > 0.5',
    'when: >= → > in waterMm >= params.waterMm',
    'when: "5m" → "4m30s" in avg(waterMm, "5m")',
    'when: > → >= in avg(waterMm, "5m") > 0.5',
    'when: 0.5 → 0.4 in avg(waterMm, "5m") > 0.5',
    'clear.when: < → <= in waterMm < 700',
    'clear.when: 700 → 701 in waterMm < 700',
    'severity: > → >= in waterMm > 1200',
  ])('have %s', (name) => {
    expect(names).toContain(name)
  })

  it('are all different, in one place each, and never outside of what the param may be', () => {
    expect(new Set(names).size).toBe(names.length)
    expect(new Set(mutants.map(({ source }) => source)).size).toBe(mutants.length)
    expect(names).not.toContain('params.waterMm 800 → 790')
  })

  it('say on which line they stand', () => {
    expect(mutants.find(({ name }) => name === 'coolDown 1h → 54m')?.line).toBe(10)
  })

  it('of a rule that extends another are those of its own text', () => {
    const source = read('truck-speeding-night.yaml')
    const own = mutantsOf(source, read(`${parentOf(source)}.yaml`)).map(({ name }) => name)
    expect(own.filter((name) => name.startsWith('params.'))).toEqual(['params.nightKmh 50 → 49', 'params.nightKmh 50 → 51'])
  })
})

const LOOSE = `
- name: far beyond
  observations:
    - { at: 0s, waterMm: 5000 }
  until: 10s
  expect:
    - { at: 0s, what: raised }
`
const TIGHT = `
- name: at the limit and just below it
  series: { every: 10s, waterMm: "799 800" }
  until: 20s
  expect:
    - { at: 10s, what: raised }
`
const LIMIT = `rule: wet
title: { zh: 湿, en: Wet }
on: cover
when: waterMm >= 800
severity: major
`

describe('a mutation run', () => {
  it('names what a loose scenario lets pass, with its line', () => {
    expect(mutate(LIMIT, LOOSE).survivors.map(({ name, line }) => [name, line])).toEqual([
      ['when: >= → > in waterMm >= 800', 4],
      ['when: 800 → 799 in waterMm >= 800', 4],
      ['when: 800 → 801 in waterMm >= 800', 4],
    ])
  })

  it('finds nothing when the scenario stands on both sides of the limit', () => {
    expect(mutate(LIMIT, TIGHT)).toEqual({ mutants: 3, survivors: [], equivalent: 0, stale: [] })
  })

  it('takes a reason for what cannot be told, and says when the reason no longer holds', () => {
    const reason = '- equivalent: "when: >= → > in waterMm >= 800"\n  why: nobody measures exactly that\n'
    expect(mutate(LIMIT, LOOSE + reason)).toMatchObject({ equivalent: 1, stale: [] })
    expect(mutate(LIMIT, TIGHT + reason)).toMatchObject({ survivors: [], stale: ['when: >= → > in waterMm >= 800'] })
  })

  it('does not take a scenario that fails anyhow for one that notices', () => {
    const details = [{ where: '2', why: 'scenario "at the limit and just below it" fails for the rule as it is' }]
    expect(() => mutate(LIMIT, TIGHT.replace('at: 10s, what', 'at: 11s, what'))).toThrow(expect.objectContaining({ code: 'scenarios.invalid', details }))
  })

  it.each(['cover-displaced', 'cover-flood-area', 'truck-off-route', 'garbage-exposed', 'vehicle-no-parking-reminded', 'gateway-silent'])('has no survivors in %s', (name) => {
    const { mutants, survivors, stale } = mutate(read(`${name}.yaml`), read(`${name}.scenario.yaml`))
    expect(mutants).toBeGreaterThan(5)
    expect({ survivors, stale }).toEqual({ survivors: [], stale: [] })
  })
})
