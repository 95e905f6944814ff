import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import type { ReplayResult } from '../alerts/replay.ts'
import { MINUTE } from '../domain/time.ts'
import { openDatabase } from '../drivers/sqlite.ts'
import { buildCity } from '../fixtures/city/city.ts'
import { runSimulate, SIMULATE_GATEWAYS } from '../gateways/simulate.ts'
import { openBook } from '../store/book/book.ts'
import { listSegments } from '../store/journal/segments.ts'
import { Snapshots } from '../store/snapshots.ts'
import { commandReplay } from './commands/replay.ts'
import { Inbox } from './inbox.ts'
import { dataPaths } from './paths.ts'
import { soon, type TestPlatform, testPlatform } from './testplatform.ts'

const SIZE = { covers: 40, trucks: 30, cameras: 10 }
let platform: TestPlatform
let outboxes: string
let passwords: Map<string, string>
let begin: number
let life = 0

/** Register and cameras of a small city, as an operator brings them in. */
async function registerCity(): Promise<void> {
  const city = buildCity(1, SIZE)
  const inbox = new Inbox(platform.data)
  inbox.add(
    city.assets.map((asset) => ({ type: 'asset', by: 'test', asset })),
    begin,
  )
  await soon(() => inbox.waiting === 0)
  inbox.close()
  for (const { id, config } of city.cameras) await platform.ask(`cameras/${id}`, { ...(config as object), version: 0 }, 'PUT').catch(() => undefined)
}

/** Some minutes of the city, as fast as the platform acknowledges; resolves when all is acknowledged. */
function live(minutes: number): Promise<unknown> {
  const start = begin + life * minutes * MINUTE
  life++
  return runSimulate(
    { url: platform.mqtt(), dataDir: outboxes, password: (id) => passwords.get(id), ...SIZE, seed: life, start, durationMs: minutes * MINUTE, pace: 'max', incidentsPerMinute: 6 },
    new AbortController().signal,
  )
}

const kept = async (): Promise<number> => Number(/wanglou_journal_head (\d+)/.exec(await (await fetch(`${platform.url()}/metrics`)).text())?.[1])
const lag = async (): Promise<number> => Number(/wanglou_engine_lag_records (\d+)/.exec(await (await fetch(`${platform.url()}/metrics`)).text())?.[1])

/** What the command says and how it ends. */
async function replay(flags: { from?: string; to?: string } = {}): Promise<{ code: number; result: ReplayResult | undefined; errors: string }> {
  const out = vi.spyOn(process.stdout, 'write').mockReturnValue(true)
  const err = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  try {
    const code = await commandReplay({ data: platform.data, json: true, ...flags })
    const text = out.mock.calls.map(([chunk]) => String(chunk)).join('')
    return { code, result: text === '' ? undefined : (JSON.parse(text) as ReplayResult), errors: err.mock.calls.map(([chunk]) => String(chunk)).join('') }
  } finally {
    out.mockRestore()
    err.mockRestore()
  }
}

/** Stops it so that the next start begins at the very end: a tick that the book has not seen yet would send it to an older snapshot. */
async function stopAtTheEnd(): Promise<void> {
  for (;;) {
    await platform.stop()
    const { book: path, snapshots: states } = dataPaths(platform.data)
    const [book, snapshots] = [await openBook(path, { readonly: true }), new Snapshots(states, { readonly: true })]
    const reached = (await book.bookOffset()) >= (snapshots.all().at(-1)?.offset ?? 0)
    await book.close()
    snapshots.close()
    if (reached) return
    await platform.start()
    await platform.ask('assets/settled', { kind: 'other' }, 'PUT')
  }
}

beforeAll(async () => {
  begin = Date.now() - 90 * MINUTE
  outboxes = mkdtempSync(join(tmpdir(), 'wanglou-outboxes-'))
  platform = await testPlatform()
  passwords = new Map(await Promise.all(Object.values(SIMULATE_GATEWAYS).map(async (id) => [id, await platform.gateway(id)] as const)))
  await platform.start()
  await registerCity()
  // Two restarts in the middle of traffic.
  for (let restart = 0; restart < 2; restart++) {
    const [before, city] = [await kept(), live(8)]
    await soon(async () => (await kept()) > before + 50)
    await platform.stop()
    await platform.start()
    await city
  }
  await live(8)
  await soon(async () => (await lag()) === 0)
}, 240_000)
afterAll(async () => {
  await platform.remove()
  rmSync(outboxes, { recursive: true, force: true })
})

