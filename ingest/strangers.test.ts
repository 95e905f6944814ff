import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { promisify } from 'node:util'
import fc from 'fast-check'
import mqtt from 'mqtt-packet'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { topics } from '../domain/topics.ts'
import type { Refusal } from './counters.ts'
import { DEFAULT_LIMITS } from './limits.ts'
import { TestRoom } from './room.fixture.ts'

const password = Buffer.from('secret')
const will = (topic: string) => ({ topic, payload: Buffer.from('{}'), qos: 1 as const, retain: true })
const PACKET_BYTES = 64 * 1024

/** Everything that somebody without right may try at the door (contract.md, MQTT). */
describe('strangers', () => {
  const room = new TestRoom()
  beforeAll(() => room.start({ limits: { packetBytes: PACKET_BYTES, connectionsPerUser: 2, connectMs: 300, connections: 40, topicLevels: 10 } }))
  afterAll(() => room.dispose())
  const refused = async (refusal: Refusal): Promise<number> => (await room.ingest.counters()).refused[refusal] ?? 0

  it.each<[string, Record<string, unknown> & { clientId: string }, number, Refusal]>([
    ['no user name and no password', { clientId: 'gw1' }, 4, 'credentials'],
    ['no password', { clientId: 'gw1', username: 'gw1' }, 4, 'credentials'],
    ['a wrong password', { clientId: 'gw1', username: 'gw1', password: Buffer.from('guess') }, 4, 'credentials'],
    ["another gateway's client id", { clientId: 'gw2', username: 'gw1', password }, 2, 'client_id'],
    ['no client id', { clientId: '', username: 'gw1', password }, 2, 'client_id'],
    ['a client id that is no id', { clientId: 'gw1/#', username: 'gw1', password }, 2, 'client_id'],
    ['an inherited name', { clientId: '__proto__', username: 'gw1', password }, 2, 'client_id'],
    ["the platform's own name", { clientId: 'platform', username: 'platform', password: Buffer.from('token:') }, 2, 'client_id'],
    ["a will on somebody else's topic", { clientId: 'gw1', username: 'gw1', password, will: will(topics.status('gw2')) }, 5, 'will'],
    ['a will that is an observation', { clientId: 'gw1', username: 'gw1', password, will: will(topics.observation('gw1', 'cover', 'c')) }, 5, 'will'],
    ["a consumer's will", { clientId: 'app', username: 'app', password: Buffer.from('token:'), will: will(topics.status('app')) }, 5, 'will'],
    ['a keep-alive of a day', { clientId: 'gw1', username: 'gw1', password, keepalive: 50_000 }, 6, 'keepalive'],
  ])('are not let in with %s', async (_, options, code, refusal) => {
    const before = await refused(refusal)
    const client = room.client()
    expect(await client.connect(options)).toBe(code)
    await client.closed
    expect(await refused(refusal)).toBe(before + 1)
  })

  it('are not let in without a client id and with a session to keep', async () => {
    const client = room.client()
    const hello = mqtt.generate({
      cmd: 'connect',
      protocolId: 'MQTT',
      protocolVersion: 4,
      clean: true,
      clientId: '',
      username: 'app',
      password: Buffer.from('token:'),
      keepalive: 60,
    })
    // No encoder asks for it: the bit is cleared afterwards.
    const flags = 2 + 2 + 'MQTT'.length + 1
    hello[flags] = (hello[flags] ?? 0) & ~2
    let answer = Buffer.alloc(0)
    client.socket.on('data', (chunk) => {
      answer = Buffer.concat([answer, chunk])
    })
    client.socket.write(hello)
    await client.closed
    expect(answer[3]).not.toBe(0)
  })

  it.each<[string, string, boolean]>([
    ['outside of everything', 'hello', false],
    ["in another gateway's name", topics.observation('gw2', 'cover', 'c'), false],
    ['in the name of a gateway that begins alike', topics.status('gw10'), false],
    ['to itself', topics.reject('gw1'), false],
    ['as an alert', topics.alert('330502', 'a'), true],
    ['as the broker', '$SYS/broker/clients', false],
  ])('are cut off when they publish %s', async (_, topic, retain) => {
    const before = await refused('publish_topic')
    const client = await room.gateway('gw1')
    expect(await client.publish(topic, '{}', { retain })).toBe('closed')
    expect(await refused('publish_topic')).toBe(before + 1)
    expect((await room.ingest.counters()).received).toBe(0)
  })

  it.each(['city/v1/from/gw1/a/b/c/d/e/f/g/h/i/j', 'city/v1/from/gw1/+', 'city/v1/from/gw1/#', ''])('are cut off for the topic %j', async (topic) => {
    const before = await refused('protocol')
    const client = await room.gateway('gw1')
    const packet = mqtt.generate({ cmd: 'publish', topic: topic.replace(/[+#]/, 'x') || 'x', payload: '', qos: 0, dup: false, retain: false })
    const raw = Buffer.from(packet)
    // No encoder writes such a topic: the wildcard is put in afterwards.
    if (/[+#]/.test(topic)) raw[raw.length - 1] = topic.charCodeAt(topic.length - 1)
    client.socket.write(topic === '' ? Buffer.from([0x30, 0x02, 0, 0]) : raw)
    await client.closed
    expect(await refused('protocol')).toBe(before + 1)
  })

  it('a consumer cannot publish at all', async () => {
    const client = await room.consumer('app')
    expect(await client.publish(topics.status('app'), '{}')).toBe('closed')
  })

  it('hear 128 for what is not theirs and stay connected', async () => {
    const gateway = await room.gateway('gw1')
    expect(await gateway.subscribe('#', '$SYS/#', 'city/v1/from/#', topics.reject('gw2'), 'city/v1/to/gw1/#', 'city/+/to/gw1/reject')).toEqual([128, 128, 128, 128, 1, 128])
    expect(await gateway.ping()).toBe('answered')
  })

  it('leave nothing behind by retaining: nobody hears it, later neither', async () => {
    const listener = await room.gateway('gw3')
    await listener.subscribe('city/v1/to/gw3/#')
    const gateway = await room.gateway('gw1')
    await gateway.publish(topics.status('gw1'), '{"state":"online","at":1}', { retain: true })
    const consumer = await room.consumer('curious')
    expect(await consumer.subscribe('city/v1/from/#', '#')).toEqual([128, 128])
    await consumer.ping()
    expect([...listener.messages, ...consumer.messages]).toEqual([])
  })

  it('cannot make the platform collect a huge packet: its header is enough', async () => {
    const before = await refused('packet_too_large')
    const client = await room.gateway('gw1')
    client.socket.write(Buffer.from([0x32, 0xff, 0xff, 0xff, 0x7f]))
    await client.closed
    expect(await refused('packet_too_large')).toBe(before + 1)
    const unknown = connect(room.ingest.port, '127.0.0.1').on('error', () => {})
    unknown.write(Buffer.from([0x10, 0xff, 0xff, 0x7f]))
    await once(unknown, 'close')
    expect(await refused('packet_too_large')).toBe(before + 2)
  })

  it('may send a packet as large as the limit', async () => {
    const gateway = await room.gateway('gw1')
    const topic = topics.observation('gw1', 'cover', 'large')
    const payload = JSON.stringify({ at: Date.now(), text: 'x'.repeat(PACKET_BYTES - 200) })
    expect(await gateway.publish(topic, payload)).toBe('acknowledged')
  })

  it('a second connection of one gateway takes over from the first', async () => {
    const first = await room.gateway('gw5')
    const second = await room.gateway('gw5')
    await first.closed
    expect(await second.ping()).toBe('answered')
    room.ingest.disconnect('gw5')
    await second.closed
  })

  it('nobody ends the connection of somebody else by taking the client id', async () => {
    const gateway = await room.gateway('gw6')
    const owner = await room.consumer('dashboard')
    const thief = (clientId: string) => room.client().connect({ clientId, username: 'thief', password: Buffer.from('token:') })
    expect([await thief('gw6'), await thief('dashboard')]).toEqual([2, 2])
    expect([await gateway.ping(), await owner.ping()]).toEqual(['answered', 'answered'])
    const again = await room.consumer('dashboard')
    await owner.closed
    expect(await again.ping()).toBe('answered')
  })

  it('cannot subscribe without end', async () => {
    const gateway = await room.gateway('gw6')
    const filters = Array.from({ length: 110 }, (_, n) => `city/v1/to/gw6/command/d${n}`)
    const granted = await gateway.subscribe(...filters)
    expect(granted).toEqual(filters.map((_, n) => (n < DEFAULT_LIMITS.subscriptions ? 1 : 128)))
  })

  it('one user has so many connections at a time', async () => {
    const as = (clientId: string) => ({ clientId, username: 'crowd', password: Buffer.from('token:') })
    const [one, two, three] = [room.client(), room.client(), room.client()]
    expect([await one.connect(as('x1')), await two.connect(as('x2')), await three.connect(as('x3'))]).toEqual([0, 0, 5])
    await one.end()
    await expect.poll(() => room.client().connect(as('x4'))).toBe(0)
  })

  it('cannot keep the door shut with more connections than there is room for', async () => {
    const before = await refused('connections')
    const sockets = Array.from({ length: 60 }, () => connect(room.ingest.port, '127.0.0.1').on('error', () => {}))
    await Promise.all(sockets.map((socket) => once(socket, 'close')))
    expect(await refused('connections')).toBeGreaterThan(before)
    expect(await (await room.gateway('gw1')).ping()).toBe('answered')
  })

  /** Refusals that end a connection; who asks to hear what is not his stays connected. */
  const refusals = async (): Promise<Partial<Record<Refusal, number>>> => {
    const { subscribe_topic: _, ...ends } = (await room.ingest.counters()).refused
    return ends
  }
  const hello = (clientId: string) => mqtt.generate({ cmd: 'connect', protocolId: 'MQTT', protocolVersion: 4, clean: true, clientId, username: clientId, password, keepalive: 60 })
  const topic = topics.observation('gw7', 'cover', 'c')
  const real: Buffer[] = [
    mqtt.generate({ cmd: 'publish', topic, payload: '{"at":1}', qos: 1, messageId: 1, dup: false, retain: false }),
    mqtt.generate({ cmd: 'publish', topic, payload: '{"at":1}', qos: 2, messageId: 2, dup: false, retain: false }),
    mqtt.generate({ cmd: 'pubrel', messageId: 2 }),
    mqtt.generate({ cmd: 'subscribe', messageId: 3, subscriptions: [{ topic: 'city/v1/to/gw7/#', qos: 1 }] }),
    mqtt.generate({ cmd: 'unsubscribe', messageId: 4, unsubscriptions: ['a'] }),
    mqtt.generate({ cmd: 'pingreq' }),
  ]
  const bytes = (of: object): fc.Arbitrary<Buffer> => fc.uint8Array(of).map((array) => Buffer.from(array))
  const packet = (first: fc.Arbitrary<number>, body: fc.Arbitrary<Buffer>) => fc.tuple(first, body).map(([byte, rest]) => Buffer.concat([Buffer.of(byte, rest.length), rest]))
  const PUBLISH = 0x30

  it.each<[string, Refusal, fc.Arbitrary<Buffer>]>([
    [
      'a packet that no client sends',
      'protocol',
      packet(
        fc.constantFrom(0x00, 0x20, 0x90, 0xb0, 0xd0, 0xf0).chain((type) => fc.nat(15).map((flags) => type | flags)),
        bytes({ maxLength: 40 }),
      ),
    ],
    [
      'a length of five bytes',
      'protocol',
      fc.tuple(fc.constantFrom(0x10, 0x30, 0x82, 0xc0), bytes({ maxLength: 40 })).map(([type, rest]) => Buffer.concat([Buffer.of(type, 255, 255, 255, 255), rest])),
    ],
    ['flags that are not those of the packet', 'protocol', fc.constantFrom(0x60, 0x80, 0xa0, 0xc1, 0xe1).map((first) => Buffer.of(first, 0))],
    ['a quality of service of 3', 'protocol', packet(fc.constantFrom(PUBLISH | 6, PUBLISH | 7), bytes({ maxLength: 40 }))],
    [
      'a topic longer than its packet',
      'protocol',
      packet(
        fc.constantFrom(PUBLISH, PUBLISH | 2),
        bytes({ maxLength: 40 }).map((rest) => Buffer.concat([Buffer.of(1, 0), rest])),
      ),
    ],
    ['an empty subscription', 'protocol', fc.constant(Buffer.of(0x82, 2, 0, 1))],
    ['a second CONNECT', 'protocol', fc.constant(hello('gw7'))],
    [
      'more than the limit',
      'packet_too_large',
      fc.tuple(fc.constantFrom(0x10, 0x30, 0x82), bytes({ maxLength: 40 })).map(([type, rest]) => Buffer.concat([Buffer.of(type, 255, 255, 127), rest])),
    ],
  ])('are refused once, and told apart, when after CONNECT there comes %s', async (_, refusal, garbage) => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.constantFrom(...real), { maxLength: 3 }), garbage, async (before, bad) => {
        const counted = await refusals()
        const client = await room.gateway('gw7')
        client.socket.write(Buffer.concat([...before, bad]))
        await client.closed
        expect(await refusals()).toEqual({ ...counted, [refusal]: (counted[refusal] ?? 0) + 1 })
      }),
      { numRuns: 15 },
    )
  })

  it.each<[string, Refusal, Buffer]>([
    ...real.map((first): [string, Refusal, Buffer] => [`a packet of type ${(first[0] ?? 0) >> 4}`, 'protocol', first]),
    ['what only a server sends', 'protocol', mqtt.generate({ cmd: 'pingresp' })],
    ['half a CONNECT', 'timeout', hello('gw7').subarray(0, 12)],
    ['nothing', 'timeout', Buffer.alloc(0)],
    ['another protocol', 'protocol', Buffer.from(`GET / HTTP/1.1\r\nHost: city\r\nUser-Agent: ${'x'.repeat(60)}\r\n\r\n`)],
    [
      'a protocol of another version',
      'protocol',
      mqtt.generate({ cmd: 'connect', protocolId: 'MQTT', protocolVersion: 5, clean: true, clientId: 'gw7', username: 'gw7', password, keepalive: 60 }),
    ],
  ])('are refused once, and told apart, when the first that comes is %s', async (_, refusal, first) => {
    const counted = await refusals()
    const socket = connect(room.ingest.port, '127.0.0.1').on('error', () => {})
    socket.resume().write(first)
    await once(socket, 'close')
    expect(await refusals()).toEqual({ ...counted, [refusal]: (counted[refusal] ?? 0) + 1 })
  })

  it('break nothing with any garbage, before or after CONNECT, and are refused once at most', async () => {
    const piece = fc.oneof(
      bytes({ maxLength: 40 }),
      fc.constantFrom(hello('gw7'), ...real),
      fc.tuple(fc.constantFrom(...real), fc.nat(30), fc.nat(255)).map(([whole, at, byte]) => Buffer.from(whole).fill(byte, at % whole.length, (at % whole.length) + 1)),
    )
    const sum = async (): Promise<number> => Object.values(await refusals()).reduce((total, times) => total + times, 0)
    await fc.assert(
      fc.asyncProperty(fc.boolean(), fc.array(piece, { maxLength: 6 }), async (polite, pieces) => {
        const before = await sum()
        const socket = connect(room.ingest.port, '127.0.0.1').on('error', () => {})
        socket.resume().end(Buffer.concat(polite ? [hello('gw7'), ...pieces] : pieces))
        await once(socket, 'close')
        expect((await sum()) - before).toBeLessThanOrEqual(1)
      }),
      { numRuns: 150 },
    )
    const gateway = await room.gateway('gw8')
    expect(await gateway.publish(topics.observation('gw8', 'cover', 'still-here'), JSON.stringify({ at: Date.now() }))).toBe('acknowledged')
    const { received, kept, duplicate, frames, failed, rejected } = await room.ingest.counters()
    expect(received).toBe(kept + duplicate + frames + failed + Object.values(rejected).reduce((total, times) => total + times, 0))
  })
})

const hasMosquitto = await promisify(execFile)('mosquitto_pub', ['--help']).then(
  () => true,
  (error: NodeJS.ErrnoException) => error.code !== 'ENOENT',
)

describe.skipIf(!hasMosquitto)('an outside client (needs mosquitto_pub)', () => {
  it("the contract's example is acknowledged", async () => {
    const room = await new TestRoom().start()
    const args = ['-h', '127.0.0.1', '-p', String(room.ingest.port), '-i', 'gw1', '-u', 'gw1', '-P', 'secret', '-q', '1', '-t', topics.observation('gw1', 'cover', 'c-0001')]
    await promisify(execFile)('mosquitto_pub', [...args, '-m', JSON.stringify({ at: new Date().toISOString(), tiltDeg: 32.5, batteryPct: 88 })])
    expect(room.journal()).toMatchObject([{ kind: 'cover', device: 'c-0001', gateway: 'gw1', payload: { tiltDeg: 32.5 } }])
    await room.dispose()
  })
})
