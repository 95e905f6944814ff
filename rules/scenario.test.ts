import { describe, expect, it } from 'vitest'
import type { CodedError } from '../domain/errors.ts'
import { runScenarios } from './scenario.ts'

const WET = `rule: wet
title: { zh: 湿, en: Wet }
on: cover
params:
  # What counts.
  limitMm: { value: 800, unit: mm, min: 1, max: 9000 }
when: waterMm >= params.limitMm
severity: major
`
const run = (scenario: string, rule = WET): string[] => runScenarios(rule, scenario).flatMap(({ differences }) => differences)

describe('a scenario', () => {
  it('sets params in the rule’s own text, whatever its layout', () => {
    const block = WET.replace('{ value: 800, unit: mm, min: 1, max: 9000 }', '\n    unit: mm\n    value: 800')
    const scenario = '- { name: lower, params: { limitMm: 100 }, observations: [{ at: 0s, waterMm: 100 }], until: 5s, expect: [{ at: 0s, what: raised }] }'
    expect(run(scenario)).toEqual([])
    expect(run(scenario, block)).toEqual([])
  })

  it('has several assets, each with its own device, and says which one differs', () => {
    const scenario = `
- name: two covers
  asset: { id: c-1 }
  others: [{ id: c-2 }]
  series:
    - { every: 10s, waterMm: "900" }
    - { device: c-2, every: 10s, from: 5s, waterMm: "900 _ 100" }
  until: 1m
  expect:
    - { at: 0s, what: raised, asset: c-1 }
    - { at: 5s, what: raised, asset: c-3 }
`
    expect(run(scenario)).toEqual([
      'transition 2: asset is "c-2", expected "c-3" (raised at "5s", opened "5s", major, c-2)',
      'unexpected resolved at "25s", opened "5s", major, c-2',
    ])
  })

  it('takes a message that comes twice for one, as the journal does, and two of one time that differ for two', () => {
    const rule = WET.replace('when: waterMm >= params.limitMm', "when: count(waterMm >= params.limitMm, '1m') >= 2")
    const scenario = (more: string): string =>
      `- { name: twice, observations: [{ at: 0s, waterMm: 900, repeat: 2 }${more}], until: 5s, expect: [${more === '' ? '' : '{ at: 0s, what: raised }'}] }`
    expect(run(scenario(''), rule)).toEqual([])
    expect(run(scenario(', { at: 0s, waterMm: 901 }'), rule)).toEqual([])
  })

  it('tells what is missing', () => {
    expect(run('- { name: dry, observations: [{ at: 0s, waterMm: 1 }], until: 5s, expect: [{ at: 0s, what: raised }] }')).toEqual(['missing {"at":"0s","what":"raised"}'])
  })

  it('delivers in the order of receipt: a delayed series and a message that overtakes it', () => {
    const scenario = `
- name: late
  series: { every: 10s, delay: 5m, waterMm: "900 900" }
  observations:
    - { at: 1m, waterMm: 1 }
  until: 10m
  expect:
    - { at: 0s, what: raised, raisedAt: 5m }
    - { what: resolved, at: 1m, raisedAt: 5m }
`
    expect(run(scenario)).toEqual([])
  })

  const STREET = `rule: stalls
title: { zh: 摊, en: Stalls }
on: scene
params:
  score: { value: 0.5 }
when: objects("stall", "kerb") >= 2
severity: minor
`
  const looks = (see: string): string => `
- name: looks
  picture: [{ id: k, type: kerb, polygon: [[0, 0], [1, 0], [1, 1], [0, 1]] }]
  things: { a: { label: stall, box: [0, 0.5, 0.1, 0.1] }, b: { label: stall, score: 0.4, box: [0.5, 0.5, 0.1, 0.1] } }
  series: { every: 10s, see: "${see}" }
  until: 1m
  expect:
    - { at: 10s, what: raised, openedAt: 10s }
    - { at: 20s, what: resolved }
`
  it('shows looks in short: things by name, with another score, or nothing', () => {
    expect(run(looks('a+b a+b=0.6 -'), STREET)).toEqual([])
    expect(() => run(looks('a+c'), STREET)).toThrow('there is no thing c')
  })

  it('of which a word is misspelt is refused', () => {
    const refused = (text: string) => {
      try {
        return run(text)
      } catch (error) {
        return (error as CodedError).details
      }
    }
    expect(refused('- { name: x, observation: [], until: 5s, expect: [] }')).toEqual([{ where: '1:3', why: 'Unrecognized key: "observation"' }])
    expect(refused('- { name: x, until: 5s, expect: [] }\n- name: y\n  until: 5\n  expect: []')).toEqual([{ where: '3:10', why: expect.stringMatching(/^until: /) }])
    expect(refused('[]')).toEqual([{ where: '1:1', why: 'there is no scenario' }])
  })
})
