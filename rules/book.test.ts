import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Kind } from '../domain/fields.ts'
import { parseRuleFile } from './file.ts'
import { runScenarios } from './scenario.ts'
import { parseScenarios, type Scenario } from './scenario-file.ts'
import { plan } from './scenario-records.ts'
import { parentOf } from './source.ts'

const BOOK = join(import.meta.dirname, 'book')
const rules = readdirSync(BOOK).filter((name) => name.endsWith('.yaml') && !name.endsWith('.scenario.yaml') && name !== 'calendars.yaml')
const read = (name: string): string => readFileSync(join(BOOK, name), 'utf8')

describe.each(rules)('%s', (name) => {
  const rule = read(name)
  const scenarios = read(name.replace(/\.yaml$/, '.scenario.yaml'))
  const parent = parentOf(rule)
  const base = parent === undefined ? undefined : read(`${parent}.yaml`)
  it.each(runScenarios(rule, scenarios, base))('$name', ({ differences }) => {
    expect(differences).toEqual([])
  })

  it('has scenarios that fire, that end or stay silent, and in which messages come out of order, twice, after a gap, and around a restart', () => {
    const { scenarios: all } = parseScenarios(scenarios)
    const parsed = parseRuleFile(rule, base)
    const kind = 'file' in parsed ? parsed.file.on : 'cover'
    const whats = all.map(({ expect: wanted }) => wanted.map(({ what }) => what))
    expect({
      fires: whats.some((each) => each.includes('raised')),
      endsOrStaysSilent: whats.some((each) => each.length === 0 || each.includes('resolved')),
      outOfOrder: all.some((each) => isOutOfOrder(kind, each)),
      twice: all.some(({ observations }) => observations.some(({ repeat }) => repeat > 0)),
      afterGap: all.some((each) => hasGap(kind, each)),
      restart: all.some(({ restart }) => restart.length > 0),
    }).toEqual({ fires: true, endsOrStaysSilent: true, outOfOrder: true, twice: true, afterGap: true, restart: true })
  })
})

/** Event times of each device, in the order of receipt. */
function timesOf(kind: Kind, scenario: Scenario): number[][] {
  const times = new Map<unknown, number[]>()
  for (const { what } of plan(kind, scenario))
    if (typeof what === 'object' && 'feed' in what && what.feed.type === 'observation') times.set(what.feed.device, [...(times.get(what.feed.device) ?? []), Number(what.feed.at)])
  return [...times.values()]
}

/** A device's message arrives after a newer one of it. */
function isOutOfOrder(kind: Kind, scenario: Scenario): boolean {
  return timesOf(kind, scenario).some((times) => times.some((at, i) => i > 0 && at < Math.max(...times.slice(0, i))))
}

/** A device is silent for at least twice as long as it was between two other messages. */
function hasGap(kind: Kind, scenario: Scenario): boolean {
  return timesOf(kind, scenario).some((times) => {
    const sorted = [...new Set(times)].sort((a, b) => a - b)
    const gaps = sorted.slice(1).map((at, i) => at - (sorted[i] ?? at))
    return gaps.length > 1 && Math.max(...gaps) >= 2 * Math.min(...gaps)
  })
}
