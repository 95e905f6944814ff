import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { HealthReport } from '../api/deps.ts'
import type { CodedError } from '../domain/errors.ts'
import { BOOK_DIR, CALENDARS } from './commands/rules.ts'
import { type TestPlatform, testPlatform } from './testplatform.ts'

const RULE = 'cover-battery-low.yaml'
const source = readFileSync(join(BOOK_DIR, RULE), 'utf8')
const lineOf = (word: string): number => source.slice(0, source.indexOf(`\n${word}`)).split('\n').length + 1
let rules: string
let platform: TestPlatform
const write = (name: string, text: string): void => writeFileSync(join(rules, name), text)
const health = async (): Promise<HealthReport['parts']> => (await platform.ask<HealthReport>('health')).parts

beforeAll(async () => {
  rules = mkdtempSync(join(tmpdir(), 'wanglou-book-'))
  platform = await testPlatform({}, { rules })
})
afterAll(async () => {
  await platform.remove()
  rmSync(rules, { recursive: true })
})

describe('S1 files of the rule book with errors', () => {
  it('stop the first start with every error of every file, and nothing of them is taken', async () => {
    write(RULE, source.replace(/^when:/m, 'wen:').replace(/^on: cover$/m, 'on: lid'))
    write('other.yaml', source)
    write(CALENDARS, 'city:\n  hours: [{ days: [wrk], from: "8:00", to: "12:00" }]\n  holiday: []\n')
    const error = (await platform.start().catch((thrown: unknown) => thrown)) as CodedError
    expect([error.code, error.details.map(({ where }) => where?.replace(`${rules}/`, ''))]).toEqual([
      'rules.invalid',
      ['calendars.yaml:2:20', 'calendars.yaml:2:32', 'calendars.yaml:3:3', `${RULE}:1:1`, `${RULE}:${lineOf('on:')}:5`, `${RULE}:${lineOf('when')}:1`, 'other.yaml:1:1'],
    ])

    write(RULE, source)
    rmSync(join(rules, 'other.yaml'))
    write(CALENDARS, 'city: { hours: [{ days: [work], from: "08:00", to: "12:00" }] }\n')
    await platform.start()
    expect(await platform.ask('rules')).toMatchObject({ items: [{ id: 'cover-battery-low', version: 1, state: 'live' }] })
    expect(await platform.ask('calendars')).toMatchObject({ items: [{ id: 'city', version: 1 }] })
    expect(Object.keys(await health())).not.toContain('ruleFiles')
  })

  it('are reported at a later start, which goes on with the book', async () => {
    await platform.stop()
    write(RULE, source.replace(/^when:/m, 'wen:'))
    write(CALENDARS, 'city: {\n')
    await platform.start()
    expect(await platform.ask('health')).toMatchObject({
      status: 'ok',
      parts: {
        ruleFiles: { state: 'failing', why: expect.stringMatching(/calendars\.yaml:\d+:\d+: .*; .*cover-battery-low\.yaml:\d+:1: wen: unknown word; did you mean when\?/) },
      },
    })
    expect(await platform.ask('rules')).toMatchObject({ items: [{ id: 'cover-battery-low', version: 1, state: 'live' }] })
    expect(await platform.ask('calendars')).toMatchObject({ items: [{ id: 'city', version: 1 }] })

    await platform.stop()
    write(RULE, source)
    write(CALENDARS, 'city: {}\n')
    await platform.start()
    expect(Object.keys(await health())).not.toContain('ruleFiles')
  })
})
