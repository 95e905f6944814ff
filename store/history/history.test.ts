import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { DeviceId, GatewayId } from '../../domain/ids.ts'
import type { Observation } from '../../domain/observation.ts'
import { openHistoryReader, openHistoryWriter } from './history.ts'

const BASE = Date.UTC(2026, 0, 5)
let folder: string
let path: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'history-'))
  path = join(folder, 'history.db')
})
afterEach(() => rmSync(folder, { recursive: true }))

function observation(offset: number, device: string, seconds: number, fields: object = {}, receivedAt = BASE + seconds * 1000): Observation {
  const at = BASE + seconds * 1000
  return { type: 'observation', offset, receivedAt, kind: 'cover', device: device as DeviceId, gateway: 'gw' as GatewayId, at, payload: { at, ...fields } }
}

const c1 = 'c-1' as DeviceId
const offsets = (list: readonly Observation[]): number[] => list.map(({ offset }) => offset)

describe('history', () => {
  it('reads what was added at once, from buffer and disk together, in order of event time', () => {
    const history = openHistoryWriter(path)
    history.add([observation(1, 'c-1', 10), observation(2, 'c-2', 11), observation(3, 'c-1', 30)])
    history.flush()
    history.add([observation(4, 'c-1', 20)])
    expect(offsets(history.read({ device: c1, from: BASE, to: BASE + 60_000 }))).toEqual([1, 4, 3])
    expect(offsets(history.read({ device: c1, from: BASE + 15_000, to: BASE + 60_000, before: 4 }))).toEqual([3])
    expect(offsets(history.read({ device: c1, from: BASE, to: BASE + 60_000, limit: 1 }))).toEqual([1])
    expect(history.flushed()).toBe(3)
    history.close()
    expect(openHistoryWriter(path).flushed()).toBe(4)
  })

  it('orders a clock that runs ahead by when it was received (S9)', () => {
    const history = openHistoryWriter(path)
    history.add([observation(1, 'c-1', 9000, {}, BASE + 1000), observation(2, 'c-1', 5)])
    expect(offsets(history.read({ device: c1, from: BASE, to: BASE + 60_000 }))).toEqual([1, 2])
    history.close()
  })

  it('merging small chunks of an hour that is over changes nothing that is read', () => {
    const history = openHistoryWriter(path)
    for (let i = 1; i <= 20; i++) {
      history.add([observation(i, 'c-1', i * 100)])
      history.flush()
    }
    const before = history.read({ device: c1, from: 0, to: BASE + 10_000_000 })
    history.tidy(BASE + 5 * 3_600_000, 0)
    expect(history.read({ device: c1, from: 0, to: BASE + 10_000_000 })).toEqual(before)
    history.tidy(BASE + 6 * 3_600_000, BASE + 3_600_000)
    expect(history.read({ device: c1, from: 0, to: BASE + 10_000_000 })).toEqual([])
    history.close()
  })

  it('pages, thins and shows observations as they were sent', () => {
    const history = openHistoryWriter(path)
    history.add(Array.from({ length: 10 }, (_, i) => observation(i + 1, i % 2 ? 'c-1' : 'c-2', i * 10, { tiltDeg: i })))
    history.close()
    const reader = openHistoryReader(path)
    const first = reader.observations({ kind: 'cover', limit: 6 })
    const second = reader.observations({ kind: 'cover', limit: 6, ...(first.next === null ? {} : { cursor: first.next }) })
    expect([...first.items, ...second.items].map(({ tiltDeg }) => tiltDeg)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
    expect(second.next).toBeNull()
    expect(reader.observations({ device: 'c-1', every: 40_000, limit: 100 }).items.map(({ tiltDeg }) => tiltDeg)).toEqual([1, 5, 9])
    expect(first.items[0]).toMatchObject({ device: 'c-2', kind: 'cover', gateway: 'gw', offset: 1, receivedAt: '2026-01-05T00:00:00.000Z' })
    expect(() => reader.observations({ device: 'c-1', limit: 1, cursor: 'x' })).toThrow('cursor')
    reader.close()
  })
})
