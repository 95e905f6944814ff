import { describe, expect, it } from 'vitest'
import { ruleText } from './rule.fixture.ts'
import { runScenarios } from './scenario.ts'

const differences = (rule: string, scenario: string): string[] => runScenarios(rule, scenario).flatMap((result) => result.differences)

describe('scenarios', () => {
  it('of rules that gather name the assets of the area', () => {
    const rule = ruleText({ on: 'cover', when: 'waterMm > 800.0', more: 'gather: { by: grid, count: 2, within: 10m }' })
    const scenario = `
- name: two of one grid
  others: [{ id: c-1, grid: g-1 }, { id: c-2, grid: g-1 }, { id: c-3, grid: g-2 }]
  observations:
    - { at: 0s, device: c-1, waterMm: 900 }
    - { at: 10s, device: c-3, waterMm: 900 }
    - { at: 20s, device: c-2, waterMm: 900 }
  until: 1m
  expect: [{ at: 20s, what: raised, key: g-1, values: { count: 2, assets: c-1 c-2 } }]
`
    expect(differences(rule, scenario)).toEqual([])
    expect(differences(rule, scenario.replace('at: 20s, what', 'at: 10s, what'))).toHaveLength(1)
  })

  it('of rules that remind say when the reminder was sent', () => {
    const rule = ruleText({ on: 'cover', when: 'displaced', more: 'for: 1m\nremind: { to: owner, wait: 10m }' })
    const scenario = `
- name: sent after a minute
  observations: [{ at: 0s, displaced: true }]
  controls: [{ at: 2m, reminder: 1 }]
  until: 20m
  expect: [{ what: remind }, { at: 12m, what: raised, openedAt: 0s }]
- name: not sent
  observations: [{ at: 0s, displaced: true }]
  controls: [{ at: 2m, reminder: 1, failed: true }]
  until: 20m
  expect: [{ what: remind }, { at: 11m, what: raised, openedAt: 0s }]
`
    expect(differences(rule, scenario)).toEqual([])
  })

  it('of routes draw them as lines', () => {
    const rule = ruleText({ on: 'vehicle', when: 'offRoute(100)' })
    const scenario = `
- name: leaves its route
  asset: { id: v, labels: { route: ring } }
  zones: [{ id: ring, type: route, line: [[121.3, 37.5], [121.4, 37.5]] }]
  observations: [{ at: 0s, lon: 121.35, lat: 37.5 }, { at: 60s, lon: 121.35, lat: 37.502 }]
  until: 2m
  expect: [{ at: 1m, what: raised }]
`
    expect(differences(rule, scenario)).toEqual([])
  })
})
