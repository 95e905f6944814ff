import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MessageChannel, type MessagePort } from 'node:worker_threads'
import { firstValueFrom } from 'rxjs'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { DeviceId } from '../../domain/ids.ts'
import { openHistoryReader } from '../../store/history/reader.ts'
import { listSegments } from '../../store/journal/segments.ts'
import { openJournalWriter } from '../../store/journal/writer.ts'
import { startEngine } from './engine.ts'

let folder: string
let ports: MessagePort[]

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'wanglou-engine-'))
  ports = []
})
afterEach(() => {
  for (const port of ports) port.close()
  rmSync(folder, { recursive: true })
})

const NOW = Date.UTC(2026, 0, 5)
const paths = () => ({ journal: join(folder, 'journal'), history: join(folder, 'history.db'), snapshots: join(folder, 'snapshots.db') })

/** A journal of so many first reports of so many devices. */
function fill(devices: number, options?: Parameters<typeof openJournalWriter>[1]): void {
  const writer = openJournalWriter(paths().journal, options)
  for (let i = 0; i < devices; i += 1000) {
    const drafts = Array.from({ length: Math.min(1000, devices - i) }, (_, k) => ({
      kind: 'cover',
      device: `c${i + k}`,
      gateway: 'gw',
      at: NOW,
      json: `{"at":${NOW},"tiltDeg":1}`,
    }))
    writer.append(drafts, [], NOW)
  }
  writer.close()
}

function start(failed: (error: unknown) => void = () => {}, bookOffset = 0) {
  const headPort = (): MessagePort => {
    const { port1, port2 } = new MessageChannel()
    ports.push(port1)
    return port2
  }
  return startEngine({ paths: paths(), historyDays: 1, bookOffset: async () => bookOffset, headPort, tick: async () => {}, quarantine: async () => {}, deadlineMs: 5000, failed })
}

it('S1 says nothing before it is set to work, and then everything', async () => {
  fill(3)
  const engine = await start()
  const heard = firstValueFrom(engine.digests$)
  engine.begin()
  expect((await heard).entries.map(({ type }) => type)).toEqual(['discovered', 'discovered', 'discovered'])
  await engine.close()
})

it('stops in the middle of a backlog', async () => {
  fill(200_000)
  const failures: unknown[] = []
  const engine = await start((error) => failures.push(error))
  const first = firstValueFrom(engine.digests$)
  engine.begin()
  expect((await first).through).toBeLessThan(200_000)
  await engine.close()
  expect(failures).toEqual([])
})

it('a thread that cannot start is an error of the start, not an endless try', async () => {
  fill(1)
  writeFileSync(paths().snapshots, 'this is no database, however long it is')
  await expect(start()).rejects.toThrow(/not a database/)
})

it('says that it lost its past when the journal no longer reaches back and no snapshot does', async () => {
  fill(5000, { segmentBytes: 1024 })
  const [first, second] = listSegments(paths().journal)
  for (const suffix of ['', '-wal', '-shm']) rmSync(`${first?.path}${suffix}`, { force: true })
  const failures: string[] = []
  const engine = await start((error) => failures.push(String(error)))
  engine.begin()
  await vi.waitUntil(() => (engine.stats()?.offset ?? 0) === 5000, { timeout: 20_000, interval: 25 })
  expect(failures).toEqual([expect.stringMatching(`lost its past.*begins at record ${second?.first} without rules`)])
  expect(engine.stats()?.began).toBe(second?.first)
  await engine.close()
})

it('S6 puts into the history again what was not on disk yet, also what lies before the snapshot', async () => {
  fill(3000)
  for (const run of ['the first', 'the one after the loss']) {
    const engine = await start(undefined, 3000)
    engine.begin()
    await vi.waitUntil(() => engine.stats()?.offset === 3000, { timeout: 20_000, interval: 25 })
    await engine.close()
    const history = openHistoryReader(paths().history)
    for (const device of ['c0', 'c1500', 'c2999']) expect(history.read({ device: device as DeviceId, from: NOW, to: NOW }), `${run}: ${device}`).toHaveLength(1)
    history.close()
    for (const suffix of ['', '-wal', '-shm']) rmSync(`${paths().history}${suffix}`, { force: true })
  }
})
