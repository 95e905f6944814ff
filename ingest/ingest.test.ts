import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Control } from '../domain/record.ts'
import { topics } from '../domain/topics.ts'
import { balanced } from './counters.ts'
import { type Frame, PLATFORM, startIngest } from './ingest.ts'
import { TestRoom } from './room.fixture.ts'

const cover = (device: string, gateway = 'gw1'): string => topics.observation(gateway, 'cover', device)
const observation = (fields: Record<string, unknown> = {}): string => JSON.stringify({ at: Date.now(), tiltDeg: 1, ...fields })

describe('the ingest room', () => {
  let room: TestRoom
  beforeEach(() => {
    room = new TestRoom()
  })
  afterEach(() => room.dispose())

  it('acknowledges what is in the journal, as it was sent', async () => {
    await room.start()
    const gateway = await room.gateway('gw1')
    const payload = observation({ other: ['kept', { as: 'sent' }], 井盖: '位移' })
    expect(await gateway.publish(cover('c-1'), payload)).toBe('acknowledged')
    expect(room.journal()).toMatchObject([{ type: 'observation', offset: 1, kind: 'cover', device: 'c-1', gateway: 'gw1', payload: JSON.parse(payload) }])
    await expect.poll(() => room.ingest.head()).toBe(1)
    await gateway.publish(topics.status('gw1'), '{"state":"online","at":5}')
    expect(room.journal()[1]).toEqual({ type: 'gateway', by: 'gw1', gateway: 'gw1', state: 'online', at: 5, oldest: null, offset: 2, receivedAt: expect.any(Number) })
  })

  it('S10: keeps once what came twice, and refuses what came twice with other content', async () => {
    await room.start()
    const gateway = await room.gateway('gw1')
    const first = observation({ seq: 7, boot: 'b' })
    for (const payload of [first, first, observation({ seq: 7, boot: 'b', tiltDeg: 2 }), observation({ id: 'x' })])
      expect(await gateway.publish(cover('c-1'), payload)).toBe('acknowledged')
    expect(await room.ingest.counters()).toMatchObject({ received: 4, kept: 2, duplicate: 1, rejected: { 'dedupe.conflict': 1 } })
    expect(room.journal()).toHaveLength(2)
  })

  it('S10: knows after a restart what came before it, with nothing lost and nothing twice', async () => {
    await room.start()
    const sent = Array.from({ length: 200 }, (_, n) => ({ device: `c-${n % 5}`, payload: observation(n % 2 ? { seq: n, boot: 1 } : { id: `id-${n}` }) }))
    const hashed = { device: 'c-9', payload: observation() }
    const before = await room.gateway('gw1')
    await Promise.all([...sent, hashed].map(({ device, payload }) => before.publish(cover(device), payload)))
    await room.stop()
    await room.start()
    const after = await room.gateway('gw1')
    await Promise.all([...sent, hashed].map(({ device, payload }) => after.publish(cover(device), payload)))
    await after.publish(cover('c-1'), observation({ seq: 1, boot: 1, tiltDeg: 9 }))
    await after.publish(cover('c-1'), observation({ seq: 900, boot: 1 }))
    expect(await room.ingest.counters()).toMatchObject({ received: 203, kept: 1, duplicate: 201, rejected: { 'dedupe.conflict': 1 } })
    expect(room.journal().map(({ offset }) => offset)).toEqual(Array.from({ length: 202 }, (_, n) => n + 1))
    const other = await room.gateway('gw2')
    await other.publish(cover('c-1', 'gw2'), observation())
    expect((await room.ingest.counters()).rejected).toMatchObject({ 'device.not_yours': 1 })
  })

  it('rebuilds a ledger that was lost from the journal, and forgets one whose journal was lost', async () => {
    await room.start()
    const payload = observation({ seq: 1, boot: 'b' })
    const resend = async (): Promise<unknown> => {
      await (await room.gateway('gw1')).publish(cover('c-1'), payload)
      const { kept, duplicate } = await room.ingest.counters()
      return { kept, duplicate }
    }
    expect(await resend()).toEqual({ kept: 1, duplicate: 0 })
    await room.stop()
    for (const suffix of ['', '-wal', '-shm']) rmSync(join(room.dataDir, `ledger.db${suffix}`), { force: true })
    await room.start()
    expect(await resend()).toEqual({ kept: 0, duplicate: 1 })
    expect((await room.ingest.ledger({ limit: 1 })).items).toMatchObject([{ device: 'c-1', gateway: 'gw1', received: 2, duplicates: 1 }])
    await room.stop()
    rmSync(join(room.dataDir, 'journal'), { recursive: true })
    await room.start()
    // What the journal no longer holds is no duplicate: taking it for one would lose it.
    expect(await resend()).toEqual({ kept: 1, duplicate: 0 })
  })

  it('tells the sender why, without repeating what it sent, and keeps a record for people', async () => {
    await room.start()
    const gateway = await room.gateway('gw1')
    expect(await gateway.subscribe('city/v1/to/gw1/#')).toEqual([1])
    expect(await gateway.publish(cover('c-1'), '{"at":1,"secret":"hush"')).toBe('acknowledged')
    await expect.poll(() => gateway.messages.length).toBe(1)
    const [message] = gateway.messages
    expect(message?.topic).toBe(topics.reject('gw1'))
    expect(JSON.parse(String(message?.payload))).toEqual({ topic: cover('c-1'), code: 'payload.not_json', why: 'the payload is not JSON', at: expect.stringMatching(/Z$/) })
    const { items } = await room.ingest.rejects({ limit: 10, gateway: 'gw1' })
    expect(items).toEqual([{ at: expect.stringMatching(/Z$/), gateway: 'gw1', topic: cover('c-1'), code: 'payload.not_json', why: 'the payload is not JSON', bytes: 23 }])
  })

  it('limits reject notices, and counts and stores the rest, newest first, within bounds', async () => {
    await room.start({ limits: { rejects: 20 } })
    const gateway = await room.gateway('gw1')
    await gateway.subscribe('city/v1/to/gw1/reject')
    await Promise.all(Array.from({ length: 50 }, (_, n) => gateway.publish(cover(`c-${n}`), 'junk')))
    await gateway.ping()
    expect(gateway.messages.length).toBeGreaterThan(0)
    expect(gateway.messages.length).toBeLessThanOrEqual(20)
    expect((await room.ingest.counters()).rejected).toEqual({ 'payload.not_json': 50 })
    const { items, next } = await room.ingest.rejects({ limit: 15 })
    expect(items[0]?.topic).toBe(cover('c-49'))
    expect((await room.ingest.rejects({ limit: 15, cursor: next ?? '' })).items).toHaveLength(5)
  })

  it('counts QoS 0 as unacknowledged', async () => {
    await room.start()
    const gateway = await room.gateway('gw1')
    await gateway.publish(cover('c-1'), observation(), { qos: 0 })
    await gateway.publish(cover('c-1'), observation({ tiltDeg: 3 }))
    expect(await room.ingest.counters()).toMatchObject({ received: 2, kept: 2, unacknowledged: 1 })
  })

  describe('frames', () => {
    const jpeg = Buffer.concat([Buffer.from([0xff, 0xd8, 0xff]), Buffer.alloc(100_000, 7)])
    const frames: Frame[] = []
    beforeEach(async () => {
      frames.length = 0
      await room.start({ onFrame: (frame) => frames.push(frame) })
      room.ingest.takeFrames(['cam-1', 'cam-3'])
    })

    it('go to whoever takes them, and are refused when nobody does or they are no pictures', async () => {
      const gateway = await room.gateway('gw1')
      const at = Date.now() - 5000
      for (const [camera, bytes] of [
        ['cam-1', jpeg],
        ['cam-2', jpeg],
        ['cam-1', Buffer.from('GIF89a')],
      ] as const)
        expect(await gateway.publish(topics.frame('gw1', camera, at), bytes)).toBe('acknowledged')
      await vi.waitUntil(() => frames.length > 0)
      expect(frames).toEqual([{ camera: 'cam-1', gateway: 'gw1', at, jpeg: Uint8Array.from(jpeg) }])
      const counters = await room.ingest.counters()
      expect(counters).toMatchObject({ received: 3, frames: 1, rejected: { 'frame.no_camera': 1, 'frame.not_jpeg': 1 } })
      expect(room.journal()).toEqual([])
    })

    it('of a camera come from the gateway that owns it, as of any device; an admin moves it', async () => {
      const [one, two] = [await room.gateway('gw1'), await room.gateway('gw2')]
      const push = async (gateway: typeof one, id: string, camera = 'cam-1') => await gateway.publish(topics.frame(id, camera, Date.now()), jpeg)
      await push(one, 'gw1')
      await push(two, 'gw2')
      expect((await room.ingest.counters()).rejected).toEqual({ 'device.not_yours': 1 })
      await room.ingest.register([{ device: 'cam-1', gateway: 'gw2' }])
      await push(two, 'gw2')
      await push(one, 'gw1')
      await vi.waitUntil(() => frames.length === 2)
      expect(frames.map(({ gateway }) => gateway)).toEqual(['gw1', 'gw2'])
      expect((await room.ingest.counters()).rejected).toEqual({ 'device.not_yours': 2 })
      // Whoever reports the camera in another way owns its frames too, and the platform may tell what it saw in them.
      await two.publish(topics.observation('gw2', 'presence', 'cam-3'), JSON.stringify({ at: Date.now(), state: 'online' }))
      await push(one, 'gw1', 'cam-3')
      const scene = { kind: 'scene' as const, device: 'cam-3', gateway: PLATFORM, payload: { at: Date.now(), objects: [] } }
      expect(await room.ingest.observe([scene])).toEqual([{ result: 'kept' }])
      expect((await room.ingest.counters()).rejected).toEqual({ 'device.not_yours': 3 })
    })

    it('of a clock that is ahead are looked at when they came, and of too long ago not at all (S9)', async () => {
      const gateway = await room.gateway('gw1')
      const before = Date.now()
      await gateway.publish(topics.frame('gw1', 'cam-1', before + 3_600_000), jpeg)
      await gateway.publish(topics.frame('gw1', 'cam-1', 1234), jpeg)
      await vi.waitUntil(() => frames.length > 0)
      expect(frames).toHaveLength(1)
      expect(frames[0]?.at).toBeGreaterThanOrEqual(before)
      expect(frames[0]?.at).toBeLessThan(before + 60_000)
      expect((await room.ingest.counters()).rejected).toEqual({ 'time.too_old': 1 })
      expect((await room.ingest.ledger({ device: 'cam-1', limit: 1 })).items).toMatchObject([{ gateway: 'gw1', received: 1, clock: 'ahead' }])
    })
  })

  it('promise 5: whatever comes, nothing is unaccounted for', async () => {
    await room.start({ limits: { newDevicesPerHour: 4 } })
    const [one, two] = [await room.gateway('gw1'), await room.gateway('gw2')]
    const plain = fc.record({ at: fc.constantFrom(Date.now(), Date.now(), 'x', 1), seq: fc.nat(2), boot: fc.nat(1), tiltDeg: fc.constantFrom(1, 1, 999) })
    const payload = fc.oneof(fc.json(), fc.constant('{'), { weight: 6, arbitrary: plain.map((value) => JSON.stringify(value)) })
    const device = fc.nat(6).map((n) => `observation/cover/d${n}`)
    const tail = fc.oneof(fc.constantFrom('status', 'reply/d', 'frame/c/1', 'gossip', 'observation/dragon/d'), { weight: 3, arbitrary: device })
    let sent = 0
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(fc.constantFrom(one, two), tail, payload), { minLength: 20, maxLength: 40 }), async (messages) => {
        const acks = await Promise.all(messages.map(([gateway, topic, text]) => gateway.publish(`city/v1/from/${gateway === one ? 'gw1' : 'gw2'}/${topic}`, text)))
        sent += messages.length
        expect(acks.every((ack) => ack === 'acknowledged')).toBe(true)
      }),
      { numRuns: 40 },
    )
    const counters = await room.ingest.counters()
    expect(counters.received).toBe(sent)
    expect(balanced(counters)).toBe(true)
    expect(room.journal()).toHaveLength(counters.kept)
    // The generator reaches what it is meant to reach.
    expect(Math.min(counters.kept, counters.duplicate)).toBeGreaterThan(0)
    expect(Object.keys(counters.rejected)).toEqual(expect.arrayContaining(['payload.not_json', 'field.invalid', 'topic.kind', 'topic.unknown', 'device.not_yours', 'time.too_old']))
  })

  it('takes control records in order with everything else, and refuses malformed ones', async () => {
    await room.start()
    const [first, second] = await Promise.all([room.ingest.append([{ type: 'tick' }, { type: 'tick' }]), room.ingest.append([{ type: 'acknowledge', by: 'ann', alert: 'a' }])])
    expect([first.first, second.first]).toEqual([1, 3])
    expect(room.journal()[2]).toMatchObject({ type: 'acknowledge', offset: 3, by: 'ann' })
    for (const wrong of [{ type: 'acknowledge', by: 'ann' }, { type: 'gossip' }])
      await expect(room.ingest.append([wrong as Control])).rejects.toMatchObject({ code: 'request.invalid' })
    expect(room.ingest.head()).toBe(3)
  })

  it("judges the platform's own observations like any other", async () => {
    await room.start()
    const scene = { kind: 'scene' as const, device: 'cam-1', gateway: PLATFORM, payload: { at: Date.now(), seq: 1, boot: 'b', objects: [] } }
    const outcomes = await room.ingest.observe([scene, scene, { ...scene, payload: { at: 1 } }])
    expect(outcomes).toMatchObject([{ result: 'kept' }, { result: 'duplicate' }, { result: 'refused', code: 'field.missing' }])
    expect(room.journal()).toMatchObject([{ kind: 'scene', device: 'cam-1', gateway: PLATFORM }])
    expect(balanced(await room.ingest.counters())).toBe(true)
  })

  it('says where the head is, now and after each commit, to each who asked', async () => {
    await room.start()
    await room.ingest.append([{ type: 'tick' }])
    const heads: number[][] = [[], []]
    const ports = heads.map((seen) => room.ingest.headPort().on('message', ({ head }: { head: number }) => seen.push(head)))
    await expect.poll(() => heads).toEqual([[1], [1]])
    await room.ingest.append([{ type: 'tick' }])
    await expect
      .poll(() => heads)
      .toEqual([
        [1, 2],
        [1, 2],
      ])
    for (const port of ports) port.close()
  })

  it('publishes to those who may see the area, keeps what is retained, and takes it back', async () => {
    await room.start()
    const [city, street, all] = [await room.consumer('city'), await room.consumer('street', '330502001'), await room.consumer('all-of-mine', '330502001')]
    expect(await city.subscribe('city/v1/alert/#')).toEqual([1])
    expect(await street.subscribe('city/v1/alert/330502/+', 'city/v1/alert/+/#')).toEqual([1, 128])
    expect(await all.subscribe('city/v1/alert/#', 'city/v1/case/#', 'city/v1/#')).toEqual([1, 1, 128])
    const options = { qos: 1, retain: true } as const
    room.ingest.publish(topics.alert('330502', 'a1'), '{"id":"a1"}', { ...options, area: '330502001003' })
    room.ingest.publish(topics.alert('330502', 'a2'), '{"id":"a2"}', { ...options, area: '330502002' })
    await expect.poll(() => city.messages.map(({ payload }) => String(payload))).toEqual(['{"id":"a1"}', '{"id":"a2"}'])
    await expect.poll(() => street.messages.map(({ payload }) => String(payload))).toEqual(['{"id":"a1"}'])
    room.ingest.publish(topics.alert('330502', 'a1'), '', { ...options, area: '330502001003' })
    for (const mine of [street, all]) await expect.poll(() => mine.messages.map(({ payload }) => String(payload))).toEqual(['{"id":"a1"}', ''])
    const late = await room.consumer('late')
    await late.subscribe('city/v1/alert/#')
    await expect.poll(() => late.messages.map(({ payload }) => String(payload))).toEqual(['{"id":"a2"}'])
    const lateStreet = await room.consumer('late-street', '330502001')
    await lateStreet.subscribe('city/v1/alert/330502/#', 'city/v1/alert/#')
    await lateStreet.ping()
    expect(lateStreet.messages).toEqual([])
    const lateOther = await room.consumer('late-other', '330502002')
    await lateOther.subscribe('city/v1/alert/#')
    await expect.poll(() => lateOther.messages.map(({ payload }) => String(payload))).toEqual(['{"id":"a2"}'])
  })

  it('puts a will in the journal when a gateway is lost, not when it leaves or the platform closes', async () => {
    await room.start()
    const will = { topic: topics.status('gw1'), payload: Buffer.from('{"state":"offline","at":1}'), qos: 1, retain: true } as const
    const options = { clientId: 'gw1', username: 'gw1', password: Buffer.from('secret'), will }
    const leaving = room.client()
    await leaving.connect(options)
    await leaving.end()
    const lost = room.client()
    await lost.connect(options)
    lost.socket.resetAndDestroy()
    await expect.poll(() => room.ingest.head()).toBe(1)
    const staying = room.client()
    await staying.connect(options)
    await room.ingest.close()
    expect(room.journal()).toMatchObject([{ type: 'gateway', state: 'offline' }])
    await room.start()
  })

  it('slows a gateway down that sends too fast, and loses nothing', async () => {
    await room.start({ limits: { messagesPerSecond: 100 } })
    const gateway = await room.gateway('gw1')
    const begun = performance.now()
    await Promise.all(Array.from({ length: 150 }, (_, n) => gateway.publish(cover('c-1'), observation({ seq: n, boot: 1 }))))
    expect(performance.now() - begun).toBeGreaterThanOrEqual(400)
    const counters = await room.ingest.counters()
    expect(counters).toMatchObject({ received: 150, kept: 150 })
    expect(counters.throttled).toBeGreaterThan(0)
  })

  it('shows the ledger of devices, page by page', async () => {
    await room.start()
    const gateway = await room.gateway('gw1')
    await room.ingest.register([{ device: 'c-3', gateway: 'gw9' }])
    for (const [device, seq] of [
      ['c-1', 1],
      ['c-1', 4],
      ['c-2', 1],
      ['c-3', 1],
    ] as const)
      await gateway.publish(cover(device), observation({ seq, boot: 'b' }))
    const first = await room.ingest.ledger({ limit: 2 })
    expect(first.items).toMatchObject([
      { device: 'c-1', gateway: 'gw1', received: 2, gaps: [{ boot: 'b', from: 2, to: 3 }], clock: 'ok' },
      { device: 'c-2', received: 1 },
    ])
    expect((await room.ingest.ledger({ limit: 2, cursor: first.next ?? '' })).items).toMatchObject([{ device: 'c-3', gateway: 'gw9', received: 0 }])
    expect((await room.ingest.ledger({ limit: 2, device: 'c-2' })).items).toHaveLength(1)
  })

  it('says so when another process has the port', async () => {
    await room.start()
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    const other = new TestRoom()
    const starting = startIngest({ dataDir: other.dataDir, mqtt: { host: '127.0.0.1', port }, log: { info() {}, warn() {}, error() {} }, authenticate: async () => null })
    await expect(starting).rejects.toMatchObject({ code: 'port.in_use' })
    server.close()
    await other.start()
    await other.dispose()
  })
})
