import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { runScenarios } from './scenario.ts'

const BOOK = join(import.meta.dirname, 'book')
const rules = readdirSync(BOOK).filter((name) => name.endsWith('.yaml') && !name.endsWith('.scenario.yaml') && name !== 'calendars.yaml')

describe.each(rules)('%s', (name) => {
  const rule = readFileSync(join(BOOK, name), 'utf8')
  const scenarios = readFileSync(join(BOOK, name.replace(/\.yaml$/, '.scenario.yaml')), 'utf8')
  const results = runScenarios(rule, scenarios)
  it.each(results)('$name', ({ differences }) => {
    expect(differences).toEqual([])
  })
})
