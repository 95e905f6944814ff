import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Transition } from '../domain/alert.ts'
import { AssetSchema } from '../domain/asset.ts'
import type { Projected } from '../domain/projection.ts'
import type { JournalRecord } from '../domain/record.ts'
import { Engine } from './engine.ts'
import { MemoryHistory } from './memory-history.ts'
import { freeze, thaw } from './snapshot.ts'

export const START = Date.UTC(2026, 0, 5)

export function bookRule(id: string): string {
  return readFileSync(join(import.meta.dirname, 'book', `${id}.yaml`), 'utf8')
}

/** An engine with a journal written by hand; times are seconds from START. */
export class Hand {
  engine: Engine
  readonly said: Projected[] = []
  readonly history = new MemoryHistory()
  #offset = 0

  constructor() {
    this.engine = new Engine(this.history)
  }

  feed(clock: number, record: object): Transition[] {
    const full = { ...record, offset: ++this.#offset, receivedAt: START + clock * 1000 } as JournalRecord
    if (full.type === 'observation') this.history.add(full)
    const out = this.engine.step([full])
    this.said.push(...out)
    return out.filter((each) => each.type === 'transition')
  }

  rule(id: string, source = bookRule(id), version = 1, clock = 0): Transition[] {
    return this.feed(clock, { type: 'rule', by: 't', id, version, state: 'live', source, note: '' })
  }

  asset(clock: number, asset: { id: string; [field: string]: unknown }): Transition[] {
    return this.feed(clock, { type: 'asset', by: 't', asset: AssetSchema.parse({ kind: 'cover', ...asset }) })
  }

  zone(clock: number, id: string, zone: object): Transition[] {
    return this.feed(clock, { type: 'zone', by: 't', asset: AssetSchema.parse({ id, kind: 'zone', zone }) })
  }

  seconds(at: number): number {
    return (at - START) / 1000
  }

  cover(device: string, at: number, fields: object, clock = at, gateway = 'gw'): Transition[] {
    return this.observe('cover', device, at, fields, clock, gateway)
  }

  observe(kind: string, device: string, at: number, fields: object, clock = at, gateway = 'gw'): Transition[] {
    return this.feed(clock, { type: 'observation', kind, device, gateway, at: START + at * 1000, payload: { at: START + at * 1000, ...fields } })
  }

  tick(clock: number): Transition[] {
    return this.feed(clock, { type: 'tick' })
  }

  /** The engine stops and starts again from its snapshot. */
  restart(): void {
    const state = thaw(freeze(this.engine.state))
    if (!state) throw new Error('the snapshot cannot be read')
    this.engine = new Engine(this.history, state)
  }

  get transitions(): Transition[] {
    return this.said.filter((each) => each.type === 'transition')
  }
}

/** `what rule key` of each transition, for short expectations. */
export const brief = (transitions: readonly Transition[]): string[] => transitions.map(({ what, rule, key }) => `${what} ${rule} ${key}`)
