import { execFile, fork, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { openAccess } from '../store/access/access.ts'
import { BOOK_DIR } from './commands/rules.ts'
import { dataPaths } from './paths.ts'
import { startTestPlatform } from './testplatform.ts'

const CLI = join(import.meta.dirname, 'cli.ts')
let folder: string
const path = (name: string): string => join(folder, name)

/** A command in a process of its own, as a person types it. */
function wanglou(args: readonly string[], input = ''): { code: number | null; out: string; err: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [CLI, ...args], { input, encoding: 'utf8', cwd: folder })
  return { code: status, out: stdout, err: stderr }
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'wanglou-cli-'))
  for (const name of ['good', 'bad', 'failing', 'slips']) mkdirSync(path(name))
  for (const name of ['truck-time-window.yaml', 'calendars.yaml']) cpSync(join(BOOK_DIR, name), path(`slips/${name}`))
  for (const suffix of ['.yaml', '.scenario.yaml'])
    for (const name of ['good', 'bad', 'failing']) cpSync(join(BOOK_DIR, `cover-battery-low${suffix}`), path(`${name}/cover-battery-low${suffix}`))
  const edit = (name: string, from: RegExp, to: string): void => writeFileSync(path(name), readFileSync(path(name), 'utf8').replace(from, to))
  edit('slips/truck-time-window.yaml', /"all-hours"/, '"all-hors"')
  edit('bad/cover-battery-low.yaml', /^when:.*$/m, 'when: batteryPtc < params.batteryPct')
  edit('bad/cover-battery-low.yaml', /^severity:.*$/m, 'severity: 1 +')
  edit('failing/cover-battery-low.scenario.yaml', /at: 5h, what: resolved/, 'at: 4h, what: resolved')
  writeFileSync(path('bad.csv'), 'id,kind,laat\nc-1,cover,37\nc-2,lid,37\n')
  writeFileSync(path('bad.geojson'), '{ "features": [null,\n { "id": "c-1", "geometry": { "type": "Point" } }] }')
  writeFileSync(path('good.yaml'), 'http: { port: 8081 }\n')
  writeFileSync(path('bad.yaml'), 'htpp: {}\nlog: { level: loud }\n')
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('a command ends with 0 when it did what it was asked, else with 1 and every reason', () => {
  const stacks = /\n\s+at |node:internal/
  it.each<[string, { code: number; out?: string | RegExp; err?: RegExp }]>([
    ['rules check good', { code: 0, out: '1 rules are valid\n' }],
    ['rules check', { code: 0, out: /^\d+ rules are valid\n$/ }],
    [
      'rules check bad',
      {
        code: 1,
        out: '2 errors in 1 files\n',
        err: /^bad\/cover-battery-low\.yaml:8:7: when: .*batteryPtc.*; did you mean batteryPct\?\nbad\/cover-battery-low\.yaml:\d+:\d+: severity: .*\n$/,
      },
    ],
    [
      'rules check slips',
      { code: 0, out: '1 rules are valid\n', err: /^slips\/truck-time-window\.yaml:\d+:\d+: warning: the book knows no permit "all-hors"; did you mean "all-hours"\?\n$/ },
    ],
    ['rules check slips --calendars city', { code: 1, out: '1 errors in 1 files\n', err: /^slips\/truck-time-window\.yaml:\d+:\d+: when: there is no calendar muck-hours\n$/ }],
    ['rules check nowhere.yaml', { code: 1, out: '1 errors in 1 files\n', err: /^nowhere\.yaml:1:1: the file cannot be read: ENOENT.*\n$/ }],
    ['rules test good', { code: 0, out: /\n3 passed, 0 failed\n$/ }],
    [
      'rules test failing',
      { code: 1, out: /^FAIL cover-battery-low: low, recovering a little, changed\n {7}failing\/cover-battery-low\.scenario\.yaml:1: .*(\n.*)*\n2 passed, 1 failed\n$/ },
    ],
    ['rules test bad', { code: 1, out: /\n0 passed, 1 failed\n$/ }],
    ['rules import bad --data none', { code: 1, out: '', err: /^rules\.invalid: .*\n {2}bad\/cover-battery-low\.yaml:8:7: .*\n {2}bad\/cover-battery-low\.yaml:\d+:\d+: .*\n$/ }],
    [
      'assets import bad.csv --data none',
      { code: 1, out: '', err: /^assets\.invalid: .*\n {2}bad\.csv:1: "laat": unknown column; did you mean lat\?\n {2}bad\.csv:3: kind: "lid" is not one of .*\n$/ },
    ],
    [
      'assets import bad.geojson --data none',
      { code: 1, out: '', err: /^assets\.invalid: .*\n {2}bad\.geojson:1 \(feature 1\): must be a Feature\n {2}bad\.geojson:2 \(feature 2\): geometry: .*\n$/ },
    ],
    ['assets import nowhere.csv --data none', { code: 1, out: '', err: /^assets\.invalid: .*\n {2}nowhere\.csv: the file cannot be read: ENOENT.*\n$/ }],
    [
      'start --config bad.yaml --data none',
      { code: 1, out: '', err: /^config\.invalid: .*\n {2}bad\.yaml:1:1: htpp: unknown word; did you mean http\?\n {2}bad\.yaml:2:15: log\.level: .*\n$/ },
    ],
    ['gateway-run camera --config bad.yaml', { code: 1, out: '', err: /^config\.invalid: .*\n {2}bad\.yaml:1:1: / }],
    ['replay --from yesterday --data none', { code: 1, out: '', err: /^[a-z._]+: / }],
    ['gateway remove nobody', { code: 1, out: '', err: /^not_found: There is no gateway nobody\.\n$/ }],
    ['user add li', { code: 1, out: '', err: /^error: required option '--role <role>' not specified\n/ }],
    ['user add li --role king', { code: 1, out: '', err: /^error: option '--role <role>' argument 'king' is invalid\. Allowed choices are viewer, operator, / }],
    ['ruels check', { code: 1, out: '', err: /^error: unknown command 'ruels'\n\(Did you mean rules\?\)\n/ }],
  ])('wanglou %s', (line, expected) => {
    const { code, out, err } = wanglou(line.split(' '))
    expect(err).not.toMatch(stacks)
    expect({ code, out, err }).toEqual({
      code: expected.code,
      out: expected.out instanceof RegExp ? expect.stringMatching(expected.out) : (expected.out ?? expect.anything()),
      err: expected.err ? expect.stringMatching(expected.err) : '',
    })
  })

  it('what was refused left nothing behind', () => {
    expect(existsSync(path('none'))).toBe(false)
  })
})

