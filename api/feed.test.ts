import { connect, type Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { FeedEvent } from '../domain/feed.ts'
import { alertIn, EAST, NOW, WEST } from './doubles.ts'
import { EventStream } from './eventstream.ts'
import { startCity, type TestCity } from './testcity.ts'

let city: TestCity
const open: EventStream[] = []
beforeEach(async () => {
  city = await startCity()
})
afterEach(async () => {
  for (const stream of open.splice(0)) stream.close()
  await city.close()
})

/** Opens a view; `afterEach` closes it. */
async function start(stream: EventStream, headers: Record<string, string>, path = 'feed'): Promise<Response> {
  open.push(stream)
  return stream.start(`${city.url}/api/v1/${path}`, headers)
}

async function view(area = '', headers: Record<string, string> = {}, path = 'feed'): Promise<EventStream> {
  const stream = new EventStream()
  const response = await start(stream, { authorization: `Bearer ${city.token('viewer', area)}`, ...headers }, path)
  expect(response.status).toBe(200)
  return stream
}

/** Commits alerts to the book and tells the feed, as the platform does. */
function happen(count: number, area = WEST, size = 0): void {
  city.feed.publish(Array.from({ length: count }, () => city.book.alert(area, size)))
}

function moved(id: string, at: number, values: Record<string, unknown>, area: string | null = WEST): FeedEvent {
  return { event: 'asset', area, data: { id, kind: 'vehicle', observed: 'vehicle', lon: 121.4, lat: 31.2, at, values } }
}

const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, n) => from + n)

