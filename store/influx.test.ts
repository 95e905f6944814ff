import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { createGunzip } from 'node:zlib'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { DeviceId, GatewayId } from '../domain/ids.ts'
import type { Observation } from '../domain/observation.ts'
import { type Influx, type InfluxCounters, type InfluxOptions, openInflux } from './influx.ts'

const AT = Date.parse('2026-11-21T01:45:00Z')
const covers = (from: number, count: number): Observation[] =>
  Array.from({ length: count }, (_, n) => ({
    ...{ type: 'observation', offset: from + n, kind: 'cover', device: `c-${from + n}` as DeviceId, gateway: 'gw1' as GatewayId, at: AT + from + n, receivedAt: AT + from + n },
    payload: { at: AT + from + n, tiltDeg: from + n },
  }))

/** A server that behaves as it is told, and keeps the lines that it took. */
type Manner = (response: ServerResponse, lines: string[]) => void
const takes: Manner = (response) => void response.writeHead(204).end()
const hangs: Manner = () => undefined
const answers =
  (status: number, body: object = {}, headers: Record<string, string> = {}): Manner =>
  (response) =>
    void response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))

interface Server {
  url: string
  manner: Manner
  taken: string[]
  /** Breaks every connection. */
  drop(): void
  requests: { path: string; token: string | undefined; lines: number }[]
}
const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

async function startServer(): Promise<Server> {
  const state: Server = { url: '', manner: takes, taken: [], requests: [], drop: () => server.closeAllConnections() }
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await text(request.headers['content-encoding'] === 'gzip' ? request.pipe(createGunzip()) : request)
    const lines = body.split('\n')
    state.requests.push({ path: request.url ?? '', token: request.headers.authorization, lines: lines.length })
    if (state.manner === takes) state.taken.push(...lines)
    state.manner(response, lines)
  }
  const server = createServer((request, response) => void serve(request, response))
  await once(server.listen(0, '127.0.0.1'), 'listening')
  cleanups.push(() => {
    state.drop()
    server.close()
  })
  state.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return state
}

function start(url: string, options: Partial<InfluxOptions> = {}): { influx: Influx; told: string[] } {
  const told: string[] = []
  const log = { info: (_: object, message: string) => void told.push(message), warn: (_: object, message: string) => void told.push(message) }
  const influx = openInflux({ url, org: 'city', bucket: 'wang lou', token: 'secret', log, flushMs: 5, retryMs: { first: 5, longest: 20 }, timeoutMs: 300, ...options })
  cleanups.push(() => influx.close())
  return { influx, told }
}

/** Holds at any moment: nothing disappears from the counts. */
function expectBalanced(added: number, { written, lost, queued }: InfluxCounters): void {
  expect(written + lost + queued).toBe(added)
}