describe('replay of a city that lived through two restarts (S14)', () => {
  it('compares equal beside the running platform', async () => {
    const { code, result } = await replay()
    expect(result?.differences).toEqual([])
    expect(result?.compared).toBeGreaterThan(20)
    expect([code, result?.equal]).toEqual([0, result?.compared])
  })

  it('compares equal without it, hashes of snapshots included', async () => {
    await stopAtTheEnd()
    const { code, result } = await replay()
    expect(result?.differences).toEqual([])
    expect(result?.snapshots).toBeGreaterThan(0)
    expect(code).toBe(0)
  })

  it('may begin at a snapshot', async () => {
    const { code, result } = await replay({ from: new Date().toISOString() })
    expect([code, result?.differences]).toEqual([0, []])
    expect(result?.from).toBeGreaterThan(1)
  })

  describe('with a planted difference', () => {
    const change = (from: string, to: string): number => {
      const book = openDatabase(dataPaths(platform.data).book, { synchronous: 'NORMAL' })
      const { offset } = book.prepare('SELECT offset FROM transitions WHERE json LIKE ? ORDER BY offset DESC LIMIT 1').get(`%${from}%`) as { offset: number }
      book.prepare('UPDATE transitions SET json = replace(json, ?, ?) WHERE offset = ?').run(from, to, offset)
      book.close()
      return offset
    }
    let planted = 0
    afterEach(() => {
      const book = openDatabase(dataPaths(platform.data).book, { synchronous: 'NORMAL' })
      book.prepare(`UPDATE transitions SET json = replace(json, '"severity":"info"', '"severity":"major"') WHERE offset = ?`).run(planted)
      book.close()
    })

    it('ends with 1 and names it', async () => {
      planted = change('"severity":"major"', '"severity":"info"')
      const { code, result } = await replay()
      expect(code).toBe(1)
      expect(result?.differences).toMatchObject([
        { offset: planted, what: 'different', recorded: expect.stringContaining('"severity":"info"'), replayed: expect.stringContaining('"severity":"major"') },
      ])
    })
  })
})

describe('replay of a journal whose first segment is gone (S14)', () => {
  let small: TestPlatform
  beforeAll(async () => {
    small = platform
    // The segment was begun a day ago: the next commit begins a new one, beside which a snapshot is kept.
    const [only] = listSegments(dataPaths(small.data).journal)
    const db = openDatabase(only?.path ?? '', { synchronous: 'FULL' })
    db.exec('UPDATE batch SET receivedAt = receivedAt - 90000000 WHERE first = 1')
    db.close()
    // Two lives: each end leaves a snapshot, and the replay needs the first to see something of the second.
    for (let again = 0; again < 2; again++) {
      await small.start()
      await live(2)
      await soon(async () => (await lag()) === 0)
      await stopAtTheEnd()
    }
    expect(listSegments(dataPaths(small.data).journal)).toHaveLength(2)
    for (const suffix of ['', '-wal', '-shm']) rmSync(`${only?.path}${suffix}`, { force: true })
  })

  it('begins by itself where the journal is whole', async () => {
    const { code, result } = await replay()
    expect(result?.from).toBeGreaterThan(1)
    expect(result?.compared).toBeGreaterThan(0)
    expect([code, result?.differences]).toEqual([0, []])
  })

  it('asked to begin before that it ends with 2 and names the earliest time', async () => {
    const { code, result, errors } = await replay({ from: new Date(begin).toISOString() })
    expect([code, result]).toEqual([2, undefined])
    expect(errors).toMatch(/^replay\.too_early: .*the earliest time to begin from is 20\d\d-\d\d-\d\dT[\d:.]+Z\n$/)
  })
})
