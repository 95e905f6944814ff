import type { Scalar, Transition } from '../../domain/alert.ts'
import type { Severity } from '../../domain/rule.ts'
import type { Instant } from '../../domain/time.ts'

/** An alert as a run leaves it behind. `id` is what the book would call it: the hash knows no version (S8). */
export interface Outcome {
  id: string
  key: string
  asset: string
  openedAt: Instant
  /** null: it stood at the end of the run. */
  resolvedAt: Instant | null
  severity: Severity
  values: Record<string, Scalar>
}

/** What became of the alerts of one version by event time `to`; what would happen later is not known and left out. */
export class Outcomes {
  readonly #to: Instant
  readonly #alerts = new Map<string, Outcome>()
  readonly #withdrawn = new Set<string>()

  constructor(to: Instant) {
    this.#to = to
  }

  note(transition: Transition): void {
    const { alert: id, key, asset, openedAt, severity, amended, values, what, at } = transition
    // An amendment speaks of the whole alert, so it counts even when its newest time lies beyond the end.
    if ((at > this.#to && what !== 'amended') || openedAt > this.#to) return
    const resolvedAt = transition.resolvedAt !== null && transition.resolvedAt > this.#to ? null : transition.resolvedAt
    this.#alerts.set(id, { id, key, asset, openedAt, resolvedAt, severity, values })
    if (amended === 'disproved' || amended === 'merged') this.#withdrawn.add(id)
    else this.#withdrawn.delete(id)
  }

  /** Those that were not withdrawn by later data, by their beginning. */
  list(): Outcome[] {
    return [...this.#alerts.values()].filter(({ id }) => !this.#withdrawn.has(id)).sort(byBeginning)
  }
}

/** Earliest first; equal beginnings by id, so that a list never depends on who ran it. */
export function byBeginning(a: Pick<Outcome, 'openedAt' | 'id'>, b: Pick<Outcome, 'openedAt' | 'id'>): number {
  return a.openedAt - b.openedAt || (a.id < b.id ? -1 : 1)
}
