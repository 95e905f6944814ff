import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { AssetSchema } from '../../domain/asset.ts'
import type { Observation } from '../../domain/observation.ts'
import type { Projected } from '../../domain/projection.ts'
import type { Control, ControlRecord, JournalRecord } from '../../domain/record.ts'
import { Engine } from '../../rules/engine.ts'
import { MemoryHistory } from '../../rules/memory-history.ts'

export const BEGIN = Date.UTC(2026, 0, 5)

export function bookRule(id: string): string {
  return readFileSync(join(import.meta.dirname, '../../rules/book', `${id}.yaml`), 'utf8')
}

export function ruleControl(source: string, version = 1): Control {
  const id = /^rule: (\S+)/m.exec(source)?.[1] ?? ''
  return { type: 'rule', by: 't', id, version, state: 'live', source, note: '' }
}

export function assetControl(asset: { id: string; [field: string]: unknown }): Control {
  return { type: 'asset', by: 't', asset: AssetSchema.parse({ kind: 'cover', ...asset }) }
}

/** Something that reaches the platform at a time. */
export type Arrival = { receivedAt: number } & ({ control: Control } | { kind: Observation['kind']; device: string; at: number; fields: object })

/** A city that lives: its journal, what its engine said, ticks where it asked for one. */
export class World {
  readonly records: JournalRecord[] = []
  readonly said: Projected[] = []
  readonly history = new MemoryHistory()
  readonly #engine = new Engine(this.history)

  constructor(arrivals: readonly Arrival[], until: number) {
    for (const arrival of arrivals) {
      this.#tickUntil(arrival.receivedAt)
      if ('control' in arrival) this.#feed(arrival.control, arrival.receivedAt)
      else {
        const { kind, device, at, fields, receivedAt } = arrival
        this.#feed({ type: 'observation', kind, device, gateway: 'gw', at, payload: { at, ...fields } }, receivedAt)
      }
    }
    this.#tickUntil(until)
  }

  get observations(): Observation[] {
    return this.records.filter((record): record is Observation => record.type === 'observation')
  }

  get controls(): ControlRecord[] {
    return this.records.filter((record): record is ControlRecord => record.type !== 'observation' && record.type !== 'tick' && record.type !== 'rule')
  }

  #tickUntil(clock: number): void {
    while (this.#engine.nextWake < clock) this.#feed({ type: 'tick' }, this.#engine.nextWake)
  }

  #feed(record: object, receivedAt: number): void {
    const full = { ...record, offset: this.records.length + 1, receivedAt } as JournalRecord
    this.records.push(full)
    // As the engine's thread does: into the history first.
    if (full.type === 'observation') this.history.add(full)
    this.said.push(...this.#engine.step([full]))
  }
}