describe('wanglou user add', () => {
  it('takes the password from standard input, and refuses a short one', async () => {
    const add = ['user', 'add', 'li', '--role', 'operator', '--area', '370602', '--data', 'people']
    expect(wanglou(add, 'short\n')).toEqual({
      code: 1,
      out: '',
      err: 'request.invalid: The request is not of the form in the contract.\n  password: must have at least 8 characters\n',
    })
    expect(wanglou(add, 'correct horse battery\n')).toEqual({ code: 0, out: 'user li made\n', err: '' })
    expect(wanglou(add, 'another password\n')).toEqual({ code: 1, out: '', err: 'name.taken: The name li is taken.\n' })
    const { access, close } = openAccess(dataPaths(path('people')).access, { now: Date.now })
    expect((await access.login('li', 'correct horse battery', '127.0.0.1')).principal).toEqual({ name: 'li', role: 'operator', area: '370602' })
    close()
  })
})

describe('wanglou gateway-run simulate', () => {
  it('ends with the platform that started it, however that ended', async () => {
    const args = ['gateway-run', 'simulate', '--url', 'mqtt://127.0.0.1:1', '--outbox', path('traffic'), '--quiet']
    const child = fork(CLI, args, { env: { ...process.env, WANGLOU_LOG_LEVEL: 'silent' } })
    await vi.waitUntil(() => existsSync(path('traffic')), { timeout: 20_000 })
    const gone = once(child, 'exit')
    child.disconnect()
    expect(await gone).toEqual([1, null])
  })
})

describe('wanglou gateway-run replay', () => {
  it('plays a trace into a platform, faster than it was recorded and at its own times', async () => {
    const platform = await startTestPlatform()
    try {
      const recorded = Array.from({ length: 3 }, (_, i) => new Date(Math.floor(Date.now() / 1000) * 1000 - 3_600_000 + i * 60_000))
      const file = path('trace.csv')
      writeFileSync(file, `longitude,latitude,timestamp,name_id\n${recorded.map((at, i) => `121.4${i},37.5,${at.toISOString()},truck-1`).join('\n')}\n`)
      const args = ['gateway-run', 'replay', file, '--url', platform.mqtt(), '--outbox', path('outbox'), '--gateway', 'gw-trace', '--keep-time', '--speed', '1200', '--quiet']
      // Not spawnSync: the platform answers in this very process.
      const env = { ...process.env, WANGLOU_PASSWORD: await platform.gateway('gw-trace'), WANGLOU_LOG_LEVEL: 'error' }
      const { stdout } = await promisify(execFile)(process.execPath, [CLI, ...args], { env })
      expect(JSON.parse(stdout)).toMatchObject({ read: 3, sent: 3, bad: 0, devices: 1 })
      await platform.settled()
      const { items } = await platform.ask<{ items: { at: number; lon: number; device: string }[] }>('observations?kind=vehicle')
      expect(items.map(({ at, lon, device }) => ({ at, lon, device })).toSorted((a, b) => a.at - b.at)).toEqual(
        recorded.map((at, i) => ({ at: at.getTime(), lon: Number(`121.4${i}`), device: 'truck-1' })),
      )
    } finally {
      await platform.remove()
    }
  })
})
