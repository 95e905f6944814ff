import { Socket } from 'node:net'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import mqtt, { type Packet } from 'mqtt-packet'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { JournalRecord } from '../domain/record.ts'
import { topics } from '../domain/topics.ts'
import { GatewayStream } from './gateway-stream.ts'
import { TestRoom } from './room.fixture.ts'
import { Throttle } from './throttle.ts'

const cover = (device: string): string => topics.observation('gw1', 'cover', device)
const observation = (seq: number): string => JSON.stringify({ at: Date.now(), boot: 'b', seq })
const publish = (topic: string, payload: string, qos: 0 | 1 | 2, messageId: number): Packet => ({ cmd: 'publish', topic, payload, qos, messageId, dup: false, retain: false })
const seqsOf = (records: readonly JournalRecord[], device: string): unknown[] =>
  records.flatMap((record) => (record.type === 'observation' && record.device === device ? [record.payload.seq] : []))

describe('the short way of a gateway', () => {
  let room: TestRoom
  beforeAll(async () => {
    room = await new TestRoom().start()
  })
  afterAll(() => room.dispose())

  it('takes publishes out of the stream and leaves the rest to the broker, wherever the stream is cut', async () => {
    const gateway = await room.gateway('gw1')
    const seen = new Set<string>()
    const parser = mqtt.parser()
    parser.on('packet', (packet) => seen.add(`${packet.cmd} ${packet.messageId ?? ''}`.trim()))
    gateway.socket.on('data', (chunk) => parser.parse(chunk))
    const packets: Packet[] = [
      publish(cover('cut'), observation(1), 1, 1),
      { cmd: 'pingreq' },
      publish(cover('cut'), observation(2), 2, 2),
      publish(cover('cut'), observation(3), 0, 0),
      { cmd: 'subscribe', messageId: 4, subscriptions: [{ topic: 'city/v1/to/gw1/#', qos: 1 }] },
      publish(cover('cut'), observation(5), 1, 5),
    ]
    const stream = Buffer.concat(packets.map((packet) => mqtt.generate(packet)))
    for (let at = 0; at < stream.length; at += 7) gateway.socket.write(stream.subarray(at, at + 7))
    await expect.poll(() => [...seen].toSorted()).toEqual(['pingresp', 'puback 1', 'puback 5', 'pubrec 2', 'suback 4'])
    gateway.send({ cmd: 'pubrel', messageId: 2 })
    await expect.poll(() => seqsOf(room.journal(), 'cut').toSorted()).toEqual([1, 2, 3, 5])
  })

  it('S15: keeps the order of a device, whatever the QoS of its messages', async () => {
    const gateway = await room.gateway('gw1')
    const seqs = Array.from({ length: 300 }, (_, seq) => seq)
    gateway.socket.write(Buffer.concat(seqs.map((seq) => mqtt.generate(publish(cover('mixed'), observation(seq), seq % 9 === 0 ? 2 : seq % 2 === 0 ? 1 : 0, seq + 1)))))
    await expect.poll(() => seqsOf(room.journal(), 'mixed').length).toBe(seqs.length)
    expect(seqsOf(room.journal(), 'mixed')).toEqual(seqs)
  })

  it('S3: a status overtakes no observation that was sent before it, and none of them another', async () => {
    const gateway = await room.gateway('gw1')
    const head = room.ingest.head()
    const payloads = [observation(1), JSON.stringify({ state: 'draining', at: Date.now() }), observation(2)]
    const packets = payloads.map((payload, n) => publish(n === 1 ? topics.status('gw1') : cover('order'), payload, 1, n + 1))
    gateway.socket.write(Buffer.concat(packets.map((packet) => mqtt.generate(packet))))
    await expect.poll(() => room.ingest.head()).toBe(head + 3)
    // A commit holds its observations before its controls: the second may stand before the status, with the same receivedAt.
    const records = room.journal().slice(head)
    expect(seqsOf(records, 'order')).toEqual([1, 2])
    expect(records.map(({ type }) => type)).toEqual(records[1]?.type === 'gateway' ? ['observation', 'gateway', 'observation'] : ['observation', 'observation', 'gateway'])
  })

  it.each([
    ['a wildcard in the topic', publish(`${cover('a')}+`, '{}', 1, 1)],
    ["somebody else's topic", publish(topics.observation('gw2', 'cover', 'a'), '{}', 1, 1)],
    ['a topic of more levels than any has', publish(`${cover('a')}/b/c/d/e/f`, '{}', 1, 1)],
  ])('ends the connection for %s, as the broker does', async (_, packet) => {
    const gateway = await room.gateway('gw1')
    gateway.send(packet)
    await gateway.closed
  })

  it.each([0, 1, 2])('refuses a topic of 65,000 bytes that are no text with QoS %i, and nobody notices', async (qos) => {
    const gateway = await room.gateway('gw1')
    const { rejected } = await room.ingest.counters()
    const before = rejected['topic.unknown'] ?? 0
    const packet = mqtt.generate(publish(`city/v1/from/gw1/frame/${'x'.repeat(65_000)}`, '{}', qos as 0 | 1 | 2, 1))
    packet.fill(0xff, packet.indexOf('xxx'), packet.lastIndexOf('x') + 1)
    gateway.socket.write(packet)
    expect(await gateway.ping()).toBe('answered')
    await expect.poll(async () => (await room.ingest.counters()).rejected['topic.unknown']).toBe(before + 1)
    expect(await (await room.gateway('gw2')).publish(topics.observation('gw2', 'cover', 'unmoved'), observation(qos))).toBe('acknowledged')
  })

  it('keeps nothing alive of what it has handed on', async () => {
    setFlagsFromString('--expose-gc')
    const collect = runInNewContext('gc') as () => void
    const socket = new Socket()
    const throttle = new Throttle(100, 0)
    const stream = new GatewayStream({ gateway: 'gw1', socket, topicLevels: 10, throttle, take: () => {}, throttled: () => {}, now: () => 0 })
    const handOver = (): WeakRef<ArrayBufferLike> => {
      const packets = Buffer.from(new ArrayBuffer(1024)).fill(0)
      const end = mqtt.generate(publish(cover('gone'), '{}', 1, 1)).copy(packets)
      expect(stream.take(packets.subarray(0, end))).toHaveLength(0)
      return new WeakRef(packets.buffer)
    }
    const packets = handOver()
    await new Promise(setImmediate)
    collect()
    expect(packets.deref()).toBeUndefined()
    expect(stream.mayRead()).toBe(true)
  })

  it('takes a publish for a sign of life, and silence for none', async () => {
    const gateway = room.client()
    await gateway.connect({ clientId: 'gw3', username: 'gw3', password: Buffer.from('secret'), keepalive: 1 })
    const begun = performance.now()
    for (let seq = 1; performance.now() - begun < 2000; seq++) {
      expect(await gateway.publish(topics.observation('gw3', 'cover', 'alive'), observation(seq))).toBe('acknowledged')
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
    await gateway.closed
    expect((await room.ingest.counters()).refused.keepalive).toBe(1)
  })

  it('slows down who does not wait for acknowledgements either', async () => {
    const slow = await new TestRoom().start({ limits: { messagesPerSecond: 2000 } })
    const gateway = await slow.gateway('gw1')
    const begun = performance.now()
    const flood = Array.from({ length: 5000 }, (_, seq) => mqtt.generate(publish(cover('flood'), observation(seq), 0, 0)))
    gateway.socket.write(Buffer.concat(flood))
    await expect.poll(() => slow.ingest.head(), { timeout: 10_000 }).toBe(flood.length)
    // A second's worth is free, and the last chunk is taken as soon as the one before it has waited.
    expect(performance.now() - begun).toBeGreaterThan(500)
    await slow.dispose()
  })

  it('reads no more from a gateway than it can answer, and all of it in the end', async () => {
    const gateway = await room.gateway('gw4')
    const text = 'x'.repeat(100_000)
    const answers = Array.from({ length: 60 }, (_, seq) =>
      gateway.publish(topics.observation('gw4', 'report', 'much'), JSON.stringify({ at: Date.now(), boot: 'b', seq, more: text })),
    )
    expect(new Set(await Promise.all(answers))).toEqual(new Set(['acknowledged']))
    expect(seqsOf(room.journal(), 'much')).toEqual(answers.map((_, seq) => seq))
  })
})
