import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { runScenarios } from './scenario.ts'
import { parseScenarios, type Scenario } from './scenario-file.ts'
import { parentOf } from './source.ts'

const BOOK = join(import.meta.dirname, 'book')
const rules = readdirSync(BOOK).filter((name) => name.endsWith('.yaml') && !name.endsWith('.scenario.yaml') && name !== 'calendars.yaml')
const read = (name: string): string => readFileSync(join(BOOK, name), 'utf8')

describe.each(rules)('%s', (name) => {
  const rule = read(name)
  const scenarios = read(name.replace(/\.yaml$/, '.scenario.yaml'))
  const parent = parentOf(rule)
  const results = runScenarios(rule, scenarios, parent === undefined ? undefined : read(`${parent}.yaml`))
  it.each(results)('$name', ({ differences }) => {
    expect(differences).toEqual([])
  })

  it('has a scenario that fires, one that ends or stays silent, and one in which messages come late, twice, or around a restart', () => {
    const { scenarios: all } = parseScenarios(scenarios)
    const whats = all.map(({ expect: wanted }) => wanted.map(({ what }) => what))
    expect(whats.some((each) => each.includes('raised'))).toBe(true)
    expect(whats.some((each) => each.length === 0 || each.includes('resolved'))).toBe(true)
    expect(all.some(isRough)).toBe(true)
  })
})

function isRough({ restart, observations }: Scenario): boolean {
  return restart.length > 0 || observations.some(({ repeat, received }) => repeat > 0 || received !== undefined)
}
