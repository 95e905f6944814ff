import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Transition } from '../domain/alert.ts'
import { AssetSchema } from '../domain/asset.ts'
import type { JournalRecord } from '../domain/record.ts'
import { DAY } from '../domain/time.ts'
import { beats, delaysUpTo, gapS, LATEST_S } from './delays.fixture.ts'
import { Engine } from './engine.ts'
import { MemoryHistory } from './memory-history.ts'
import { freeze, thaw } from './snapshot.ts'
import { GRACE_MS, PATIENCE_MS } from './watermark.ts'

const BOOK = join(import.meta.dirname, 'book')
const RULES = ['cover-displaced', 'cover-water-high', 'cover-water-rising', 'cover-ajar', 'cover-silent', 'truck-speeding', 'truck-banned-zone', 'truck-staying', 'truck-open-lid']
const BASE = Date.UTC(2026, 0, 5)

interface Sent {
  device: string
  kind: 'cover' | 'vehicle'
  at: number
  fields: Record<string, unknown>
}
interface Delivery extends Sent {
  receivedAt: number
}

const controls = [
  ...RULES.map((id) => ({ type: 'rule', by: 't', id, version: 1, state: 'live', source: readFileSync(join(BOOK, `${id}.yaml`), 'utf8'), note: '' })),
  {
    type: 'zone',
    by: 't',
    asset: AssetSchema.parse({
      id: 'z',
      kind: 'zone',
      zone: {
        type: 'banned',
        polygon: [
          [
            [121.3, 37.5],
            [121.32, 37.5],
            [121.32, 37.52],
            [121.3, 37.52],
          ],
        ],
      },
    }),
  },
  { type: 'asset', by: 't', asset: AssetSchema.parse({ id: 'pair', kind: 'cover', devices: ['lid', 'ring'] }) },
]

interface Ran {
  transitions: Transition[]
  engine: Engine
  records: JournalRecord[]
}

/** Runs deliveries through an engine, with ticks wherever it asks for one. */
function run(deliveries: readonly Delivery[], until: number): Ran {
  const history = new MemoryHistory()
  const engine = new Engine(history)
  const transitions: Transition[] = []
  const records: JournalRecord[] = []
  const feed = (record: object, receivedAt: number): void => {
    const full = { ...record, offset: records.length + 1, receivedAt } as JournalRecord
    records.push(full)
    for (const each of engine.step([full])) if (each.type === 'transition') transitions.push(each)
    if (full.type === 'observation') history.add(full)
  }
  for (const control of controls) feed(control, BASE - 100_000)
  for (const { device, kind, at, fields, receivedAt } of deliveries) {
    while (engine.nextWake < receivedAt) feed({ type: 'tick' }, engine.nextWake)
    feed({ type: 'observation', kind, device, gateway: 'gw', at, payload: { at, ...fields } }, receivedAt)
  }
  while (engine.nextWake < until) feed({ type: 'tick' }, engine.nextWake)
  return { transitions, engine, records }
}

/** The journal once more, in batches of `size`, the engine restored from its snapshot after the given offsets. */
function replayed(records: readonly JournalRecord[], size: number, restarts: ReadonlySet<number> = new Set()): { transitions: Transition[]; engine: Engine } {
  const history = new MemoryHistory()
  for (const record of records) if (record.type === 'observation') history.add(record)
  let engine = new Engine(history)
  const transitions: Transition[] = []
  for (let i = 0; i < records.length; i += size) {
    for (const each of engine.step(records.slice(i, i + size))) if (each.type === 'transition') transitions.push(each)
    if (restarts.has(i + 1)) engine = new Engine(history, thaw(freeze(engine.state)))
  }
  return { transitions, engine }
}

/**
 * What stands in the end: alerts that were not disproved or merged, by rule, key and times, and how grave they are. What an
 * alert saw as it was raised stays as people saw it: no late message changes its values and its place.
 */
function outcome(transitions: readonly Transition[]): string[] {
  const last = new Map<string, Transition>()
  for (const transition of transitions) last.set(transition.alert, transition)
  return [...last.values()]
    .filter(({ amended }) => amended !== 'disproved' && amended !== 'merged')
    .map(
      ({ rule, key, openedAt, resolvedAt, severity, condition }) =>
        `${rule} ${key} ${(openedAt - BASE) / 1000} ${resolvedAt === null ? condition : (resolvedAt - BASE) / 1000} ${severity}`,
    )
    .sort()
}

/**
 * Every transition with every field, in no order. `offset`, `n` and `receivedAt` are places in the journal, whose order is
 * what differs, and `raisedAt` is the engine's clock at that place; `observations` too, but what stands there is compared.
 */
function everyField({ transitions, records }: Ran): string[] {
  const said = (offset: number): string => {
    const record = records[offset - 1]
    return record?.type === 'observation' ? `${record.device} ${record.at - BASE}` : 'no observation'
  }
  return (transitions as (Transition & { receivedAt?: number })[])
    .map(({ offset: _o, n: _n, receivedAt: _c, raisedAt: _r, observations, ...rest }) => JSON.stringify({ ...rest, observations: observations.map(said) }))
    .sort()
}

const coverFields = fc.oneof(
  fc.record({ tiltDeg: fc.constantFrom(1, 4, 10, 16, 40), displaced: fc.boolean() }, { requiredKeys: ['tiltDeg'] }),
  fc.record({ waterMm: fc.constantFrom(600, 760, 800, 1300) }),
  fc.record({ batteryPct: fc.constantFrom(10, 80) }),
)
const vehicleFields = fc.record(
  {
    lon: fc.constantFrom(121.2999, 121.3, 121.3002, 121.301, 121.31, 125),
    lat: fc.constant(37.51),
    speedKmh: fc.constantFrom(0, 30, 61, 90),
    load: fc.constantFrom('empty', 'full'),
    lid: fc.constantFrom('open', 'closed'),
  },
  { requiredKeys: ['lon', 'lat'] },
)