describe('the feed', () => {
  it('begins at the present, says where that is, and goes on live', async () => {
    city.book.alert(WEST)
    const stream = await view()
    await stream.until((s) => s.frames.length === 1)
    expect(stream.frames[0]).toEqual({ id: '1', event: 'ready', data: { seq: 1 } })
    happen(2)
    await stream.until((s) => s.frames.length === 3)
    expect(stream.seqs()).toEqual([2, 3])
    expect(stream.frames[1]?.data).toEqual(city.book.events[1]?.data)
  })

  it.each([
    ['the header', { 'last-event-id': '700' }, 'feed'],
    ['the query', {}, 'feed?lastEventId=700'],
    ['the header when both are there', { 'last-event-id': '700' }, 'feed?lastEventId=5'],
  ])('resumes where %s says, without gap or repetition, while more happens', async (_, headers, path) => {
    for (let n = 0; n < 2000; n++) city.book.alert(WEST)
    // The first read looks whether the id is still kept, the second and third are a thousand events, the fourth is the rest.
    city.book.holdRead = 4
    const stream = await view('', headers, path)
    await vi.waitUntil(() => city.book.reads === 4)
    happen(1200)
    city.book.release()
    await stream.until((s) => s.seqs().at(-1) === 3200)
    happen(3)
    await stream.until((s) => s.seqs().at(-1) === 3203)
    expect(stream.seqs()).toEqual(range(701, 3203))
    expect(stream.frames.map((frame) => frame.event)).not.toContain('reset')
  })

  it('tells viewers of every area that a rule was saved, also those who come back', async () => {
    const streams = [await view(WEST), await view(EAST)]
    happen(1)
    city.feed.publish([city.book.rule('cover-displaced')])
    for (const stream of [...streams, await view(EAST, { 'last-event-id': '1' })]) {
      await stream.until((s) => s.frames.at(-1)?.event === 'rule')
      expect(stream.frames.at(-1)).toMatchObject({ id: '2', data: { id: 'cover-displaced', version: 2, by: 'lin' } })
    }
  })

  it('never repeats an event that was committed before and published after the resume', async () => {
    const early = range(1, 5).map(() => city.book.alert(WEST))
    const stream = await view('', { 'last-event-id': '2' })
    await stream.until((s) => s.seqs().length === 3)
    city.feed.publish(early.slice(0, 2))
    city.feed.publish(early.slice(2))
    happen(1)
    await stream.until((s) => s.seqs().at(-1) === 6)
    expect(stream.seqs()).toEqual(range(3, 6))
  })

  it.each([
    ['an id beyond the horizon', '3'],
    ['an id from another book', '999'],
    ['an id that is none', 'abc'],
  ])('%s is told to reset, and goes on from the present', async (_, lastEventId) => {
    for (let n = 0; n < 10; n++) city.book.alert(WEST)
    city.book.horizon = 5
    const stream = await view('', { 'last-event-id': lastEventId })
    happen(1)
    await stream.until((s) => s.frames.length === 2)
    expect(stream.frames[0]).toEqual({ id: '10', event: 'reset', data: { seq: 10 } })
    expect(stream.seqs()).toEqual([11])
  })

  it('whose resume takes so long that too much happens meanwhile is cut off', async () => {
    await city.close()
    city = await startCity({}, { backlog: 10 })
    city.book.alert(WEST)
    city.book.holdRead = 2
    const stream = await view('', { 'last-event-id': '0' })
    happen(11)
    await stream.until((s) => s.ended)
    expect(stream.seqs()).toEqual([])
    city.book.release()
  })

  it('ends when the platform ends, without waiting for its viewers', async () => {
    const other = await startCity()
    const response = await fetch(`${other.url}/api/v1/feed`, { headers: { authorization: `Bearer ${other.token('viewer')}` } })
    const read = response.text()
    await other.close()
    expect(await read).toContain('event: ready')
  })

  it('shows everybody their own area, when resuming too', async () => {
    city.book.alert(EAST)
    city.book.alert(WEST)
    const [all, west, fresh] = [await view('', { 'last-event-id': '0' }), await view(WEST, { 'last-event-id': '0' }), await view(EAST)]
    happen(1, EAST)
    city.feed.publish([moved('truck-1', NOW, {}, WEST), moved('truck-2', NOW, {}, null), city.book.alert(WEST)])
    await all.until((s) => s.frames.length === 6)
    await west.until((s) => s.seqs().at(-1) === 4 && s.frames.some((frame) => frame.event === 'asset'))
    happen(1, EAST)
    await fresh.until((s) => s.seqs().at(-1) === 5)
    expect([west.seqs(), fresh.seqs()]).toEqual([
      [2, 4],
      [3, 5],
    ])
    const trucks = (stream: EventStream): unknown[] => stream.frames.filter((frame) => frame.event === 'asset').map((frame) => (frame.data as { id: string }).id)
    expect([trucks(all), trucks(west), trucks(fresh)]).toEqual([['truck-1', 'truck-2'], ['truck-1'], []])
  })

  it('gathers the changes of an asset and sends the newest, without an id', async () => {
    const stream = await view()
    await stream.until((s) => s.frames.length === 1)
    city.feed.publish([moved('truck-1', NOW, { speedKmh: 1, load: 'full' }), moved('truck-2', NOW, { speedKmh: 5 })])
    city.feed.publish([moved('truck-1', NOW + 1000, { speedKmh: 2 })])
    await stream.until((s) => s.frames.length === 3)
    const place = { kind: 'vehicle', observed: 'vehicle', lon: 121.4, lat: 31.2 }
    expect(stream.frames.slice(1)).toEqual([
      { event: 'asset', data: { id: 'truck-1', ...place, at: '2026-11-21T01:45:01.000Z', values: { speedKmh: 2, load: 'full' } } },
      { event: 'asset', data: { id: 'truck-2', ...place, at: '2026-11-21T01:45:00.000Z', values: { speedKmh: 5 } } },
    ])
  })

  it('writes an event out once, however many look', async () => {
    const streams = await Promise.all(range(1, 8).map((n) => view(n % 2 ? '' : WEST)))
    const written = vi.fn(() => ({ id: 'a1' }))
    city.feed.publish([{ event: 'alert', seq: 1, area: WEST, data: { ...alertIn(WEST, 'a1'), ...{ toJSON: written } } }])
    for (const stream of streams) await stream.until((s) => s.seqs().length === 1)
    expect(written).toHaveBeenCalledTimes(1)
  })

  it('HEAD does not wait for its end', async () => {
    const answer = await fetch(`${city.url}/api/v1/feed`, { method: 'HEAD', headers: { authorization: `Bearer ${city.token('viewer')}` } })
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/event-stream; charset=utf-8'])
    expect(city.feed.viewers()).toBe(0)
  })
})

