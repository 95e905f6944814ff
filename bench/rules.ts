import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { Kind } from '../domain/fields.ts'
import type { JournalRecord } from '../domain/record.ts'
import { Engine } from '../rules/engine.ts'
import { MemoryHistory } from '../rules/memory-history.ts'
import { freeze, thaw } from '../rules/snapshot.ts'
import { parentOf } from '../rules/source.ts'

/**
 * The rule engine alone, on one core, without disk or network. An evaluation is one rule judged on one observation.
 * Ratios within this run mean something; absolute numbers are this machine's.
 */
const BOOK = join(import.meta.dirname, '../rules/book')
const START = Date.UTC(2026, 0, 5)
const DEVICES = 1000

export interface RulesBench {
  /** The whole book, over its own mix of kinds. */
  book: { rules: number; messagesPerSecond: number; evaluationsPerSecond: number }
  /** 300 rules, each of which sees every message. */
  dense: { rules: number; messagesPerSecond: number; evaluationsPerSecond: number; goal: number }
  /** µs a message when five rules concern it and the rest of the book does not. */
  sparse: { rules: number; usPerMessage: number }[]
  /** Cost with the most rules over cost with the fewest; 1 is flat. */
  sparseRatio: number
  memory: { kbPerRule: number; goalKb: number; bytesPerKey: number }
  snapshot: { keys: number; bytes: number; freezeMs: number; thawMs: number }
}

export function benchRules(seconds: number, log: (line: string) => void): RulesBench {
  log('the book')
  const book = measureBook(seconds)
  log('300 rules that see every message')
  const dense = {
    ...measure(
      coverRules(300, () => ''),
      seconds,
    ),
    goal: 2_000_000,
  }
  const sparse = [10, 1000, 10_000].map((rules) => {
    log(`${rules} rules of which five concern a message`)
    const { messagesPerSecond } = measure(
      coverRules(rules, (i) => `assets: { labels: { set: s${Math.floor(i / 5)} } }\n`),
      seconds,
      's0',
    )
    return { rules, usPerMessage: 1e6 / messagesPerSecond }
  })
  log('memory and snapshots')
  return { book, dense, sparse, sparseRatio: (sparse.at(-1)?.usPerMessage ?? 0) / (sparse[0]?.usPerMessage ?? 1), memory: memory(), snapshot: snapshot(100_000) }
}

/** A journal written in memory. */
class City {
  readonly engine: Engine
  #offset = 0
  #clock = START

  constructor() {
    this.engine = new Engine(new MemoryHistory())
  }

