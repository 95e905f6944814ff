import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { MessageChannel, type MessagePort } from 'node:worker_threads'
import { afterEach, expect, it, vi } from 'vitest'
import type { Projected } from '../../domain/projection.ts'
import { listSegments } from '../../store/journal/segments.ts'
import { openJournalWriter } from '../../store/journal/writer.ts'
import { type StoredWorld, store } from '../backtest/stored.fixture.ts'
import { type Arrival, assetControl, BEGIN, bookRule, ruleControl, World } from '../backtest/world.fixture.ts'
import { startEngine } from './engine.ts'

const HOUR = 3_600_000
const ports: MessagePort[] = []
let stored: StoredWorld
afterEach(async () => {
  for (const port of ports.splice(0)) port.close()
  await stored.remove()
})

const cover = (device: string, hour: number, tiltDeg: number): Arrival => ({
  ...{ kind: 'cover', device, at: BEGIN + hour * HOUR, fields: { tiltDeg, displaced: false }, receivedAt: BEGIN + hour * HOUR + 300 },
})

/** Two covers are displaced for ten hours; a third has not been heard for nine. One is set right at the end. */
function city(): World {
  const named = ['cover-ajar', 'cover-abnormal'].map((id): Arrival => ({ receivedAt: BEGIN, control: { ...ruleControl(bookRule(id)), state: 'draft' } as never }))
  const rules = ['cover-displaced', 'cover-silent'].map((id): Arrival => ({ receivedAt: BEGIN, control: ruleControl(bookRule(id)) }))
  const covers = ['c-1', 'c-2', 'c-3'].map((id): Arrival => ({ receivedAt: BEGIN, control: assetControl({ id, area: '370602' }) }))
  const hours = Array.from({ length: 10 }, (_, hour) => [cover('c-1', hour + 1, 40), cover('c-2', hour + 1, 40)])
  return new World([...named, ...rules, ...covers, cover('c-3', 0.5, 1), ...hours.flat()], BEGIN + 10.5 * HOUR)
}

it('S1 an engine without its past is given what the book knows: rules judge, and an alert that stood ends as the one it is', async () => {
  const world = city()
  stored = await store(world, 0, 512)
  const raised = world.said.filter((each) => each.type === 'transition' && each.what === 'raised')
  expect(raised).toHaveLength(2)
  const folder = join(stored.paths.book, '..')
  // All of the journal is gone but its end.
  const segments = listSegments(stored.paths.journal)
  for (const { path } of segments.slice(0, -1)) for (const suffix of ['', '-wal', '-shm']) rmSync(`${path}${suffix}`, { force: true })
  const writer = openJournalWriter(stored.paths.journal)
  for (const [hour, tiltDeg] of [
    [11, 1],
    [12, 1],
  ] as const)
    writer.append(
      [{ kind: 'cover', device: 'c-1', gateway: 'gw', at: BEGIN + hour * HOUR, json: JSON.stringify({ at: BEGIN + hour * HOUR, tiltDeg, displaced: false }) }],
      [],
      BEGIN + hour * HOUR + 300,
    )
  const head = writer.head()
  writer.close()
  const failures: string[] = []
  const headPort = (): MessagePort => {
    const { port1, port2 } = new MessageChannel()
    ports.push(port1)
    return port2
  }
  const engine = await startEngine({
    ...{ paths: { ...stored.paths, snapshots: join(folder, 'snapshots.db') }, historyDays: 30, bookOffset: async () => world.records.length, headPort },
    ...{ tick: async () => {}, quarantine: async () => {}, deadlineMs: 60_000, failed: (error: unknown) => failures.push(String(error)) },
  })
  const said: Projected[] = []
  engine.digests$.subscribe(({ entries }) => said.push(...entries))
  engine.begin()
  await vi.waitUntil(() => engine.stats()?.offset === head, { timeout: 20_000, interval: 25 })
  await engine.close()
  expect(failures).toEqual([expect.stringMatching(/lost its past.*with what the book knows/)])
  const transitions = said.filter((each) => each.type === 'transition')
  const [first] = raised.filter((each) => each.type === 'transition' && each.key === 'c-1')
  expect(transitions.filter(({ key, what }) => key === 'c-1' && what === 'resolved')).toMatchObject([{ alert: (first as { alert: string }).alert, values: { tiltDeg: 40 } }])
  expect(transitions.filter(({ what }) => what === 'raised')).toEqual([])
})
