import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { DeviceId, GatewayId } from '../../domain/ids.ts'
import { CLOCK_AHEAD_MS, effectiveAt, type Kind, type Observation } from '../../domain/observation.ts'
import { HOUR } from '../../domain/time.ts'
import { openDatabase } from '../../drivers/sqlite.ts'
import { ChunkBuilder } from './chunk-builder.ts'
import { HistoryScan } from './scan.ts'
import { scanChunk } from './scan-chunk.ts'
import { openHistory } from './writer.ts'

const BASE = 1_700_000_000_000
const observed = (offset: number, device: string, at: number, kind: Kind, receivedAt: number, payload: object = { at, tiltDeg: offset % 90, waterMm: 7 }): Observation => ({
  ...{ type: 'observation', offset, receivedAt, kind, at },
  device: device as DeviceId,
  gateway: 'gw1' as GatewayId,
  payload: payload as Observation['payload'],
})
const pick = (payload: object, members: ReadonlySet<string>): object => Object.fromEntries(Object.entries(payload).filter(([name]) => members.has(name)))

describe('a chunk scanned for some members', () => {
  const name = fc.oneof(
    fc.constantFrom('a', 'b', 'lon', 'objects', 'weird "name"', '井盖'),
    fc.string().filter((text) => text !== '__proto__'),
  )
  const value = fc.oneof(fc.jsonValue(), fc.double({ noNaN: true, noDefaultInfinity: true }), fc.constantFrom(-0.5, 1e-7, 1e21, 0, true, null, '}],"'))

  it('gives what JSON.parse would, whatever the payloads hold and however they were written', () => {
    const shape = fc.record({ payload: fc.dictionary(name, value, { noNullPrototype: true }), indent: fc.constantFrom('', ' ', '\t'), around: fc.constantFrom('', '\n', ' \r\n') })
    fc.assert(
      fc.property(fc.array(shape, { minLength: 1, maxLength: 12 }), fc.uniqueArray(name), fc.boolean(), (list, wanted, before1970) => {
        const members = new Set(wanted)
        const builder = new ChunkBuilder('d', 'cover')
        for (const [index, { payload, indent, around }] of list.entries()) {
          const sent = Buffer.from(around + JSON.stringify(payload, null, indent) + around)
          builder.add(observed(index + 1, 'd', before1970 ? -BASE : BASE, 'cover', BASE), sent, 0, sent.length)
        }
        const body = builder.chunk().body.toString()
        const found: unknown[] = []
        scanChunk(body, members, [], (offset, receivedAt, gateway, at, payload) => found.push([offset, receivedAt, gateway, at, payload]))
        const stored = JSON.parse(body) as [number, number, string, number, object][]
        expect(found).toEqual(stored.map(([offset, receivedAt, gateway, at, payload]) => [offset, receivedAt, gateway, at, pick(payload, members)]))
      }),
    )
  })

  it.each([
    ['cut off in a number', '[[1,2,"gw",3'],
    ['cut off in a text', '[[1,2,"gw",3,{"a":"x'],
    ['cut off in a list', '[[1,2,"gw",3,{"a":[1,2'],
    ['cut off after a name', '[[1,2,"gw",3,{"a":'],
    ['of another form', '[{"offset":1}]'],
  ])('a text that is %s is an error and no endless loop', (_what, body) => {
    expect(() => scanChunk(body, new Set(['a']), [], () => {})).toThrow('a chunk is not as it was written')
  })
})

describe('a scan of history', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'scan-'))
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  it('gives the observations of a span in journal order, flushed and joined however they were, late or ahead', () => {
    const step = fc.record({
      device: fc.constantFrom('a', 'b', 'c'),
      kind: fc.constantFrom<Kind>('cover', 'vehicle', 'sensor'),
      wait: fc.integer({ min: 0, max: HOUR / 2 }),
      lag: fc.oneof(fc.constant(0), fc.integer({ min: -2 * CLOCK_AHEAD_MS, max: 5 * HOUR })),
      flush: fc.boolean(),
    })
    const members = new Set(['tiltDeg'])
    let run = 0
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), fc.integer({ min: 0, max: 8 * HOUR }), fc.integer({ min: 0, max: 8 * HOUR }), (steps, from, length) => {
        const path = join(folder, `${run++}.db`)
        const history = openHistory(path)
        let clock = BASE
        const all = steps.map(({ device, kind, wait, lag, flush }, index) => {
          clock += wait
          const one = observed(index + 1, device, clock - lag, kind, clock)
          history.add([one])
          if (flush) history.flush()
          return one
        })
        history.close()
        const query = { kinds: ['cover', 'vehicle'] as const, from: BASE + from, to: BASE + from + length, device: (device: string) => device !== 'c', members }
        const db = openDatabase(path, { synchronous: 'NORMAL', readonly: true })
        const scan = new HistoryScan(db, query)
        const found = [...scan.turns()].flat()
        expect(found).toEqual(
          all
            .filter((one) => one.kind !== 'sensor' && one.device !== 'c' && effectiveAt(one) >= query.from && effectiveAt(one) <= query.to)
            .map((one) => ({ ...one, payload: { tiltDeg: one.payload.tiltDeg } })),
        )
        expect(scan.most).toBeGreaterThanOrEqual(found.length)
        scan.close()
        db.close()
      }),
      { numRuns: 60 },
    )
  })

  it('reads on undisturbed while the writer joins an hour', () => {
    const path = join(folder, 'history.db')
    const history = openHistory(path)
    const minute = (n: number): Observation => observed(n, 'a', BASE + n * 60_000, 'cover', BASE + n * 60_000)
    for (let n = 1; n <= 90; n++) {
      history.add([minute(n)])
      if (n % 10 === 0 && n < 90) history.flush()
    }
    const db = openDatabase(path, { synchronous: 'NORMAL', readonly: true })
    const scan = new HistoryScan(db, { kinds: ['cover'], from: 0, to: Number.MAX_SAFE_INTEGER, members: new Set() })
    history.add([minute(200), minute(300)])
    history.flush()
    history.add([minute(400)])
    history.flush()
    expect([...scan.turns()].flat().map(({ offset }) => offset)).toEqual(Array.from({ length: scan.flushed }, (_, i) => i + 1))
    scan.close()
    db.close()
    history.close()
  })
})
