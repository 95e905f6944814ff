import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parseRuleFile } from './file.ts'
import { runScenario, type ScenarioRule } from './scenario.ts'
import { parseScenarios, type Scenario } from './scenario-file.ts'
import { parentOf } from './source.ts'

const BOOK = join(import.meta.dirname, 'book')
const read = (name: string): string => readFileSync(join(BOOK, name), 'utf8')

/** Every scenario of the book, with its rule. */
const ALL = readdirSync(BOOK)
  .filter((name) => name.endsWith('.scenario.yaml'))
  .flatMap((name) => {
    const source = read(name.replace('.scenario', ''))
    const parent = parentOf(source)
    const base = parent === undefined ? undefined : read(`${parent}.yaml`)
    const parsed = parseRuleFile(source, base)
    if ('errors' in parsed) throw new Error(parsed.errors[0]?.why)
    const rule: ScenarioRule = { source, base, file: parsed.file }
    return parseScenarios(read(name)).scenarios.map((scenario) => ({ rule, scenario, name: `${parsed.file.rule}: ${scenario.name}` }))
  })

function differing(disturb: (each: (typeof ALL)[number], index: number) => string[]): string[] {
  return ALL.flatMap((each, index) => disturb(each, index).map((difference) => `${each.name}: ${difference}`))
}

/** A restart is a compilation: a few in each scenario, elsewhere in each of them, are all places in all together. */
const EVERY = 17

describe('every scenario of the book says the same', { timeout: 120_000 }, () => {
  it('S14 with the engine stopped and restored between records', () => {
    expect(differing(({ rule, scenario }, index) => runScenario(rule, scenario, { restarts: { every: EVERY, first: index % EVERY } }))).toEqual([])
  })

  it('S10 with all that people and desks do journalled twice', () => {
    expect(differing(({ rule, scenario }) => runScenario(rule, scenario, { twice: true }))).toEqual([])
  })

  it('S15 with all observations received a second later, within the grace', () => {
    expect(differing(({ rule, scenario }) => (runsByClock(scenario) || MEASURES_DELAY.test(rule.file.when) ? [] : runScenario(rule, scenario, { delayMs: 1000 })))).toEqual([])
  })
})

/** How late a device's messages are is what such a rule is about. */
const MEASURES_DELAY = /skewMs\(\)/

/** A desk answers at its own clock, which may be before it is asked then; and when an alert was raised is a matter of the clock. */
function runsByClock({ controls, expect: wanted }: Scenario): boolean {
  return controls.some((each) => 'reminder' in each) || wanted.some((each) => 'raisedAt' in each)
}