/** `offMs`: what two devices say of one asset at the same millisecond counts in order of receipt; these never do. */
const sentBy = (device: string, kind: Sent['kind'], fields: fc.Arbitrary<Record<string, unknown>>, offMs = 0): fc.Arbitrary<Sent[]> =>
  fc.array(fc.tuple(gapS, fields), { minLength: 1, maxLength: 25 }).map((steps) => {
    let at = BASE + 1000 + offMs
    return steps.map(([gap, each]) => {
      at += gap * 1000
      return { device, kind, at, fields: each }
    })
  })

const sent = fc.tuple(
  sentBy('c-1', 'cover', coverFields),
  sentBy('c-2', 'cover', coverFields),
  sentBy('v-1', 'vehicle', vehicleFields),
  sentBy('lid', 'cover', coverFields),
  sentBy('ring', 'cover', coverFields, 500),
)

const newest = (perDevice: readonly Sent[][]): number => Math.max(...perDevice.flat().map(({ at }) => at))
/** Everything has ended by then, or never does. */
const untilOf = (perDevice: readonly Sent[][]): number => newest(perDevice) + 5 * DAY
const inOrder = (deliveries: readonly Delivery[]): Delivery[] => [...deliveries].sort((a, b) => a.receivedAt - b.receivedAt)

/** What the pair's devices say beside, so that their clocks are known to be right (S7). */
function pairBeats(perDevice: readonly Sent[][]): Delivery[] {
  return ['lid', 'ring'].flatMap((device, i) => {
    const from = BASE + 250 + i * 500
    const first = [-60, -50, -40, -30, -20, -10].map((seconds) => from + seconds * 1000)
    return [...first, ...beats(from, newest(perDevice))].map((at): Delivery => ({ device, kind: 'cover', at, receivedAt: at, fields: { batteryPct: 80 } }))
  })
}

/** Delays that keep each device's own order. */
function deliver(perDevice: readonly Sent[][], delays: readonly number[]): Delivery[] {
  let n = 0
  const facts = perDevice.flatMap((list) => {
    let before = 0
    return list.map((each) => {
      before = Math.max(before, each.at + (delays[n++ % delays.length] ?? 0))
      return { ...each, receivedAt: before }
    })
  })
  return inOrder([...facts, ...pairBeats(perDevice)])
}

function overtaking(perDevice: readonly Sent[][], delays: readonly number[]): Delivery[] {
  const facts = perDevice.flat().map((each, i) => ({ ...each, receivedAt: each.at + (delays[i % delays.length] ?? 0) }))
  return inOrder([...facts, ...pairBeats(perDevice)])
}

/** Enough to find what we broke; a longer search: RUNS=5000 npx vitest run rules/order. */
const RUNS = Number(process.env.RUNS ?? 40)
const TIMEOUT = 30_000 + RUNS * 400
const anyDelays = delaysUpTo(LATEST_S * 1000)
const graceDelays = delaysUpTo(GRACE_MS - 1)

describe('S15 order', { timeout: TIMEOUT }, () => {
  it.each([
    ['any delay that keeps each device in order ends in the same alerts', deliver],
    ['even when a device’s own messages overtake each other (S6)', overtaking],
  ])('%s', (_what, arriving) => {
    fc.assert(
      fc.property(sent, anyDelays, (perDevice, delays) => {
        const until = untilOf(perDevice)
        const prompt = run(deliver(perDevice, [0]), until)
        expect(outcome(run(arriving(perDevice, delays), until).transitions)).toEqual(outcome(prompt.transitions))
      }),
      { numRuns: RUNS },
    )
  })

  it('arrivals within the grace of S3 give the same in every field but the engine’s clock', () => {
    fc.assert(
      fc.property(sent, graceDelays, (perDevice, delays) => {
        const until = untilOf(perDevice)
        const [prompt, delayed] = [[0], delays].map((each) => run(deliver(perDevice, each), until)) as [Ran, Ran]
        expect(everyField(delayed)).toEqual(everyField(prompt))
        for (const { what, at, raisedAt } of delayed.transitions) if (what === 'raised') expect(raisedAt - at).toBeLessThan(PATIENCE_MS + 2 * GRACE_MS)
      }),
      { numRuns: RUNS },
    )
  })
})

describe('S14 replay', { timeout: TIMEOUT }, () => {
  it('restarts from snapshots anywhere change nothing, and end in the same state', () => {
    fc.assert(
      fc.property(sent, anyDelays, fc.array(fc.integer({ min: 1, max: 80 }), { maxLength: 6 }), (perDevice, delays, restarts) => {
        const live = run(deliver(perDevice, delays), untilOf(perDevice))
        const again = replayed(live.records, 1, new Set(restarts))
        expect(again.transitions).toEqual(live.transitions)
        expect(freeze(again.engine.state).hash).toBe(freeze(live.engine.state).hash)
      }),
      { numRuns: RUNS },
    )
  })

  it('the journal alone gives the same transitions, in batches of any size', () => {
    fc.assert(
      fc.property(sent, anyDelays, fc.integer({ min: 1, max: 50 }), (perDevice, delays, size) => {
        const live = run(deliver(perDevice, delays), untilOf(perDevice))
        expect(replayed(live.records, size).transitions).toEqual(live.transitions)
      }),
      { numRuns: RUNS },
    )
  })
})
