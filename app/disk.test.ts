import { cpSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connectAsync, type MqttClient } from 'mqtt'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { HealthReport } from '../api/deps.ts'
import { type PlatformProcess, startProcess, wanglou } from '../bench/kill-platform.ts'
import { topics } from '../domain/topics.ts'
import { openSmallDisk } from '../drivers/small-disk.fixture.ts'
import { openJournalReader } from '../store/journal/reader.ts'
import { soon, startTestPlatform, type TestPlatform } from './testplatform.ts'

const begin = Date.now() - 3_600_000
/** Each cover's reports are one alert: two seconds of tilt raise it. */
const OF_A_COVER = 50

/** A gateway that brings so many reports over, each so large, and knows which were acknowledged. */
class Gateway {
  readonly acknowledged = new Set<number>()
  readonly #password: string
  readonly #reports: number
  readonly #bytes: number

  constructor(password: string, { reports, bytes }: { reports: number; bytes: number }) {
    this.#password = password
    this.#reports = reports
    this.#bytes = bytes
  }

  /** Until everything is acknowledged, or until it is cut off; says which. */
  async send(url: string): Promise<'acknowledged' | 'closed'> {
    const client = await connectAsync(url, { clientId: 'gw1', username: 'gw1', password: this.#password, protocolVersion: 4, reconnectPeriod: 0 })
    const closed = new Promise<'closed'>((resolve) => client.once('close', () => resolve('closed')))
    const outcome = await Promise.race([this.#sendAll(client), closed])
    await client.endAsync(true)
    return outcome
  }

  async #sendAll(client: MqttClient): Promise<'acknowledged'> {
    const window = 50
    const left = Array.from({ length: this.#reports }, (_, n) => n).filter((n) => !this.acknowledged.has(n))
    while (left.length > 0) await Promise.all(left.splice(0, window).map((n) => this.#publish(client, n)))
    return 'acknowledged'
  }

  async #publish(client: MqttClient, n: number): Promise<void> {
    const report = { at: begin + (n % OF_A_COVER) * 1000, boot: 'b', seq: n, tiltDeg: 40, note: 'x'.repeat(this.#bytes) }
    await client.publishAsync(topics.observation('gw1', 'cover', `cover-${Math.floor(n / OF_A_COVER)}`), JSON.stringify(report), { qos: 1 })
    this.acknowledged.add(n)
  }
}

/** The reports that a journal holds, each as often as it holds it. */
function reportsIn(journal: string): number[] {
  const reader = openJournalReader(journal)
  const records = reader.read(1, Number.MAX_SAFE_INTEGER).flatMap((batch) => batch.records)
  reader.close()
  return records.flatMap((record) => (record.type === 'observation' ? [Number(record.payload.seq)] : [])).toSorted((a, b) => a - b)
}

const upTo = (count: number): number[] => Array.from({ length: count }, (_, n) => n)

/** More than there is room for. */
const LOAD = { reports: 2000, bytes: 16_000 }
const SPARE_MB = 24
const DISK_MB = 160
const disk = process.platform === 'linux' ? await openSmallDisk(DISK_MB) : null
afterAll(() => disk?.close())

describe.skipIf(disk === null)('S17: the whole platform on a disk that is full (needs to mount one, as root or in a user namespace)', { timeout: 60_000 }, () => {
  const copy = mkdtempSync(join(tmpdir(), 'wanglou-full-'))
  const { path = '', inside = [], outside = '' } = disk ?? {}
  const data = join(path, 'data')
  const full = { state: 'failing', why: 'database or disk is full' }
  let platform: PlatformProcess
  let at: { http: string; mqtt: string } | undefined
  let token: string
  let gateway: Gateway

  const start = async (): Promise<void> => {
    platform = startProcess(['--data', data, '--http', '0', '--mqtt', '0'], { WANGLOU_LOG_LEVEL: 'error' }, inside)
    at = await platform.ready
  }
  const ask = (what: string, body?: unknown): Promise<Response> =>
    fetch(`${at?.http}/api/v1/${what}`, {
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
    })
  const parts = async () => ((await (await ask('health')).json()) as HealthReport).parts
  const alerts = async () => ((await (await ask('alerts?limit=10000')).json()) as { items: { id: string }[] }).items

  beforeAll(async () => {
    const made = <Answer>(...args: string[]): Answer => JSON.parse(wanglou([...args, '--json', '--data', data], inside)) as Answer
    token = made<{ token: string }>('token', 'add', 'boss', '--role', 'admin').token
    gateway = new Gateway(made<{ password: string }>('gateway', 'add', 'gw1').password, LOAD)
    disk?.fill(SPARE_MB)
    await start()
  }, 120_000)
  afterAll(async () => {
    platform?.signal('SIGKILL')
    await platform?.gone
    rmSync(copy, { recursive: true, force: true })
  })

  it('acknowledges nothing, cuts its gateway off, and says why; what it has it still shows', async () => {
    expect(await gateway.send(at?.mqtt ?? '')).toBe('closed')
    // What one file gives up another may still take: until there is no room anywhere.
    await soon(async () => {
      disk?.fill()
      const before = gateway.acknowledged.size
      expect(await gateway.send(at?.mqtt ?? '')).toBe('closed')
      return gateway.acknowledged.size === before
    })
    await expect.poll(parts, { timeout: 10_000 }).toMatchObject({ journal: full })
    const probe = await fetch(`${at?.http}/api/v1/health`)
    expect([probe.status, await probe.json()]).toEqual([503, { status: 'failing' }])
    const [alert] = await alerts()
    const verdict = await ask(`alerts/${alert?.id}/verdict`, { verdict: 'benign', reason: '' })
    expect([verdict.status, await verdict.json()]).toMatchObject([503, { code: 'journal.unwritable', retry: true }])
    expect([(await ask('ledger')).status, (await ask('rejects')).status]).toEqual([200, 200])
  })

  it('recovers by itself when there is room again, all of it', async () => {
    disk?.free()
    await soon(async () => Object.values(await parts()).every(({ state }) => state === 'ok'))
    expect(await gateway.send(at?.mqtt ?? '')).toBe('acknowledged')
    await soon(async () => (await alerts()).length === LOAD.reports / OF_A_COVER)
  })

  it('ends in order while the disk is full, and says why it does not start there', async () => {
    disk?.fill()
    platform.signal('SIGTERM')
    expect(await platform.gone).toBe(0)
    // Halves of files that did not fit would keep it full.
    expect(readdirSync(join(outside, 'data', 'evidence', 'partial'))).toEqual([])
    disk?.fill()
    await start()
    expect(at).toBeUndefined()
    expect([await platform.gone, platform.errors()]).toEqual([1, expect.stringMatching(/^(data|journal)\.unwritable: .*the disk is full.*\n$/)])
  })

  it('has all that it acknowledged, once, after the next start, and a replay finds nothing else', async () => {
    disk?.free()
    await start()
    expect(await alerts()).toHaveLength(LOAD.reports / OF_A_COVER)
    platform.signal('SIGTERM')
    expect(await platform.gone).toBe(0)
    cpSync(join(outside, 'data', 'journal'), copy, { recursive: true })
    expect(reportsIn(copy)).toEqual(upTo(LOAD.reports))
    expect(JSON.parse(wanglou(['replay', '--json', '--data', data], inside))).toMatchObject({ differences: [] })
  })
})

describe('S17: the journal’s folder is taken away from the running platform', () => {
  let platform: TestPlatform
  let gateway: Gateway
  beforeAll(async () => {
    platform = await startTestPlatform()
    gateway = new Gateway(await platform.gateway('gw1'), { reports: 100, bytes: 10 })
  })
  afterAll(() => platform.remove())

  it('acknowledges nothing and says what would help; when the folder is back it goes on where it was', async () => {
    const journal = join(platform.data, 'journal')
    const state = async () => (await platform.ask<HealthReport>('health')).parts.journal
    await platform.settled()
    renameSync(journal, `${journal}.away`)
    expect(await gateway.send(platform.mqtt())).toBe('closed')
    const gone = `the journal's folder ${journal} is gone; it goes on by itself when the folder is back, or without its past in an empty folder of this name`
    await soon(async () => (await state())?.state === 'failing')
    expect(await state()).toEqual({ state: 'failing', why: gone })
    expect(await gateway.send(platform.mqtt())).toBe('closed')
    expect(gateway.acknowledged.size).toBe(0)
    renameSync(`${journal}.away`, journal)
    await soon(async () => (await state())?.state === 'ok')
    expect(await gateway.send(platform.mqtt())).toBe('acknowledged')
    await soon(async () => (await platform.alerts()).length === 2)
    expect(reportsIn(journal)).toEqual(upTo(100))
  })
})
