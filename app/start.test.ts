import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type PlatformProcess, startProcess } from '../bench/kill-platform.ts'
import { openReceiver, SECRET } from '../cases/receiver.ts'

const CLI = join(import.meta.dirname, 'cli.ts')
let folder: string
let running: PlatformProcess[]

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'wanglou-start-'))
  running = []
})
afterEach(async () => {
  for (const each of running) each.signal('SIGKILL')
  await Promise.all(running.map(({ gone }) => gone))
  rmSync(folder, { recursive: true, force: true })
})

function start(args: readonly string[] = [], env: Record<string, string | undefined> = {}): PlatformProcess {
  const platform = startProcess(['--data', join(folder, 'data'), '--http', '0', '--mqtt', '0', ...args], { WANGLOU_LOG_LEVEL: 'error', ...env })
  running.push(platform)
  return platform
}

/** How a start that fails ends, and what it says. */
async function refusal(args: readonly string[], env: Record<string, string | undefined> = {}): Promise<{ code: number | null; said: string }> {
  const platform = start(args, env)
  const code = await platform.gone
  return { code, said: platform.errors() }
}

describe('a start that cannot be', () => {
  it('a second one on the same data folder is refused', async () => {
    expect(await start().ready).toBeDefined()
    const { code, said } = await refusal([])
    expect(code).toBe(1)
    expect(said).toBe(`data.in_use: Another process runs on ${join(folder, 'data')}.\n`)
  })

  it('a wrong configuration is told with every error and its place, before anything is opened or made', async () => {
    const file = join(folder, 'wanglou.yaml')
    writeFileSync(file, 'log: { level: loud }\nmqtt:\n  host: 0.0.0.0\nretian: {}\ndesks:\n  - { name: city, url: "http://127.0.0.1:9/", secretEnv: NOBODY_SET_THIS }\n')
    const { code, said } = await refusal(['--config', file, '--http', '99999'], { WANGLOU_LOG_LEVEL: undefined, WANGLOU_HTTP_PROT: '1' })
    expect(code).toBe(1)
    expect(said.split('\n').toSorted()).toEqual(
      [
        'config.invalid: The configuration has errors.',
        '  the command line: http.port: must be at most 65535',
        '  WANGLOU_HTTP_PROT: there is no such setting; did you mean WANGLOU_HTTP_PORT?',
        `  ${file}:1:15: log.level: "loud" is not one of trace, debug, info, warn, error, silent`,
        `  ${file}:3:3: mqtt: binding another address than loopback without TLS needs insecure: true`,
        `  ${file}:4:1: retian: unknown word; did you mean retain?`,
        `  ${file}:6:58: desks.0.secretEnv: the environment has no NOBODY_SET_THIS`,
        '',
      ].toSorted(),
    )
    expect(existsSync(join(folder, 'data'))).toBe(false)
  })

  it.each(['--http', '--mqtt'])('a port of %s that is taken is named', async (flag) => {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    const port = typeof address === 'object' && address ? address.port : 0
    const { code, said } = await refusal([flag, String(port)])
    server.close()
    expect(code).toBe(1)
    expect(said).toMatch(new RegExp(`^port\\.in_use: .*${port}.*\\n$`))
  })

  it.each([
    ['journal/0000000000000001.db', 'journal.unwritable'],
    ['access.db', 'data.broken'],
    ['inbox.db', 'data.broken'],
    ['lock.db', 'data.unwritable'],
  ])('a damaged %s, which nothing can rebuild, is named', async (file, word) => {
    const path = join(folder, 'data', file)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, 'a disk block that was something else '.repeat(500))
    const { code, said } = await refusal([])
    expect(code).toBe(1)
    expect(said).toMatch(/^[a-z_.]+: .*file is not a database\.+\n$/)
    expect([said.split(':')[0], said.includes(path)]).toEqual([word, true])
  })

  it('a data folder that cannot be made is named', async () => {
    writeFileSync(join(folder, 'file'), '')
    const data = join(folder, 'file', 'data')
    const { code, said } = await refusal(['--data', data])
    expect(code).toBe(1)
    expect(said).toMatch(/^data\.unwritable: The data folder .*file\/data cannot be written: ENOTDIR.*\n$/)
  })
})

