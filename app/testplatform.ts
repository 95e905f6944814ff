import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { vi } from 'vitest'
import type { Alert, AlertDetail } from '../domain/alert.ts'
import { openAccess } from '../store/access/access.ts'
import { type Platform, startPlatform } from './app.ts'
import { loadConfig } from './config.ts'
import type { Log } from './log.ts'
import { dataPaths } from './paths.ts'

/** The whole platform in this process, for tests: on loopback, on free ports, in a folder that goes with it. */
export interface TestPlatform {
  data: string
  token: string
  /** A gateway's password. */
  gateway(id: string): Promise<string>
  url(): string
  mqtt(): string
  start(): Promise<void>
  stop(): Promise<void>
  /** JSON of a request below /api/v1; its status if it has none. */
  ask<T = unknown>(path: string, body?: unknown, method?: string): Promise<T>
  response(path: string, body?: unknown, method?: string): Promise<Response>
  /** Every alert, by rule, key and beginning. */
  alerts(query?: string): Promise<Alert[]>
  alert(id: string): Promise<AlertDetail>
  /** The sum of a metric's series whose labels contain `labels`. */
  metric(name: string, labels?: string): Promise<number>
  /** What it warned of since it was made, in order. */
  warnings: { detail: unknown; message: string | undefined }[]
  /** Resolves when everything that was acknowledged before has passed through journal, engine and book. */
  settled(): Promise<void>
  remove(): Promise<void>
}

interface Surroundings {
  /** Where secrets stand that the settings point at. */
  env?: Readonly<Record<string, string>>
  /** Folder of the rule book. */
  rules?: string
}

export async function testPlatform(settings: Record<string, unknown> = {}, { env = {}, ...surroundings }: Surroundings = {}): Promise<TestPlatform> {
  const data = mkdtempSync(join(tmpdir(), 'wanglou-platform-'))
  const access = openAccess(dataPaths(data).access, { now: Date.now })
  const token = access.keys.addToken('test', 'admin', '')
  const warnings: TestPlatform['warnings'] = []
  const log: Log = { debug: () => {}, info: () => {}, warn: (detail: unknown, message?: string) => void warnings.push({ detail, message }), error: () => {}, child: () => log }
  let platform: Platform | undefined
  let mqttPort = 0
  const running = (): Platform => {
    if (!platform) throw new Error('the platform is not running')
    return platform
  }
  const response = (path: string, body?: unknown, method = body === undefined ? 'GET' : 'POST'): Promise<Response> =>
    fetch(`http://127.0.0.1:${running().http}/api/v1/${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
  const ask = async <T>(path: string, body?: unknown, method?: string): Promise<T> => {
    const answer = await response(path, body, method)
    if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${await answer.text()}`)
    return (await answer.json()) as T
  }
  const stop = async (): Promise<void> => {
    await platform?.close()
    platform = undefined
  }
  return {
    data,
    token,
    warnings,
    gateway: (id) => access.keys.addGateway(id),
    url: () => `http://127.0.0.1:${running().http}`,
    mqtt: () => `mqtt://127.0.0.1:${running().mqtt}`,
    async start() {
      const config = loadConfig({ env, overrides: { ...settings, data, http: { port: 0 }, mqtt: { port: mqttPort } } })
      platform = await startPlatform(config, { demo: false, log, now: Date.now, env, ...surroundings })
      // Gateways find it again where it was.
      mqttPort = platform.mqtt
    },
    stop,
    response,
    ask,
    alerts: async (query = '') => (await ask<{ items: Alert[] }>(`alerts?limit=10000&${query}`)).items.sort(byRuleKeyAndBeginning),
    alert: (id) => ask(`alerts/${id}`),
    metric: async (name, labels = '') => sumOf(await (await fetch(`http://127.0.0.1:${running().http}/metrics`)).text(), name, labels),
    // What the API writes goes the whole way behind everything else and is answered when the book has it.
    settled: async () => void (await ask('assets/settled', { kind: 'other' }, 'PUT')),
    async remove() {
      await stop()
      access.close()
      rmSync(data, { recursive: true, force: true })
    },
  }
}

export async function startTestPlatform(settings: Record<string, unknown> = {}, surroundings: Surroundings = {}): Promise<TestPlatform> {
  const platform = await testPlatform(settings, surroundings)
  await platform.start()
  return platform
}

function byRuleKeyAndBeginning(a: Alert, b: Alert): number {
  const [left, right] = [a, b].map(({ rule, key, openedAt }) => `${rule} ${key} ${openedAt}`) as [string, string]
  return left < right ? -1 : 1
}

function sumOf(text: string, name: string, labels: string): number {
  const series = text.split('\n').filter((line) => (line.startsWith(`${name} `) || line.startsWith(`${name}{`)) && line.includes(labels))
  return series.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0)
}

/** Waits until it holds. */
export function soon(holds: () => boolean | Promise<boolean>, timeout = 20_000): Promise<unknown> {
  return vi.waitUntil(holds, { timeout, interval: 25 })
}

/** What a command prints. */
export async function printed(command: () => Promise<number>): Promise<string> {
  const out = vi.spyOn(process.stdout, 'write').mockReturnValue(true)
  try {
    await command()
    return out.mock.calls.map(([chunk]) => String(chunk)).join('')
  } finally {
    out.mockRestore()
  }
}