  control(record: object): void {
    this.engine.step([{ ...record, by: 'bench', offset: ++this.#offset, receivedAt: this.#clock } as unknown as JournalRecord])
  }

  rule(id: string, source: string, base?: string): void {
    this.control({ type: 'rule', id, version: 1, state: 'live', source, ...(base !== undefined && { base }), note: '' })
  }

  /** So many observations as one batch; each device reports once a second of event time. */
  batch(size: number, kind: (i: number) => Kind, payload: (i: number) => object, devices = DEVICES): JournalRecord[] {
    const records: JournalRecord[] = []
    for (let i = 0; i < size; i++) {
      const n = this.#offset++
      this.#clock = START + Math.floor(n / devices) * 1000
      records.push({
        type: 'observation',
        offset: this.#offset,
        receivedAt: this.#clock,
        kind: kind(n),
        device: `${kind(n)}-${n % devices}`,
        gateway: 'gw',
        at: this.#clock,
        payload: { at: this.#clock, ...payload(n) },
      } as unknown as JournalRecord)
    }
    return records
  }
}

function coverRules(count: number, selector: (i: number) => string): { id: string; source: string }[] {
  return Array.from({ length: count }, (_, i) => ({
    id: `r-${i}`,
    source: `rule: r-${i}
title: { zh: 规则, en: Rule }
on: cover
${selector(i)}params:
  tiltDeg: { value: ${15 + (i % 60)}, unit: deg, min: 2, max: 90, help: Tilt }
when: tiltDeg > params.tiltDeg || displaced
for: 2s
clear: { when: tiltDeg < 5 && !displaced, for: 60s }
severity: critical
`,
  }))
}

const tilt = (n: number): object => ({ tiltDeg: n % 997 === 0 ? 20 : 1 + (n % 3), displaced: false, batteryPct: 88 })

function measure(rules: readonly { id: string; source: string }[], seconds: number, set?: string): { rules: number; messagesPerSecond: number; evaluationsPerSecond: number } {
  const city = new City()
  for (const { id, source } of rules) city.rule(id, source)
  if (set)
    for (let i = 0; i < DEVICES; i++)
      city.control({ type: 'asset', asset: { id: `cover-${i}`, kind: 'cover', devices: [], labels: { set }, area: null, grid: null, lon: null, lat: null, permits: [] } })
  const messagesPerSecond = rate(city, seconds, (size) => city.batch(size, () => 'cover', tilt))
  const judged = set ? 5 : rules.length
  return { rules: rules.length, messagesPerSecond, evaluationsPerSecond: messagesPerSecond * judged }
}

/** CPU time of `step` alone: making the records is not the engine's work. */
function rate(city: City, seconds: number, make: (size: number) => JournalRecord[]): number {
  city.engine.step(make(DEVICES * 3))
  let [spent, done] = [0, 0]
  while (spent < seconds * 1e6) {
    const records = make(2000)
    const before = process.cpuUsage()
    city.engine.step(records)
    const { user, system } = process.cpuUsage(before)
    spent += user + system
    done += records.length
  }
  return done / (spent / 1e6)
}

const MIX: readonly (readonly [Kind, (n: number) => object])[] = [
  ['cover', (n) => ({ tiltDeg: n % 3, displaced: false, waterMm: 100 + (n % 50), batteryPct: 90, ch4Lel: 0, h2sPpm: 0, tempC: 20 })],
  ['vehicle', (n) => ({ lon: 121.39 + (n % 100) * 1e-5, lat: 37.53, speedKmh: 30 + (n % 20), ignition: true, load: 'full', lid: 'closed', bed: 'flat' })],
  ['vehicle', (n) => ({ lon: 121.4 + (n % 100) * 1e-5, lat: 37.54, speedKmh: 40, ignition: true, load: 'empty', lid: 'closed', bed: 'flat' })],
  ['scene', (n) => ({ objects: [{ label: 'car', score: 0.8, box: [0.1 + (n % 50) * 1e-3, 0.5, 0.1, 0.1], track: `t${n % 5}`, zones: ['road'] }] })],
]

function measureBook(seconds: number): RulesBench['book'] {
  const city = new City()
  const files = readdirSync(BOOK).filter((name) => name.endsWith('.yaml') && !name.endsWith('.scenario.yaml') && name !== 'calendars.yaml')
  for (const name of files) {
    const source = readFileSync(join(BOOK, name), 'utf8')
    const parent = parentOf(source)
    city.rule(name.replace('.yaml', ''), source, parent === undefined ? undefined : readFileSync(join(BOOK, `${parent}.yaml`), 'utf8'))
  }
  const pick = (n: number) => MIX[n % MIX.length] ?? MIX[0]
  const messagesPerSecond = rate(city, seconds, (size) =>
    city.batch(
      size,
      (n) => pick(n)?.[0] ?? 'cover',
      (n) => pick(n)?.[1](n) ?? {},
    ),
  )
  const onKind = (kind: Kind): number => [...city.engine.state.rules.values()].filter(({ live }) => live?.file.on === kind).length
  const perMessage = MIX.reduce((sum, [kind]) => sum + onKind(kind), 0) / MIX.length
  return { rules: city.engine.state.rules.size, messagesPerSecond, evaluationsPerSecond: messagesPerSecond * perMessage }
}

function memory(): RulesBench['memory'] {
  const city = new City()
  const before = heap()
  const rules = coverRules(2000, () => '')
  for (const { id, source } of rules) city.rule(id, source)
  const kbPerRule = (heap() - before) / 1024 / rules.length
  const one = new City()
  for (const { id, source } of coverRules(1, () => '')) one.rule(id, source)
  const empty = heap()
  const keys = 50_000
  one.engine.step(
    one.batch(
      keys,
      () => 'cover',
      () => ({ tiltDeg: 40 }),
      keys,
    ),
  )
  return { kbPerRule, goalKb: 10, bytesPerKey: (heap() - empty) / keys }
}

function heap(): number {
  if (!globalThis.gc) throw new Error('run with --expose-gc')
  globalThis.gc()
  return process.memoryUsage().heapUsed
}

function snapshot(keys: number): RulesBench['snapshot'] {
  const city = new City()
  for (const { id, source } of coverRules(1, () => '')) city.rule(id, source)
  city.engine.step(
    city.batch(
      keys,
      () => 'cover',
      () => ({ tiltDeg: 40 }),
      keys,
    ),
  )
  const start = performance.now()
  const frozen = freeze(city.engine.state)
  const freezeMs = performance.now() - start
  const again = performance.now()
  const state = thaw(frozen)
  if (state?.assets.size !== keys) throw new Error('the snapshot lost keys')
  return { keys, bytes: frozen.pieces.reduce((sum, piece) => sum + Buffer.byteLength(piece), 0), freezeMs, thawMs: performance.now() - again }
}

/** `npm run bench -- rules [--seconds N] [--json]`. */
export async function runRulesBench(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({ args: [...args], options: { seconds: { type: 'string', default: '3' }, json: { type: 'boolean', default: false } } })
  const result = benchRules(Number(values.seconds), (line) => process.stderr.write(`${line}\n`))
  process.stdout.write(values.json ? `${JSON.stringify(result)}\n` : `${JSON.stringify(result, undefined, 2)}\n`)
}
