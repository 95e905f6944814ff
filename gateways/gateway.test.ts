import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as later } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { topics } from '../domain/topics.ts'
import { Gateway, type GatewayOptions } from './gateway.ts'
import { backoffMs } from './mqtt.ts'
import type { Report } from './outbox.ts'
import { TestBroker } from './test-broker.ts'

let dir: string
let broker: TestBroker
let gateways: Gateway[]
beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'gateway-'))
  broker = new TestBroker()
  gateways = []
  await broker.start()
})
afterEach(async () => {
  broker.hold = (done) => done()
  for (const gateway of gateways) await gateway.stop(0)
  await broker.stop()
  rmSync(dir, { recursive: true })
})

function gatewayAt(options: Partial<GatewayOptions> = {}): Gateway {
  const gateway = new Gateway({ id: 'gw', url: broker.url, dataDir: dir, backoff: () => 20, ...options })
  gateways.push(gateway)
  return gateway
}
const batch = (n: number, devices = 10): Report[] =>
  Array.from({ length: n }, (_, i) => ({ kind: 'cover', device: `c-${i % devices}`, payload: { at: Date.now(), batteryPct: 90 } }))
const upTo = (n: number) => Array.from({ length: n }, (_, i) => i + 1)
/** For what no event announces: asked every few milliseconds until the test's own time limit. */
async function eventually(condition: () => boolean): Promise<void> {
  while (!condition()) await later(5)
}

