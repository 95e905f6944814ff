import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { parseFromTopic } from '../domain/topics.ts'
import { runSimulate, SIMULATE_GATEWAYS, type SimulateOptions, type SimulateProgress } from './simulate.ts'
import { TestBroker } from './test-broker.ts'

let dir: string
let broker: TestBroker
beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'simulate-'))
  broker = new TestBroker()
  await broker.start()
})
afterEach(async () => {
  await broker.stop()
  rmSync(dir, { recursive: true })
})

function simulate(options: Partial<SimulateOptions>, signal = new AbortController().signal) {
  return runSimulate({ url: broker.url, dataDir: dir, password: () => undefined, covers: 50, trucks: 20, cameras: 30, ...options }, signal)
}
const GATEWAY_OF = { cover: SIMULATE_GATEWAYS.cover, vehicle: SIMULATE_GATEWAYS.vehicle, scene: SIMULATE_GATEWAYS.camera } as Record<string, string>

describe('simulate', () => {
  it('lives two minutes as fast as the broker takes them, each kind through its own gateway', async () => {
    const start = Date.parse('2026-11-21T08:00:00+08:00')
    const seen: SimulateProgress[] = []
    const figures = await simulate({ pace: 'max', start, durationMs: 120_000, progress: (progress) => void seen.push(progress) })
    const observed = broker.arrivals.flatMap(({ topic, client, json }) => {
      const parsed = parseFromTopic(topic)
      return 'what' in parsed && parsed.what === 'observation' ? [{ ...parsed, client, at: json.at as number }] : []
    })
    const taken = Object.values(figures).reduce((sum, { taken }) => sum + taken, 0)
    expect(taken).toBeGreaterThan(200)
    expect(observed).toHaveLength(taken)
    for (const { kind, gateway, client, at } of observed) {
      expect([gateway, client]).toEqual([GATEWAY_OF[kind], GATEWAY_OF[kind]])
      expect(at).toBeGreaterThanOrEqual(start)
      expect(at).toBeLessThanOrEqual(start + 120_000)
    }
    for (const seqs of broker.seqs().values()) expect(seqs).toEqual(seqs.map((_, i) => i + 1))
    expect(Object.values(figures)).toMatchObject([{ pending: 0 }, { pending: 0 }, { pending: 0 }])
    expect(seen.at(-1)?.at).toBe(start + 120_000)
    expect(seen.flatMap(({ incidents }) => incidents.map(({ what }) => what))).toContain('cover-open')
  })

  it('runs by the clock, drains when it is stopped, and goes on counting at the next start', async () => {
    const once = async (): Promise<void> => {
      const abort = new AbortController()
      const before = broker.arrivals.length
      const running = simulate({ rate: 200 }, abort.signal)
      await broker.until(() => broker.arrivals.length > before + 60)
      abort.abort()
      await running
    }
    await once()
    expect(broker.states().filter((state) => state === 'stopped')).toHaveLength(3)
    await once()
    for (const seqs of broker.seqs().values()) expect(seqs).toEqual(seqs.map((_, i) => i + 1))
    for (const { json } of broker.arrivals) expect(Date.parse(String(json.at)) || Number(json.at)).toBeLessThanOrEqual(Date.now())
  })

  it('gives way to whoever has the outboxes', async () => {
    const abort = new AbortController()
    const running = simulate({}, abort.signal)
    await broker.until(() => broker.states().length === 3)
    await expect(simulate({})).rejects.toMatchObject({ code: 'data.in_use' })
    abort.abort()
    await running
  })
})
