import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { DeviceId, GatewayId } from '../../domain/ids.ts'
import type { Kind, Observation } from '../../domain/observation.ts'
import type { JournalReader } from '../../domain/ports/journal.ts'
import { HOUR, type Instant, MINUTE } from '../../domain/time.ts'
import { NINE } from '../../fixtures/records.ts'
import { openHistoryReader } from './reader.ts'
import { openHistory, type SqliteHistory } from './writer.ts'

let folder: string
let path: string
let history: SqliteHistory
let offset: number

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'wanglou-near-'))
  path = join(folder, 'history.db')
  history = openHistory(path)
  offset = 0
})
afterEach(() => {
  history.close()
  rmSync(folder, { recursive: true, force: true })
})

function said(device: string, at: Instant, lon: number, kind: Kind = 'vehicle'): Observation {
  offset++
  const payload = { at, lon, lat: 37.5, speedKmh: 30, altM: 12, load: 'full' }
  return { type: 'observation', offset, receivedAt: at + 300, kind, device: device as DeviceId, gateway: 'gw' as GatewayId, at, payload }
}

const QUERY = { kind: 'vehicle' as const, box: [121.39, 37.49, 121.41, 37.51] as const, from: NINE - 10 * MINUTE, to: NINE + 10 * MINUTE, members: ['speedKmh', 'load'] }

it('gives those that came into the box with all that they said in the span, and nobody else', async () => {
  history.add([
    ...[-20, -9, 0, 9, 20].map((minute) => said('passed', NINE + minute * MINUTE, 121.4 + minute / 100)),
    ...[-9, 0, 9].map((minute) => said('far', NINE + minute * MINUTE, 121.6)),
    said('before', NINE - 30 * MINUTE, 121.4),
    said('cover', NINE, 121.4, 'cover'),
  ])
  history.flush()
  // What is said in another hour lies in a chunk of its own, and what came after the flush in none.
  history.add([said('passed', NINE - HOUR, 121.4)])
  history.flush()
  const reader = openHistoryReader(path)
  const found = await reader.near(QUERY, () => setImmediate())
  reader.close()
  expect([...found.keys()]).toEqual(['passed'])
  expect(found.get('passed')?.map(({ at }) => (at - NINE) / MINUTE)).toEqual([-9, 0, 9])
  expect(found.get('passed')?.[1]?.payload).toEqual({ lon: 121.4, lat: 37.5, speedKmh: 30, load: 'full' })
})

it('joins what a device said in several chunks and since the last flush, whoever else spoke in between', async () => {
  for (let minute = -8; minute < 0; minute++) {
    // Each is near in one chunk only.
    history.add(['a', 'b', 'c'].map((device, index) => said(device, NINE + minute * MINUTE, minute === -8 + index ? 121.4 : 121.6)))
    history.flush()
  }
  const unflushed = ['a', 'late', 'far'].map((device) => said(device, NINE, device === 'late' ? 121.4 : 121.6))
  const journal = { read: (from: number) => [{ records: unflushed.filter((each) => each.offset >= from) }].filter(({ records }) => records.length > 0) }
  const reader = openHistoryReader(path, journal as unknown as JournalReader)
  const found = await reader.near(QUERY, () => setImmediate())
  reader.close()
  expect([...found].map(([device, said]) => [device, said.length]).sort()).toEqual([
    ['a', 9],
    ['b', 8],
    ['c', 8],
    ['late', 1],
  ])
})

it('sees one state of history while others go on writing and joining chunks', async () => {
  for (let second = 0; second < 3000; second += 10) {
    history.add([said('a', NINE - 5 * MINUTE + second, 121.4)])
    if (second % 100 === 0) history.flush()
  }
  history.flush()
  const reader = openHistoryReader(path)
  let breaths = 0
  const before = offset
  const found = await reader.near({ ...QUERY, to: NINE + 2 * HOUR }, async () => {
    breaths++
    history.add([said('a', NINE + MINUTE * breaths, 121.4)])
    history.flush()
  })
  expect(found.get('a')).toHaveLength(before)
  expect((await reader.near({ ...QUERY, to: NINE + 2 * HOUR }, () => setImmediate())).get('a')).toHaveLength(offset)
  reader.close()
})

it('knows the frame in which a place was said', async () => {
  const inGcj = said('gcj', NINE, 121.4)
  const [lon, lat] = [121.4 + 0.0053, 37.5]
  history.add([{ ...inGcj, payload: { ...inGcj.payload, lon, lat, crs: 'gcj02' } }])
  history.flush()
  const reader = openHistoryReader(path)
  const small = { ...QUERY, box: [121.398, 37.49, 121.402, 37.51] as const }
  expect([...(await reader.near(small, () => setImmediate())).keys()]).toEqual(['gcj'])
  reader.close()
})

it('is empty before anything was flushed', async () => {
  const reader = openHistoryReader(join(folder, 'none.db'))
  expect((await reader.near(QUERY, () => setImmediate())).size).toBe(0)
  reader.close()
})
