import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Alert, AlertDetail } from '../domain/alert.ts'
import { openAccess } from '../store/access/access.ts'
import { startPlatform } from './app.ts'
import type { Config } from './config.ts'
import { loadConfig } from './config.ts'
import { createLog } from './log.ts'
import { dataPaths } from './paths.ts'

/** The whole platform on a folder of its own, as an admin's program and a gateway's maker see it. */
export interface TestPlatform {
  http: string
  mqtt: number
  /** For outboxes and files of the test; goes with the platform. */
  folder: string
  token: string
  gateway(id: string): Promise<string>
  get<T>(path: string): Promise<T>
  put<T>(path: string, body: object): Promise<T>
  /** Every alert, by rule, key and beginning. */
  alerts(query?: string): Promise<Alert[]>
  alert(id: string): Promise<AlertDetail>
  /** The sum of a metric's series whose labels contain `labels`. */
  metric(name: string, labels?: string): Promise<number>
  /** Resolves when everything that was acknowledged before has passed through journal, engine and book. */
  settled(): Promise<void>
  close(): Promise<void>
}

type Overrides = { [Part in keyof Config]?: Partial<Config[Part]> }

export async function startTestPlatform(overrides: Overrides = {}): Promise<TestPlatform> {
  const folder = mkdtempSync(join(tmpdir(), 'platform-'))
  const config = loadConfig({ env: {}, overrides: { log: { level: 'silent' }, ...overrides, data: join(folder, 'data'), http: { port: 0 }, mqtt: { port: 0 } } })
  const platform = await startPlatform(config, { demo: false, log: createLog(config.log.level), now: Date.now })
  const access = openAccess(dataPaths(config.data).access, { now: Date.now })
  const token = access.keys.addToken('test', 'admin', '')
  const http = `http://127.0.0.1:${platform.http}`
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }

  async function ask<T>(path: string, init: RequestInit = {}): Promise<T> {
    const answer = await fetch(`${http}/api/v1/${path}`, { ...init, headers })
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`)
    return (await answer.json()) as T
  }
  const put = <T>(path: string, body: object): Promise<T> => ask<T>(path, { method: 'PUT', body: JSON.stringify(body) })

  return {
    http,
    mqtt: platform.mqtt,
    folder,
    token,
    gateway: (id) => access.keys.addGateway(id),
    get: ask,
    put,
    alerts: async (query = '') => (await ask<{ items: Alert[] }>(`alerts?limit=10000&${query}`)).items.sort(byRuleKeyAndBeginning),
    alert: (id) => ask(`alerts/${id}`),
    metric: async (name, labels = '') => sumOf(await (await fetch(`${http}/metrics`, { headers })).text(), name, labels),
    // What the API writes goes the whole way behind everything else and is answered when the book has it.
    settled: async () => void (await put('assets/settled', { kind: 'other' })),
    close: async () => {
      access.close()
      await platform.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function byRuleKeyAndBeginning(a: Alert, b: Alert): number {
  const [left, right] = [a, b].map(({ rule, key, openedAt }) => `${rule} ${key} ${openedAt}`) as [string, string]
  return left < right ? -1 : 1
}

function sumOf(text: string, name: string, labels: string): number {
  const series = text.split('\n').filter((line) => (line.startsWith(`${name} `) || line.startsWith(`${name}{`)) && line.includes(labels))
  return series.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0)
}
