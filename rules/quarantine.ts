import { messageOf } from '../domain/errors.ts'
import type { CompiledRule } from './rule.ts'
import type { EngineState, Quarantine } from './state.ts'

/**
 * A rule cannot stop the engine (S18). One that throws is passed over and out from the next record on: a replay finds the
 * same by itself. One that takes too long can only be stopped from outside; its record says from where on it is out, and
 * whoever runs the engine over that place again gives it the quarantines that stand further on in the journal.
 */
export function blame(state: EngineState, rule: CompiledRule, thrown: unknown): void {
  if (state.faults.some((fault) => fault.rule === rule.id && fault.version === rule.version)) return
  state.faults.push({ rule: rule.id, version: rule.version, from: state.offset + 1, why: messageOf(thrown) })
}

/** By which `state.quarantined` knows a version. */
export function versionKey({ rule, version }: Pick<Quarantine, 'rule' | 'version'>): string {
  return `${rule}@${version}`
}

/** Quarantines in the order in which they begin, each once. */
export class Ahead {
  readonly #waiting: Quarantine[]
  readonly #known: Set<string>

  constructor(quarantines: readonly Quarantine[], after: number) {
    this.#waiting = quarantines.filter(({ from }) => from > after).sort((a, b) => a.from - b.from)
    this.#known = new Set(quarantines.map(nameOf))
  }

  /** Those that begin by `offset`. */
  due(offset: number): Quarantine[] {
    const end = this.#waiting.findIndex(({ from }) => from > offset)
    return this.#waiting.splice(0, end < 0 ? this.#waiting.length : end)
  }

  get waiting(): boolean {
    return this.#waiting.length > 0
  }

  /** Whether it is new; from now on it is not. */
  isNew(quarantine: Quarantine): boolean {
    const name = nameOf(quarantine)
    if (this.#known.has(name)) return false
    this.#known.add(name)
    return true
  }
}

function nameOf(quarantine: Quarantine): string {
  return `${versionKey(quarantine)} ${quarantine.from}`
}
