import { type ChildProcess, execFile, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { JournalRecord } from '../domain/record.ts'
import { topics } from '../domain/topics.ts'
import { openJournalReader } from '../store/journal/reader.ts'
import { balanced, type Counters } from './counters.ts'
import type { CommitStats } from './messages.ts'
import { RawClient } from './raw-client.fixture.ts'

const here = (file: string): string => fileURLToPath(new URL(file, import.meta.url))
// Where every program can be had, to skip the proof of S17 would be to fail.
const compiles =
  process.env.CI === 'true' ||
  (await promisify(execFile)('gcc', ['--version']).then(
    () => true,
    () => false,
  ))

/** A room in a child process on a folder that outlives it. */
class RoomProcess {
  readonly folder = mkdtempSync(join(tmpdir(), 'disk-'))
  #child: ChildProcess | undefined
  #port = 0

  async start(preload?: string): Promise<void> {
    const env = { ...process.env, FAULTY_DISK: join(this.folder, 'fault'), ...(preload !== undefined && { LD_PRELOAD: preload }) }
    // Nothing of this process's own options: the child is a plain program.
    this.#child = fork(here('./room-process.fixture.ts'), [join(this.folder, 'data')], { env, execArgv: [] })
    const ready = (await this.#reply('ready')) as number | { code: string; message: string }
    if (typeof ready !== 'number') throw new Error(`${ready.code}: ${ready.message}`)
    this.#port = ready
  }

  fault(how: string): void {
    writeFileSync(join(this.folder, 'fault'), how)
  }

  ask<Answer>(ask: string): Promise<Answer> {
    const reply = this.#reply(ask) as Promise<Answer>
    this.#child?.send(ask)
    return reply
  }

  async gateway(id = 'gw1'): Promise<RawClient> {
    const client = new RawClient(this.#port)
    expect(await client.connect({ clientId: id, username: id, password: Buffer.from('x') })).toBe(0)
    return client
  }

  async kill(): Promise<void> {
    if (this.#child === undefined || this.#child.exitCode !== null) return
    const gone = once(this.#child, 'exit')
    this.#child.kill('SIGKILL')
    await gone
    this.#child = undefined
  }

  journal(): JournalRecord[] {
    const reader = openJournalReader(join(this.folder, 'data', 'journal'))
    const records = reader.read(1, Number.MAX_SAFE_INTEGER).flatMap((batch) => batch.records)
    reader.close()
    return records
  }

  async #reply(ask: string): Promise<unknown> {
    for (;;) {
      const [message] = (await once(this.#child as ChildProcess, 'message')) as [{ ask: string; reply: unknown }]
      if (message.ask === ask) return message.reply
    }
  }
}

const topic = (n: number): string => topics.observation('gw1', 'cover', `c-${n % 20}`)
const payload = (n: number): string => JSON.stringify({ at: Date.now(), boot: 'b', seq: n })
const seqs = (records: readonly JournalRecord[]): unknown[] => records.flatMap((record) => (record.type === 'observation' ? [record.payload.seq] : []))

describe('a platform that is killed', () => {
  const room = new RoomProcess()
  afterAll(async () => {
    await room.kill()
    rmSync(room.folder, { recursive: true, force: true })
  })

  it('has kept every message that it acknowledged, and takes what is sent again once', async () => {
    await room.start()
    const total = 10_000
    const messages = Array.from({ length: total }, (_, n) => ({ topic: topic(n), payload: payload(n) }))
    const gateway = await room.gateway()
    const acknowledged: number[] = []
    let killing: Promise<void> | undefined
    const send = async ({ topic: to, payload: text }: { topic: string; payload: string }, n: number): Promise<void> => {
      if ((await gateway.publish(to, text)) !== 'acknowledged') return
      if (acknowledged.push(n) === 100) killing = room.kill()
    }
    const sending: Promise<void>[] = []
    for (const [n, message] of messages.entries()) {
      sending.push(send(message, n))
      // A turn now and then, so that acknowledgements are heard while there is still much to send.
      if (n % 100 === 99) await new Promise(setImmediate)
    }
    await Promise.all(sending)
    await killing
    expect(acknowledged.length).toBeLessThan(total)
    const kept = seqs(room.journal())
    const known = new Set(kept)
    expect(acknowledged.filter((n) => !known.has(n))).toEqual([])

    await room.start()
    const again = await room.gateway()
    const answers = await Promise.all(messages.map(({ topic: to, payload: text }) => again.publish(to, text)))
    expect(new Set(answers)).toEqual(new Set(['acknowledged']))
    expect(seqs(room.journal()).toSorted((a, b) => Number(a) - Number(b))).toEqual(messages.map((_, n) => n))
    expect(await room.ask<Counters>('counters')).toMatchObject({ received: total, kept: total - kept.length, duplicate: kept.length })
  })
})

describe.skipIf(!compiles || process.platform !== 'linux')('S17: on a faulty disk (needs gcc)', () => {
  const library = join(mkdtempSync(join(tmpdir(), 'faulty-')), 'faulty-disk.so')
  let room: RoomProcess
  beforeAll(async () => {
    await promisify(execFile)('gcc', ['-shared', '-fPIC', '-O1', '-o', library, here('./faulty-disk.fixture.c')])
  })
  afterAll(() => rmSync(join(library, '..'), { recursive: true, force: true }))
  beforeEach(async () => {
    room = new RoomProcess()
    await room.start(library)
  })
  afterEach(async () => {
    await room.kill()
    rmSync(room.folder, { recursive: true, force: true })
  })
  const health = (): Promise<{ state: string; why?: string }> => room.ask('health')

  it('no acknowledgement comes before the flush, and one flush serves all that gathered meanwhile', async () => {
    const gateway = await room.gateway()
    expect(await gateway.publish(topic(0), payload(0))).toBe('acknowledged')
    room.fault('delay 300')
    const begun = performance.now()
    expect(await gateway.publish(topic(1), payload(1))).toBe('acknowledged')
    expect(performance.now() - begun).toBeGreaterThanOrEqual(300)
    const { commits } = await room.ask<CommitStats>('commits')
    const first = gateway.publish(topic(2), payload(2))
    const second = await room.gateway('gw2')
    const others = Array.from({ length: 100 }, (_, n) => second.publish(topics.observation('gw2', 'cover', 'x'), payload(n)))
    expect(new Set(await Promise.all([first, ...others]))).toEqual(new Set(['acknowledged']))
    expect((await room.ask<CommitStats>('commits')).commits - commits).toBeLessThanOrEqual(3)
  })

  it.each([
    ['a flush fails', 'eio', /I\/O error/],
    ['the disk is full', 'enospc', /full/],
  ])('when %s nothing is acknowledged, health says why, and it recovers by itself', async (_, fault, why) => {
    const gateway = await room.gateway()
    for (let n = 0; n < 3; n++) expect(await gateway.publish(topic(n), payload(n))).toBe('acknowledged')
    room.fault(fault)
    // Keyed by its id: nothing but the memory of keys can tell whether it came before.
    const refused = JSON.stringify({ at: Date.now(), id: 'three', seq: 3 })
    expect(await gateway.publish(topic(3), refused)).toBe('closed')
    // The connection may close a moment before the reason has crossed the threads.
    await expect.poll(health, { timeout: 5000 }).toMatchObject({ state: 'failing', why: expect.stringMatching(why) })
    const stubborn = await room.gateway()
    expect(await stubborn.publish(topic(4), payload(4))).toBe('closed')
    expect(seqs(room.journal())).toEqual([0, 1, 2])

    room.fault('none')
    await expect.poll(async () => (await health()).state, { timeout: 10_000 }).toBe('ok')
    const back = await room.gateway()
    expect(await back.publish(topic(3), refused)).toBe('acknowledged')
    expect(await back.publish(topic(3), refused)).toBe('acknowledged')
    expect(seqs(room.journal())).toEqual([0, 1, 2, 3])
    const counters = await room.ask<Counters>('counters')
    expect(counters).toMatchObject({ received: 7, kept: 4, duplicate: 1, failed: 2 })
    expect(balanced(counters)).toBe(true)
  })

  it.each(['eio', 'enospc'])('killed while the disk says %s, it starts again with all that was acknowledged and takes the rest once', async (fault) => {
    const gateway = await room.gateway()
    expect(await gateway.publish(topic(0), payload(0))).toBe('acknowledged')
    room.fault(fault)
    const refused = payload(1)
    expect(await gateway.publish(topic(1), refused)).toBe('closed')
    await room.kill()
    room.fault('none')
    await room.start(library)
    const back = await room.gateway()
    expect(await back.publish(topic(1), refused)).toBe('acknowledged')
    expect(await back.publish(topic(2), payload(2))).toBe('acknowledged')
    expect(seqs(room.journal())).toEqual([0, 1, 2])
  })

  it('does not start on a disk that fails, and says why', async () => {
    await room.kill()
    room.fault('eio')
    await expect(room.start(library)).rejects.toThrow('journal.unwritable: EIO')
  })
})
