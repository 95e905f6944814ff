import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { SECRET } from '../cases/receiver.ts'
import type { CodedError } from '../domain/errors.ts'
import { loadConfig, settingPaths } from './config.ts'
import { settingsTable } from './settings-table.ts'

const OPERATING = join(import.meta.dirname, '../docs/operating.md')

function wrong(overrides: Record<string, unknown>): string[] {
  try {
    loadConfig({ env: {}, overrides })
    return []
  } catch (thrown) {
    return (thrown as CodedError).details.map(({ why }) => why)
  }
}

describe('limits.tooOldDays', () => {
  it.each([
    ['the horizon of deduplication, if nobody says more', {}, 7],
    ['what the variable says', { WANGLOU_LIMITS_TOOOLDDAYS: '30' }, 30],
  ])('is %s', (_, env, days) => {
    expect(loadConfig({ env }).limits.tooOldDays).toBe(days)
  })

  it.each([
    ['0 days', { limits: { tooOldDays: 0 } }, /limits\.tooOldDays: must be more than 0/],
    ['more than the history keeps', { limits: { tooOldDays: 400 } }, /retain\.historyDays: (7 )?must be above limits\.tooOldDays/],
    ['a history shorter than it', { retain: { historyDays: 7 } }, /retain\.historyDays: (7 )?must be above limits\.tooOldDays/],
  ])('refuses %s', (_, overrides, why) => {
    expect(wrong(overrides)).toEqual([expect.stringMatching(why)])
  })
})

const folder = mkdtempSync(join(tmpdir(), 'config-'))
const file = join(folder, 'wanglou.yaml')
afterAll(() => rmSync(folder, { recursive: true }))

/** Every error of a configuration as the command line prints it, in any order. */
function errors(yaml: string, env: Record<string, string> = {}, overrides: Record<string, unknown> = {}): string[] {
  writeFileSync(file, yaml)
  try {
    loadConfig({ file, env, overrides })
    return []
  } catch (thrown) {
    const { code, details } = thrown as CodedError
    expect(code).toBe('config.invalid')
    return details.map(({ where, why }) => `${where?.replace(file, 'file')}: ${why}`).toSorted()
  }
}

describe('a wrong configuration', () => {
  it('is told with all errors at once: of the schema, of desks, of InfluxDB and of variables, each where it stands', () => {
    const yaml = `htpp: {}
mqtt: { host: 0.0.0.0, port: -1 }
limits:
  tooOldDays: 400
  connectons: 5
desks:
  - name: city
    url: http://10.1.1.1/
    secretEnv: NOBODY
    allow: [10.0.0.0/8, 10.0.0.0/99]
  - { name: city, url: nowhere, secretFile: /nowhere/secret, evnts: [] }
  - { name: Third, url: "http://10.1.1.1/" }
influx: { url: "http://127.0.0.1:8086", org: city, tokenEnv: NO_TOKEN }
inference: { device: gpu, threads: 1.5 }
log: { level: wran }
`
    expect(errors(yaml, { WANGLOU_HTTP_PROT: '1', WANGLOU_RETAIN_SEGMENTMB: 'many' }, { http: { port: Number.NaN } })).toEqual(
      [
        'file:1:1: htpp: unknown word; did you mean http?',
        'file:2:30: mqtt.port: must be at least 0',
        'file:2:7: mqtt: binding another address than loopback without TLS needs insecure: true',
        'file:5:3: limits.connectons: unknown word; did you mean connections?',
        'file:1:1: retain.historyDays: must be above limits.tooOldDays: late data is judged together with the day before it',
        'file:9:16: desks.0.secretEnv: the environment has no NOBODY',
        'file:10:25: desks.0.allow.1: 10.0.0.0/99 is neither a CIDR block, nor an address, nor a host name',
        'file:11:13: desks.1.name: city is the name of another desk',
        'file:11:24: desks.1.url: "nowhere" must be an http or https address',
        "file:11:45: desks.1.secretFile: ENOENT: no such file or directory, open '/nowhere/secret'",
        'file:11:62: desks.1.evnts: unknown word; did you mean events?',
        'file:12:5: desks.2: a desk needs a secret: secretEnv or secretFile',
        'file:12:13: desks.2.name: "Third" must be 1 to 32 small letters, digits and -',
        'file:13:9: influx.bucket: is missing',
        'file:13:62: influx.tokenEnv: the environment has no NO_TOKEN',
        'file:14:22: inference.device: "gpu" is not one of cpu, cuda; did you mean cpu?',
        'file:14:36: inference.threads: must be a whole number',
        'file:15:15: log.level: "wran" is not one of trace, debug, info, warn, error, silent; did you mean warn?',
        'the command line: http.port: must be a number',
        'WANGLOU_RETAIN_SEGMENTMB: retain.segmentMb: must be a number',
        'WANGLOU_HTTP_PROT: there is no such setting; did you mean WANGLOU_HTTP_PORT?',
      ].toSorted(),
    )
  })

  it.each<[string, string, string[]]>([
    ['a list', '- http\n', ['file:1:1: the file must be a map of settings']],
    ['a text', 'http\n', ['file:1:1: the file must be a map of settings']],
    ['a key that stands twice', 'http: {}\nhttp: {}\n', ['file:2:1: Map keys must be unique']],
    ['no YAML', 'http: { port: 1\n', [expect.stringMatching(/^file:\d+:\d+: /)]],
  ])('%s', (_, yaml, expected) => {
    expect(errors(yaml)).toEqual(expected)
  })

  it('a file that cannot be read is named', () => {
    expect(() => loadConfig({ file: join(folder, 'none.yaml'), env: {} })).toThrow(
      expect.objectContaining({ code: 'config.invalid', details: [{ where: join(folder, 'none.yaml'), why: expect.stringContaining('ENOENT') }] }),
    )
  })
})