describe('gateway', () => {
  it('says online, delivers in order, says stopped', async () => {
    const gateway = gatewayAt()
    for (let i = 0; i < 20; i++) gateway.observe(batch(100))
    await gateway.stop()
    expect([...broker.seqs()]).toEqual(upTo(10).map((_, i) => [`c-${i}`, upTo(200)]))
    expect(broker.states()).toEqual(['online', 'stopped'])
    expect(broker.arrivals[0]).toMatchObject({ topic: topics.status('gw'), client: 'gw', json: { state: 'online' } })
    expect(broker.arrivals.filter(({ topic }) => topic.includes('/observation/')).length).toBe(2000)
    expect(gateway.stats()).toMatchObject({ taken: 2000, acknowledged: 2000, pending: 0, dropped: 0 })
  })

  it('keeps everything while the broker is away, and tells first that it drains', async () => {
    let now = 1_000_000
    const gateway = gatewayAt({ clock: () => now })
    gateway.observe(batch(100))
    await gateway.belowPending(0)
    await broker.stop()
    await eventually(() => !gateway.stats().connected)
    for (let i = 0; i < 30; i++) gateway.observe(batch(100))
    now += 60_000
    await broker.start()
    await gateway.belowPending(0)
    await broker.until(() => broker.states().includes('draining') && broker.states().at(-1) === 'online')
    expect([...broker.seqs().values()]).toEqual(upTo(10).map(() => upTo(310)))
    const afterBreak = broker.arrivals.findIndex(({ json }) => json.state === 'draining')
    expect(broker.arrivals.slice(0, afterBreak).filter(({ json }) => 'seq' in json).length).toBe(100)
    expect(broker.arrivals[afterBreak]?.json.oldest).toBeDefined()
  })

  it('sends again, in order, what was on its way when the line broke', async () => {
    const gateway = gatewayAt()
    await broker.until(() => broker.states().length === 1)
    let held = 0
    broker.hold = () => void held++
    gateway.observe(batch(100))
    await eventually(() => held === 100)
    await broker.stop()
    broker.hold = (done) => done()
    await broker.start()
    await gateway.belowPending(0)
    expect([...broker.seqs().values()]).toEqual(upTo(10).map(() => upTo(10)))
    expect(gateway.stats().acknowledged).toBe(100)
  })

  it('leaves its will when it is cut off', async () => {
    const gateway = gatewayAt({ backoff: () => 3_600_000 })
    await broker.until(() => broker.states().length === 1)
    // A second client with the same id throws the first one out, as a broker does with a dead line.
    const thief = new Gateway({ id: 'gw', url: broker.url, dataDir: join(dir, 'other') })
    gateways.push(thief)
    await broker.until(() => broker.states().includes('offline'))
    expect(broker.arrivals.filter(({ json }) => json.state === 'offline')).toMatchObject([{ topic: topics.status('gw'), retain: true }])
    await eventually(() => !gateway.stats().connected)
  })

  it('has no more than its window on the way, and deletes nothing that is not acknowledged', async () => {
    const gateway = gatewayAt({ inFlight: 40 })
    await broker.until(() => broker.states().length === 1)
    const held: (() => void)[] = []
    broker.hold = (done) => void held.push(done)
    gateway.observe(batch(200))
    await eventually(() => held.length === 40)
    expect(gateway.stats()).toMatchObject({ acknowledged: 0, pending: 200 })
    let [waiting, most] = [held.length, 0]
    broker.hold = (done) => {
      most = Math.max(most, ++waiting)
      setImmediate(() => {
        waiting--
        done()
      })
    }
    for (const release of held) {
      waiting--
      release()
    }
    await gateway.belowPending(0)
    expect(most).toBeLessThanOrEqual(40)
    expect([...broker.seqs().values()].flat().length).toBe(200)
  })

  it('drops the oldest when its disk share is full, and says how many', async () => {
    await broker.stop()
    const warnings: object[] = []
    const gateway = gatewayAt({ maxBytes: 20_000, log: { info: () => {}, warn: (fields, text) => void warnings.push({ ...fields, text }) } })
    gateway.observe(batch(1000, 1))
    const { dropped, pending } = gateway.stats()
    expect(dropped).toBeGreaterThan(0)
    expect(dropped + pending).toBe(1000)
    await eventually(() => warnings.some((warning) => 'dropped' in warning))
    expect(warnings).toContainEqual({ gateway: 'gw', dropped, total: dropped, text: 'the outbox is full: the oldest messages were dropped' })
    await broker.start()
    await gateway.belowPending(0)
    expect(broker.seqs().get('c-0')).toEqual(upTo(1000).slice(dropped))
  })

  it('counts what the platform refuses and hands on commands', async () => {
    const commands: unknown[] = []
    const gateway = gatewayAt({ onCommand: (topic, payload) => void commands.push([topic, JSON.parse(payload.toString())]) })
    gateway.observe(batch(1))
    await gateway.belowPending(0)
    broker.send(topics.reject('gw'), { topic: 'x', code: 'time.too_old', why: 'old', at: '2026-11-21T00:00:00Z' })
    broker.send(topics.command('gw', 'c-1'), { id: '1', command: 'report' })
    await eventually(() => commands.length > 0)
    expect(gateway.stats().rejected).toEqual({ 'time.too_old': 1 })
    expect(commands).toEqual([[topics.command('gw', 'c-1'), { id: '1', command: 'report' }]])
  })

  it('loses nothing and keeps the order per device over kill -9', async () => {
    const child = spawn(process.execPath, ['--input-type=module', '-e', CHILD, new URL('./gateway.ts', import.meta.url).href, broker.url, dir], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let taken = 0
    createInterface(child.stdout).on('line', (line) => {
      taken = Number(line)
    })
    await broker.until(() => broker.arrivals.length > 500)
    const ended = once(child.stdout, 'close')
    child.kill('SIGKILL')
    await ended
    const gateway = gatewayAt()
    await gateway.belowPending(0)
    const arrived = broker.seqs()
    expect(arrived.size).toBe(10)
    for (const seqs of arrived.values()) {
      expect(seqs).toEqual(upTo(seqs.length))
      expect(seqs.length).toBeGreaterThanOrEqual(taken / 10)
    }
    const boots = new Set(broker.arrivals.map(({ json }) => json.boot).filter((boot) => boot !== undefined))
    expect(boots.size).toBe(1)
  })
})

/** Takes ten observations at a time, says how many it has taken, and never ends by itself. */
const CHILD = `
const [, entry, url, dataDir] = process.argv
const { Gateway } = await import(entry)
const gateway = new Gateway({ id: 'gw', url, dataDir })
let taken = 0
setInterval(() => {
  gateway.observe(Array.from({ length: 10 }, (_, i) => ({ kind: 'cover', device: 'c-' + i, payload: { at: Date.now(), tiltDeg: 1 } })))
  taken += 10
  process.stdout.write(taken + '\\n')
}, 1)
`

it('waits 1, 2, 4 … 30 s between tries, and up to a quarter longer', () => {
  expect([0, 1, 2, 3, 4, 5, 50].map((attempt) => backoffMs(attempt, () => 0))).toEqual([1000, 2000, 4000, 8000, 16_000, 30_000, 30_000])
  expect(backoffMs(0, () => 0.999)).toBeLessThan(1250)
})
