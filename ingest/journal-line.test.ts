import { once } from 'node:events'
import { MessageChannel, type MessagePort } from 'node:worker_threads'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { BatchReader, BatchWriter, FRAME, PUBLISHED } from './batch.ts'
import { JournalLine } from './journal-line.ts'
import type { BatchMessage } from './messages.ts'
import { Throttle } from './throttle.ts'

describe('a batch', () => {
  it('gives back what was put in, whatever its size, in a buffer that was used before too', () => {
    const message = fc.record({
      what: fc.constantFrom(PUBLISHED, FRAME),
      qos: fc.constantFrom(0, 1),
      topic: fc.string({ unit: 'grapheme', maxLength: 80 }).filter((topic) => Buffer.byteLength(topic) <= 256),
      payload: fc.uint8Array({ maxLength: 3000 }),
    })
    fc.assert(
      fc.property(fc.array(message, { maxLength: 30 }), fc.constantFrom(0, 64, 4096), (messages, size) => {
        const used = new ArrayBuffer(size)
        new Uint8Array(used).fill(0xaa)
        const writer = new BatchWriter(used)
        for (const { what, qos, topic, payload } of messages) writer.add(what, qos, topic, payload)
        const { buffer, bytes } = writer.take()
        const reader = new BatchReader(buffer, bytes)
        const read: unknown[] = []
        while (reader.next()) read.push({ what: reader.what, qos: reader.qos, topic: reader.topic, payload: Uint8Array.from(reader.payload) })
        expect(read).toEqual(messages)
      }),
    )
  })

  it.each(['x', '长', '\ufffd'])('takes of a topic of 65,535 times %j its beginning, on both ways', (character) => {
    const bytes = Buffer.from(character.repeat(65_535))
    const writer = new BatchWriter()
    writer.add(PUBLISHED, 1, bytes.toString(), Buffer.from('a'))
    writer.copy({ qos: 1, bytes: Buffer.concat([bytes, Buffer.from('b')]), topicAt: 0, topicEnd: bytes.length, payloadAt: bytes.length, payloadEnd: bytes.length + 1 })
    const { buffer, bytes: length } = writer.take()
    const reader = new BatchReader(buffer, length)
    for (const payload of ['a', 'b']) {
      expect(reader.next()).toBe(true)
      expect(Buffer.from(reader.payload).toString()).toBe(payload)
      expect(Buffer.byteLength(reader.topic)).toBeLessThan(260)
      expect(reader.topic.startsWith(character)).toBe(true)
    }
    expect(reader.next()).toBe(false)
  })
})

describe('the way to the journal', () => {
  let journal: MessagePort
  let line: JournalLine
  beforeEach(() => {
    const { port1, port2 } = new MessageChannel()
    journal = port2
    line = new JournalLine(port1, () => {})
  })
  afterEach(() => journal.close())
  const batch = async (): Promise<{ message: BatchMessage; topics: string[] }> => {
    const [message] = (await once(journal, 'message')) as [BatchMessage]
    const reader = new BatchReader(message.buffer, message.bytes)
    const topics: string[] = []
    while (reader.next()) topics.push(reader.topic)
    return { message, topics }
  }
  const add = (topic: string): Promise<string> =>
    new Promise((resolve) => line.add({ what: PUBLISHED, qos: 1, topic, payload: new Uint8Array(3) }, (error) => resolve(error ? error.message : 'settled')))

  it('sends what came in one turn together, two batches ahead, and gathers the rest until an answer', async () => {
    const first = [add('a'), add('b')]
    const one = await batch()
    const second = add('c')
    const two = await batch()
    const third = [add('d')]
    const turn = new Promise((resolve) => setImmediate(resolve))
    await turn
    third.push(add('e'))
    expect([one.topics, two.topics]).toEqual([['a', 'b'], ['c']])
    journal.postMessage({ id: one.message.id, buffer: one.message.buffer, notices: [] }, [one.message.buffer])
    expect(await Promise.all(first)).toEqual(['settled', 'settled'])
    const three = await batch()
    expect(three.topics).toEqual(['d', 'e'])
    journal.postMessage({ id: two.message.id, buffer: two.message.buffer, failed: 'the disk is gone' }, [two.message.buffer])
    expect(await second).toBe('the disk is gone')
    journal.postMessage({ id: three.message.id, buffer: three.message.buffer, notices: [] }, [three.message.buffer])
    expect(await Promise.all(third)).toEqual(['settled', 'settled'])
    await line.drained()
  })
})

describe('throttle', () => {
  it('lets a burst of a second through, then so many per second', () => {
    const throttle = new Throttle(100, 0)
    const waits = Array.from({ length: 150 }, () => throttle.wait(0))
    expect(waits.filter((wait) => wait === 0)).toHaveLength(100)
    expect(waits.at(-1)).toBe(500)
    expect(throttle.wait(2000)).toBe(0)
  })

  it('takes only what is there', () => {
    const throttle = new Throttle(2, 0)
    expect([0, 0, 0, 500, 500].map((now) => throttle.take(now))).toEqual([true, true, false, true, false])
  })
})
