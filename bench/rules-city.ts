import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Kind } from '../domain/fields.ts'
import type { JournalRecord } from '../domain/record.ts'
import { Engine } from '../rules/engine.ts'
import { MemoryHistory } from '../rules/memory-history.ts'
import { parentOf } from '../rules/source.ts'

const BOOK = join(import.meta.dirname, '../rules/book')
const START = Date.UTC(2026, 0, 5)
export const DEVICES = 1000

/** A journal written in memory. */
export class City {
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

  /** Observations of all kinds. */
  mixed(size: number): JournalRecord[] {
    const [kind, payload] = [(n: number) => saysAt(n)[0], (n: number) => saysAt(n)[1](n)]
    return this.batch(size, kind, payload)
  }
}

function saysAt(n: number): (typeof MIX)[number] {
  return MIX[n % MIX.length] as (typeof MIX)[number]
}

/** Messages per second of CPU time of `step` alone: making the records is not the engine's work. */
export function rate(city: City, seconds: number, make: (size: number) => JournalRecord[]): number {
  const spent = batches(city, seconds, make)
  return 1e6 / (spent.reduce((sum, us) => sum + us, 0) / spent.length)
}

/** The same batch by batch, in µs a message. */
export function batches(city: City, seconds: number, make: (size: number) => JournalRecord[]): number[] {
  city.engine.step(make(DEVICES * 3))
  const each: number[] = []
  for (let spent = 0; spent < seconds * 1e6; ) {
    const records = make(BATCH)
    const before = process.cpuUsage()
    city.engine.step(records)
    const { user, system } = process.cpuUsage(before)
    spent += user + system
    each.push((user + system) / BATCH)
  }
  return each
}

const BATCH = 2000

/** Rules of the book with the sources of those that they extend. */
export function book(): { id: string; source: string; base: string | undefined }[] {
  const files = readdirSync(BOOK).filter((name) => name.endsWith('.yaml') && !name.endsWith('.scenario.yaml') && name !== 'calendars.yaml')
  return files.map((name) => {
    const source = readFileSync(join(BOOK, name), 'utf8')
    const parent = parentOf(source)
    return { id: name.replace('.yaml', ''), source, base: parent === undefined ? undefined : readFileSync(join(BOOK, `${parent}.yaml`), 'utf8') }
  })
}

/** What a city's devices say, one kind after the other. */
export const MIX: readonly (readonly [Kind, (n: number) => object])[] = [
  ['cover', (n) => ({ tiltDeg: n % 3, displaced: false, waterMm: 100 + (n % 50), batteryPct: 90, ch4Lel: 0, h2sPpm: 0, tempC: 20 })],
  ['vehicle', (n) => ({ lon: 121.39 + (n % 100) * 1e-5, lat: 37.53, speedKmh: 30 + (n % 20), ignition: true, load: 'full', lid: 'closed', bed: 'flat' })],
  ['vehicle', (n) => ({ lon: 121.4 + (n % 100) * 1e-5, lat: 37.54, speedKmh: 40, ignition: true, load: 'empty', lid: 'closed', bed: 'flat' })],
  ['scene', (n) => ({ objects: [{ label: 'car', score: 0.8, box: [0.1 + (n % 50) * 1e-3, 0.5, 0.1, 0.1], track: `t${n % 5}`, zones: ['road'] }] })],
]
