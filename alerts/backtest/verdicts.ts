import type { BacktestAlert } from '../../domain/authoring.ts'
import { formatInstant } from '../../domain/time.ts'
import type { AlertSpan } from '../../store/book/rule-alerts.ts'
import { overlaps } from './match.ts'
import type { Outcome } from './outcomes.ts'

/** The book's alerts of a rule, to find in them what a run has raised: by id, else the one of the same key at the same time. */
export class KnownAlerts {
  readonly #byId: ReadonlyMap<string, AlertSpan>
  readonly #byKey: ReadonlyMap<string, AlertSpan[]>

  constructor(alerts: readonly AlertSpan[]) {
    this.#byId = new Map(alerts.map((alert) => [alert.id, alert]))
    this.#byKey = Map.groupBy(alerts, ({ key }) => key)
  }

  find(outcome: Outcome): AlertSpan | undefined {
    return this.#byId.get(outcome.id) ?? this.#byKey.get(outcome.key)?.find((each) => overlaps(each, outcome))
  }

  /** As people see it, with what operators said. */
  show(outcome: Outcome): BacktestAlert {
    const { key, asset, openedAt, resolvedAt, severity, values } = outcome
    const known = this.find(outcome)
    return {
      ...{ key, asset, severity, values },
      openedAt: formatInstant(openedAt),
      resolvedAt: resolvedAt === null ? null : formatInstant(resolvedAt),
      alert: known?.id ?? null,
      verdict: known?.verdict ?? null,
    }
  }
}

/** { confirmed: 2, false_alarm: 41, none: 3 } */
export function countVerdicts(alerts: readonly BacktestAlert[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { verdict } of alerts) counts[verdict ?? 'none'] = (counts[verdict ?? 'none'] ?? 0) + 1
  return counts
}