describe('variables', () => {
  const influx = '{ "url": "http://127.0.0.1:8086", "org": "city", "bucket": "one", "tokenEnv": "TOKEN" }'
  it.each<[string, Record<string, string>, object]>([
    ['override one setting', { WANGLOU_HTTP_PORT: '81' }, { http: { port: 81, host: '127.0.0.1' } }],
    ['are found whatever their case', { wanglou_http_port: '81' }, { http: { port: 81 } }],
    ['may hold a whole group, and others what stands in it', { WANGLOU_INFLUX_BUCKET: 'two', WANGLOU_INFLUX: influx, TOKEN: 't' }, { influx: { org: 'city', bucket: 'two' } }],
    ['may hold a list', { WANGLOU_DESKS: '[{ "name": "city", "url": "http://10.1.1.1/", "secretEnv": "S" }]', S: SECRET }, { desks: [{ name: 'city' }] }],
    ['of the edge programs are left to them', { WANGLOU_PASSWORD: 'x', WANGLOU_PASSWORD_GW_1: 'x', WANGLOU_PASSWORDS_FILE: 'x' }, {}],
  ])('%s', (_, env, expected) => {
    expect(loadConfig({ env })).toMatchObject(expected)
  })
})

describe('docs/operating.md', () => {
  it('shows a configuration that is one', () => {
    const [, yaml = ''] = /```yaml\n(.*?)```/s.exec(readFileSync(OPERATING, 'utf8')) ?? []
    writeFileSync(file, yaml)
    expect(loadConfig({ file, env: { CITYHALL_SECRET: SECRET, INFLUX_TOKEN: 'token' } })).toMatchObject({ site: { id: 'yantai' } })
  })

  it('lists every setting as the schema has it, each with what it is', () => {
    const table = settingsTable()
    expect(readFileSync(OPERATING, 'utf8')).toContain(`\n\n${table}\n\n`)
    expect(table.split('\n').filter((line) => line.endsWith('|  |'))).toEqual([])
    // A name in two languages is one line.
    const missing = settingPaths().filter((path) => !table.includes(`| \`${path.join('.')}\` |`))
    expect(missing).toEqual([
      ['site', 'name', 'zh'],
      ['site', 'name', 'en'],
    ])
  })
})
