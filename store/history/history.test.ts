import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { DeviceId, GatewayId } from '../../domain/ids.ts'
import { CLOCK_AHEAD_MS, effectiveAt, type Kind, type Observation } from '../../domain/observation.ts'
import { DAY, formatInstant, HOUR, MINUTE } from '../../domain/time.ts'
import { openDatabase } from '../../drivers/sqlite.ts'
import { MemoryJournal } from '../journal/memory.ts'
import { inOrder } from './chunks.ts'
import { openHistoryReader } from './reader.ts'
import { MAX_BUFFERED, openHistory } from './writer.ts'

const BASE = 1_700_000_000_000

function observation(offset: number, device: string, at: number, kind: Kind = 'cover', receivedAt = at): Observation {
  return { type: 'observation', offset, receivedAt, kind, device: device as DeviceId, gateway: 'gw1' as GatewayId, at, payload: { at, tiltDeg: offset % 90 } }
}

describe('history', () => {
  let folder: string
  let path: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'history-'))
    path = join(folder, 'history.db')
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))
  const chunks = (): number => {
    const db = openDatabase(path, { synchronous: 'NORMAL', readonly: true })
    const count = db.prepare('SELECT count(*) FROM chunk').pluck().get() as number
    db.close()
    return count
  }

  it('gives back what a plain list would, whatever was flushed, late, ahead of its clock or of another kind', () => {
    const step = fc.record({
      device: fc.constantFrom('a', 'b'),
      kind: fc.constantFrom<Kind>('cover', 'sensor'),
      at: fc.integer({ min: 0, max: 6 * HOUR }),
      ahead: fc.boolean(),
      flush: fc.constantFrom('no', 'whole', 'begin', 'step'),
    })
    const query = fc.record({
      device: fc.constantFrom('a', 'b', 'c'),
      kind: fc.option(fc.constantFrom<Kind>('cover', 'sensor'), { nil: undefined }),
      from: fc.integer({ min: 0, max: 6 * HOUR }),
      to: fc.integer({ min: 0, max: 6 * HOUR }),
      before: fc.option(fc.integer({ min: 0, max: 60 }), { nil: undefined }),
      limit: fc.option(fc.integer({ min: 0, max: 10 }), { nil: undefined }),
    })
    let run = 0
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), fc.array(query, { minLength: 1, maxLength: 5 }), (steps, queries) => {
        const history = openHistory(join(folder, `${run++}.db`))
        const all = steps.map(({ device, kind, at, ahead }, index) => observation(index + 1, device, BASE + at, kind, ahead ? BASE + at - CLOCK_AHEAD_MS - 1 : BASE + at))
        for (const [index, one] of all.entries()) {
          history.add([one])
          if (steps[index]?.flush === 'whole') history.flush()
          if (steps[index]?.flush === 'begin') history.begin()
          if (steps[index]?.flush === 'step') history.step(1)
        }
        for (const { device, kind, from, to, before, limit } of queries) {
          const expected = all
            .filter((one) => one.device === device && (kind === undefined || one.kind === kind) && effectiveAt(one) >= BASE + from && effectiveAt(one) <= BASE + to)
            .filter(({ offset }) => offset < (before ?? Infinity))
            .sort(inOrder)
            .slice(0, limit)
          const asked = {
            device: device as DeviceId,
            from: BASE + from,
            to: BASE + to,
            ...(kind && { kind }),
            ...(before !== undefined && { before }),
            ...(limit !== undefined && { limit }),
          }
          expect(history.read(asked)).toEqual(expected)
        }
        history.close()
      }),
      { numRuns: 60 },
    )
  })

  it('remembers how far it is flushed, and takes nothing twice after a restart', () => {
    const before = openHistory(path)
    before.add([observation(1, 'a', BASE), observation(2, 'a', BASE + 1)])
    expect(before.flushed()).toBe(0)
    before.flush()
    expect(before.flushed()).toBe(2)
    before.close()
    const after = openHistory(path)
    expect(after.flushed()).toBe(2)
    after.add([observation(1, 'a', BASE), observation(2, 'a', BASE + 1), observation(3, 'a', BASE + 2)])
    expect(after.read({ device: 'a' as DeviceId, from: 0, to: BASE + DAY }).map(({ offset }) => offset)).toEqual([1, 2, 3])
    after.close()
  })

  it('flushes by itself when too much waits', () => {
    const history = openHistory(path)
    history.add(Array.from({ length: MAX_BUFFERED + 1 }, (_, index) => observation(index + 1, `d${index % 100}`, BASE + index)))
    expect(history.flushed()).toBe(MAX_BUFFERED)
    history.close()
  })

  it('a flush that is written step by step counts as a whole, or not at all', () => {
    const history = openHistory(path, { aside: true })
    const other = openDatabase(path, { synchronous: 'NORMAL' })
    const flushed = (): [number, number] => [other.prepare('SELECT count(*) FROM chunk').pluck().get() as number, history.flushed()]
    history.add([observation(1, 'a', BASE), observation(2, 'b', BASE), observation(3, 'c', BASE)])
    history.begin()
    history.add([observation(4, 'a', BASE + 1)])
    expect(history.step(2)).toBe(true)
    expect(flushed()).toEqual([0, 0])
    expect(history.step(2)).toBe(false)
    expect(flushed()).toEqual([3, 3])
    other.exec("CREATE TRIGGER refuse BEFORE INSERT ON chunk WHEN new.device = 'b' BEGIN SELECT RAISE(ABORT, 'no room'); END")
    history.add([observation(5, 'b', BASE + 2)])
    history.begin()
    expect(() => history.step(2)).toThrow('no room')
    expect(history.read({ device: 'a' as DeviceId, from: BASE, to: BASE + 9 }).map(({ offset }) => offset)).toEqual([1, 4])
    other.exec('DROP TRIGGER refuse')
    expect(history.step(2)).toBe(false)
    expect(flushed()).toEqual([5, 5])
    other.close()
    history.close()
  })

  it('keeps payloads as they were sent, taken out of a larger text', () => {
    const history = openHistory(path)
    const texts = ['{"at":1}', ' { "at": 1,\n "text": "井盖 \\"]}[,\\u0041", "values": {"x": [1e3, null]} } ', `{"at":1,"text":"${'长'.repeat(5000)}"}`]
    const source = Buffer.from(`??${texts.join('')}??`)
    const all = texts.map((text, index) => ({ ...observation(index + 1, 'a', BASE + index), payload: JSON.parse(text) }))
    let start = 2
    for (const [index, one] of all.entries()) {
      const end = start + Buffer.byteLength(texts[index] ?? '')
      history.addText(one, source, start, end)
      start = end
    }
    const query = { device: 'a' as DeviceId, from: 0, to: BASE + DAY }
    expect(history.read(query)).toEqual(all)
    history.flush()
    expect(history.read(query)).toEqual(all)
    history.close()
  })

  it('decodes what waits once, however often it is read', () => {
    const history = openHistory(path)
    const read = (): Observation[] => history.read({ device: 'a' as DeviceId, from: 0, to: BASE + DAY })
    history.add([observation(1, 'a', BASE)])
    const [first] = read()
    history.add([observation(2, 'a', BASE + 1)])
    expect(read()).toEqual([observation(1, 'a', BASE), observation(2, 'a', BASE + 1)])
    expect(read()[0]).toBe(first)
    history.flush()
    history.add([observation(3, 'a', BASE + 2)])
    expect(read().map(({ offset }) => offset)).toEqual([1, 2, 3])
    history.close()
  })

  it('joins no chunks that are large already, and loses nothing', () => {
    const history = openHistory(path)
    const large = Array.from({ length: 6 }, (_, index) => ({ ...observation(index + 1, 'a', BASE + index), payload: { at: BASE + index, text: 'x'.repeat(300_000) } }))
    const small = [observation(7, 'a', BASE + 10), observation(8, 'a', BASE + 11)]
    const next = [observation(9, 'a', BASE + HOUR), observation(10, 'a', BASE + 2 * HOUR)]
    for (const one of [...large, ...small, ...next]) {
      history.add([one])
      history.flush()
    }
    expect(chunks()).toBe(large.length + 1 + next.length)
    expect(history.read({ device: 'a' as DeviceId, from: 0, to: BASE + DAY })).toEqual([...large, ...small, ...next])
    history.close()
  })

  it('joins the chunks of an hour that is over, and loses nothing', () => {
    const history = openHistory(path)
    const all = Array.from({ length: 600 }, (_, index) => observation(index + 1, 'a', BASE + index * MINUTE))
    for (const one of all) {
      history.add([one])
      history.flush()
    }
    expect(history.read({ device: 'a' as DeviceId, from: 0, to: BASE + DAY })).toEqual(all)
    history.close()
    // Ten hours and a bit: one chunk for each hour that is over, one per flush for the last.
    expect(chunks()).toBeLessThan(10 + 61)
  })

  it('drops what is older than retention', () => {
    const history = openHistory(path, { keepMs: DAY })
    history.add([observation(1, 'a', BASE)])
    history.flush()
    history.add([observation(2, 'a', BASE + 2 * DAY)])
    history.flush()
    expect(history.read({ device: 'a' as DeviceId, from: 0, to: BASE + 9 * DAY }).map(({ offset }) => offset)).toEqual([2])
    history.close()
  })

  describe('read by another', () => {
    const fill = (): Observation[] => {
      const all = Array.from({ length: 500 }, (_, index) => observation(index + 1, `d${index % 7}`, BASE + ((index * 37) % 500) * 1000))
      const history = openHistory(path)
      for (let at = 0; at < all.length; at += 50) {
        history.add(all.slice(at, at + 50))
        history.flush()
      }
      history.close()
      return all
    }

    it('pages through all devices of a kind in order of time, as sent with its envelope', () => {
      const all = fill()
      const reader = openHistoryReader(path)
      const seen: number[] = []
      let cursor: string | null = null
      do {
        const page = reader.observations({ kind: 'cover', limit: 33, ...(cursor !== null && { cursor }) })
        seen.push(...page.items.map(({ offset }) => offset))
        cursor = page.next
      } while (cursor !== null)
      expect(seen).toEqual(all.toSorted(inOrder).map(({ offset }) => offset))
      const [first] = reader.observations({ device: 'd0', limit: 1 }).items
      expect(first).toEqual({ at: BASE, tiltDeg: 1, device: 'd0', kind: 'cover', gateway: 'gw1', receivedAt: formatInstant(BASE), offset: 1 })
      reader.close()
    })

    it('knows when a device last said something of a kind, in whatever chunk that lies', () => {
      const all = fill()
      const reader = openHistoryReader(path)
      for (const device of new Set(all.map((one) => one.device))) {
        const newest = Math.max(...all.filter((one) => one.device === device).map(({ at }) => at))
        expect(reader.newestAt(device, 'cover')).toBe(newest)
        expect(reader.newestAt(device, 'scene')).toBeUndefined()
      }
      reader.close()
    })

    it('thins to one per device and stretch, the same in one page as in many', () => {
      const all = fill()
      const reader = openHistoryReader(path)
      const query = { kind: 'cover' as const, every: 30_000 }
      const whole = reader.observations({ ...query, limit: 10_000 }).items
      const paged: unknown[] = []
      for (let cursor: string | null | undefined; cursor !== null; ) {
        const page: ReturnType<typeof reader.observations> = reader.observations({ ...query, limit: 4, ...(cursor !== undefined && { cursor }) })
        paged.push(...page.items)
        cursor = page.next
      }
      expect(paged).toEqual(whole)
      const stretches = new Set(all.map((one) => `${one.device}/${Math.floor(one.at / 30_000)}`))
      expect(whole.length).toBe(stretches.size)
      reader.close()
    })

    it('refuses a cursor that is none of ours', () => {
      const reader = openHistoryReader(path)
      expect(() => reader.observations({ limit: 1, cursor: 'x' })).toThrow(expect.objectContaining({ code: 'cursor.invalid' }))
      reader.close()
    })

    it('sees with the journal what is not flushed yet, each once', () => {
      const journal = new MemoryJournal()
      const reader = openHistoryReader(path, journal)
      const offsets = (): number[] => reader.observations({ device: 'a', limit: 100 }).items.map(({ offset }) => offset)
      const append = (at: number): void => void journal.append([{ kind: 'cover', device: 'a', gateway: 'gw1', at, json: `{"at":${at}}` }], [], at)
      append(BASE)
      expect(offsets()).toEqual([1])
      const history = openHistory(path)
      history.add(journal.read(1, 10).flatMap(({ records }) => records.filter((record) => record.type === 'observation')))
      append(BASE + 1)
      expect(offsets()).toEqual([1, 2])
      history.flush()
      expect(offsets()).toEqual([1, 2])
      history.close()
      reader.close()
    })
  })
})