describe('line protocol out', () => {
  it('sends what was added, to the bucket, with the token, in nanoseconds', async () => {
    const server = await startServer()
    const { influx } = start(server.url)
    influx.add(covers(0, 2))
    await vi.waitFor(() => expect(influx.counters()).toEqual({ written: 2, lost: 0, retried: 0, queued: 0 }))
    expect(server.taken).toEqual([0, 1].map((n) => `cover,device=c-${n},gateway=gw1 delayMs=0,tiltDeg=${n} ${AT + n}000000`))
    expect(server.requests).toMatchObject([{ path: '/api/v2/write?org=city&bucket=wang%20lou&precision=ns', token: 'Token secret' }])
  })

  it('a full batch goes at once, a part of one after the wait', async () => {
    const server = await startServer()
    const { influx } = start(server.url, { batchLines: 10, flushMs: 60_000 })
    influx.add(covers(0, 25))
    await vi.waitFor(() => expect(influx.counters().written).toBe(25))
    expect(server.requests.map(({ lines }) => lines)).toEqual([10, 10, 5])
    influx.add(covers(25, 9))
    await influx.flush()
    expect(influx.counters()).toMatchObject({ written: 34, queued: 0 })
  })

  it.each<[string, Manner]>([
    ['refuses for now', answers(503)],
    ['is asked for a bucket that is yet to be made', answers(404, { code: 'not found', message: 'bucket "wang lou" not found' })],
    ['does not know the token yet', answers(401, { code: 'unauthorized', message: 'unauthorized access' })],
    ['asks to wait', answers(429, {}, { 'retry-after': '0' })],
    ['hangs', hangs],
    ['breaks the connection', (response) => void response.socket?.destroy()],
  ])('keeps everything while the server %s, and sends it in order when it recovers', async (_, manner) => {
    const server = await startServer()
    server.manner = manner
    const { influx, told } = start(server.url, { batchLines: 10, timeoutMs: 50 })
    influx.add(covers(0, 15))
    await vi.waitFor(() => expect(influx.counters().retried).toBeGreaterThan(10))
    expect(influx.counters()).toMatchObject({ written: 0, lost: 0, queued: 15 })
    influx.add(covers(15, 5))
    server.manner = takes
    await vi.waitFor(() => expect(influx.counters()).toMatchObject({ written: 20, lost: 0, queued: 0 }))
    expect(server.taken.map((line) => Number(/tiltDeg=(\d+)/.exec(line)?.[1]))).toEqual(Array.from({ length: 20 }, (_, n) => n))
    expect(told).toEqual(['InfluxDB cannot be written; lines wait', 'InfluxDB takes lines again'])
  })

  it('waits as long as the server asks', async () => {
    const server = await startServer()
    server.manner = answers(429, {}, { 'retry-after': '3600' })
    const { influx } = start(server.url, { retryMs: { first: 1, longest: 7_200_000 } })
    influx.add(covers(0, 1))
    await vi.waitFor(() => expect(influx.counters().retried).toBe(1))
    server.manner = takes
    await influx.flush()
    expect([server.requests.length, influx.counters().written]).toEqual([2, 1])
  })

  it('adding never waits for a server that hangs; the oldest are dropped and counted', async () => {
    const server = await startServer()
    server.manner = hangs
    const { influx } = start(server.url, { batchLines: 10, queueLines: 100, timeoutMs: 60_000 })
    influx.add(covers(0, 10))
    await vi.waitFor(() => expect(server.requests).toHaveLength(1))
    influx.add(covers(10, 1000))
    const counters = influx.counters()
    expectBalanced(1010, counters)
    expect(counters).toMatchObject({ written: 0, queued: 110, lost: 900 })
    expect(server.requests).toHaveLength(1)
    server.manner = takes
    server.drop()
    await vi.waitFor(() => expect(influx.counters()).toMatchObject({ queued: 0 }))
    expectBalanced(1010, influx.counters())
  })

  it.each<[string, Manner, Partial<InfluxCounters>]>([
    ['as a whole', answers(400, { code: 'invalid', message: 'unable to parse' }), { written: 2, lost: 10 }],
    ['in part', answers(422, { code: 'unprocessable entity', message: 'partial write: field type conflict dropped=3' }), { written: 9, lost: 3 }],
    ['for their size', answers(413, { code: 'request too large' }), { written: 2, lost: 10 }],
  ])('lines that are refused %s are counted and not sent again; the next ones go on', async (_, manner, expected) => {
    const server = await startServer()
    server.manner = (response, lines) => {
      manner(response, lines)
      server.manner = takes
    }
    const { influx, told } = start(server.url, { batchLines: 10 })
    influx.add(covers(0, 12))
    await vi.waitFor(() => expect(influx.counters()).toEqual({ retried: 0, queued: 0, ...expected }))
    expect(told).toEqual(['InfluxDB refused lines'])
  })

  it('closing sends what is left', async () => {
    const server = await startServer()
    const { influx } = start(server.url, { flushMs: 60_000 })
    influx.add(covers(0, 3))
    await influx.close()
    expect(influx.counters()).toMatchObject({ written: 3, lost: 0, queued: 0 })
    influx.add(covers(3, 1))
    expectBalanced(3, influx.counters())
  })

  it('closing ends within the time limit though the server hangs, and counts what is left as lost', async () => {
    const server = await startServer()
    server.manner = hangs
    const { influx } = start(server.url, { batchLines: 10, flushMs: 60_000, timeoutMs: 100 })
    influx.add(covers(0, 30))
    await influx.close()
    expect(influx.counters()).toMatchObject({ written: 0, lost: 30, queued: 0 })
  })
})