describe('wanglou start --demo', () => {
  it('prints where it is and a link that logs in once, into the demo city at work', { timeout: 60_000 }, async () => {
    const demo = start(['--demo'])
    const at = await demo.ready
    await vi.waitUntil(() => demo.output().split('\n').length > 2, { timeout: 10_000 })
    const [ready, link, ...rest] = demo.output().split('\n')
    expect([ready, rest]).toEqual([`ready http=${at?.http} mqtt=${at?.mqtt}`, ['']])
    expect(at?.http).toMatch(/^http:\/\/127\.0\.0\.1:[1-9]\d*$/)
    const address = link?.replace(/^log in once with /, '') ?? ''
    expect(new URL(address).origin).toBe(at?.http)

    const entered = await fetch(address, { redirect: 'manual' })
    const cookie = entered.headers.get('set-cookie')?.split(';')[0] ?? ''
    const ask = async <T>(path: string): Promise<T> => (await fetch(`${at?.http}/api/v1/${path}`, { headers: { cookie } })).json() as Promise<T>
    expect([entered.status, (await fetch(address, { redirect: 'manual' })).headers.get('set-cookie')]).toEqual([303, null])
    for (const kind of ['cover', 'vehicle', 'camera', 'zone']) expect((await ask<{ items: unknown[] }>(`assets?kind=${kind}&limit=10000`)).items.length, kind).toBeGreaterThan(0)
    await vi.waitUntil(async () => (await ask<{ items: unknown[] }>('observations?limit=1')).items.length > 0, { timeout: 30_000, interval: 250 })
    demo.signal('SIGTERM')
    expect([await demo.gone, demo.errors()]).toEqual([0, ''])
  })
})

describe('an orderly end', () => {
  it('SIGTERM ends with 0, and what a desk was owed goes out after the next start', { timeout: 60_000 }, async () => {
    const receiver = await openReceiver()
    const file = join(folder, 'wanglou.yaml')
    writeFileSync(file, `desks:\n  - { name: city, url: "${receiver.url.href}", secretEnv: DESK_SECRET, allow: [127.0.0.1], events: ["*"], receives: everything }\n`)
    const cli = (...args: string[]) => spawnSync(process.execPath, [CLI, ...args, '--data', join(folder, 'data')], { encoding: 'utf8' }).stdout
    const token = cli('token', 'add', 'boss', '--role', 'admin').trim().split(' ').at(-1) ?? ''
    // The desk lets the platform wait for its answer until it ends.
    receiver.onRequest(() => {})
    const first = start(['--config', file], { DESK_SECRET: SECRET })
    const ask = async (http: string | undefined, method: string, path: string, body: unknown) =>
      fetch(`${http}/api/v1/${path}`, { method, headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' }, body: JSON.stringify(body) })
    const at = await first.ready
    expect((await ask(at?.http, 'PUT', 'assets/cover-1', { kind: 'cover' })).status).toBe(200)
    expect((await ask(at?.http, 'POST', 'cases', { type: 'maintenance', asset: 'cover-1' })).status).toBe(201)
    await vi.waitUntil(() => receiver.requests.length > 0, { timeout: 30_000 })
    first.signal('SIGTERM')
    expect([await first.gone, first.errors()]).toEqual([0, ''])

    receiver.onRequest((_id, response, take) => {
      take()
      response.writeHead(204).end()
    })
    const second = start(['--config', file], { DESK_SECRET: SECRET })
    await second.ready
    await receiver.until(() => receiver.effects.length > 0)
    second.signal('SIGTERM')
    expect([await second.gone, second.errors()]).toEqual([0, ''])
    await receiver.close()
    expect(new Set(receiver.requests.map(({ id }) => id)).size).toBe(1)
    expect(receiver.requests.every(({ valid }) => valid)).toBe(true)
  })
})