describe('a viewer', () => {
  it.each<[string, () => Promise<Record<string, string>>, (headers: Record<string, string>) => Promise<unknown>]>([
    ['logs out', login, async (headers) => fetch(`${city.url}/api/v1/session`, { method: 'DELETE', headers: { ...headers, origin: city.url } })],
    ['is removed', login, async () => city.store.keys.removeUser('an')],
    [
      'gets another area',
      login,
      async () => {
        city.store.keys.removeUser('an')
        await city.store.keys.addUser('an', 'viewer', WEST, 'correct horse')
      },
    ],
    ['has its token removed', async () => ({ authorization: `Bearer ${city.store.keys.addToken('wall', 'viewer', '')}` }), async () => city.store.keys.removeToken('wall')],
  ])('who %s is cut off', async (_, headers, withdraw) => {
    const given = await headers()
    const stays = await view()
    const stream = new EventStream()
    expect((await start(stream, given)).status).toBe(200)
    await stream.until((s) => s.frames.length === 1)
    await withdraw(given)
    await stream.until((s) => s.ended)
    expect((await start(new EventStream(), given)).status).toBe(401)
    expect(stays.ended).toBe(false)
  })

  async function login(): Promise<Record<string, string>> {
    await city.store.keys.addUser('an', 'viewer', '', 'correct horse')
    const { session } = await city.store.access.login('an', 'correct horse', '10.0.0.1')
    return { cookie: `wanglou_session=${session}` }
  }

  it('hears a heartbeat when nothing happens', async () => {
    await city.close()
    city = await startCity({}, { heartbeatMs: 5 })
    const response = await fetch(`${city.url}/api/v1/feed`, { headers: { authorization: `Bearer ${city.token('viewer')}` } })
    let heard = ''
    for await (const text of (response.body as ReadableStream<Uint8Array>).pipeThrough(new TextDecoderStream())) {
      heard += text
      if ((heard.match(/^: $/gm) ?? []).length >= 3) break
    }
    expect(heard).toMatch(/^retry: 2000\n/)
  })

  it('too many are refused for a while', async () => {
    await city.close()
    city = await startCity({}, { viewers: 3, viewersPerPrincipal: 2 })
    const [first] = [await view(), await view()]
    const third = await start(new EventStream(), { authorization: `Bearer ${city.token('viewer')}` })
    expect([third.status, third.headers.get('retry-after'), await third.json()]).toEqual([503, '5', expect.objectContaining({ code: 'feed.full', retry: true })])
    await view(WEST)
    expect((await start(new EventStream(), { authorization: `Bearer ${city.token('viewer', EAST)}` })).status).toBe(503)
    first.close()
    await vi.waitUntil(() => city.feed.viewers() === 2)
    await view(EAST)
  })

  it('costs nothing after it has gone', async () => {
    const streams = [await view(), await view()]
    for (const stream of streams) stream.close()
    await vi.waitUntil(() => city.feed.viewers() === 0)
    happen(1)
  })
})

/** A viewer that stops reading: what the server writes fills the buffers of both ends, then waits. */
async function stalled(headers = ''): Promise<{ socket: Socket; text: () => string }> {
  const url = new URL(city.url)
  const socket = connect(Number(url.port), url.hostname)
  let text = ''
  socket.setEncoding('utf8')
  socket.on('data', (part: string) => {
    text += part
  })
  socket.on('error', () => undefined)
  socket.write(`GET /api/v1/feed HTTP/1.1\r\nhost: ${url.host}\r\nauthorization: Bearer ${city.token('viewer')}\r\n${headers}\r\n`)
  await vi.waitUntil(() => text.includes('event: ready'))
  socket.pause()
  return { socket, text: () => text }
}

describe('a slow viewer', () => {
  it('gets the newest value of each asset, not the ones before, and others do not wait for it', async () => {
    const slow = await stalled()
    const quick = await view()
    const rounds = 40
    const trucks = 2000
    for (let round = 1; round <= rounds; round++) {
      city.feed.publish(range(1, trucks).map((n) => moved(`truck-${n}`, NOW + round, { round, padding: 'x'.repeat(400) })))
      await quick.until((s) => (s.frames.at(-1)?.data as { values?: { round: number } } | undefined)?.values?.round === round)
    }
    const quickCount = quick.frames.filter((frame) => frame.event === 'asset').length
    expect(quickCount).toBe(rounds * trucks)
    slow.socket.resume()
    const last = `"id":"truck-${trucks}"`
    await vi.waitUntil(() => slow.text().includes(`"round":${rounds},`) && slow.text().lastIndexOf(last) > slow.text().indexOf(`"round":${rounds},`), { timeout: 20_000 })
    const times = slow.text().split(last).length - 1
    expect(times).toBeLessThan(rounds)
    slow.socket.destroy()
  })

  it('is cut off before alerts pile up, and resumes without missing one', async () => {
    await city.close()
    city = await startCity({}, { cutBytes: 512 * 1024 })
    const slow = await stalled()
    const closed = Promise.withResolvers<void>()
    slow.socket.once('close', () => closed.resolve())
    while (city.feed.viewers() > 0) {
      happen(20, WEST, 10_000)
      await new Promise((resolve) => setImmediate(resolve))
    }
    slow.socket.resume()
    await closed.promise
    const ids = [...slow.text().matchAll(/^id: (\d+)\nevent: alert\ndata: .*\n\n/gm)].map((match) => Number(match[1]))
    const lastSeen = ids.at(-1) ?? 0
    expect(ids).toEqual(range(1, lastSeen))
    expect(lastSeen).toBeLessThan(city.book.seq)
    const again = await view('', { 'last-event-id': String(lastSeen) })
    await again.until((s) => s.seqs().at(-1) === city.book.seq)
    expect(again.seqs()).toEqual(range(lastSeen + 1, city.book.seq))
  })
})
