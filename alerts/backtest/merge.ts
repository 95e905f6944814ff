import type { BacktestResult } from '../../domain/authoring.ts'
import { listed, MOST_LISTED, type PartResult } from './messages.ts'

type Sum = Omit<PartResult, 'differences'>

/** Several parts of a city as one result. */
export function mergeParts(parts: readonly PartResult[]): Sum {
  const counts: BacktestResult['counts'] = { live: 0, edit: 0, same: 0, added: 0, removed: 0, changed: 0 }
  const verdicts: Record<string, number> = {}
  for (const part of parts) {
    for (const name of Object.keys(counts) as (keyof typeof counts)[]) counts[name] += part.counts[name]
    for (const [verdict, n] of Object.entries(part.verdicts)) verdicts[verdict] = (verdicts[verdict] ?? 0) + n
  }
  const charts = parts.filter(({ chart }) => chart !== null).sort((a, b) => b.differences - a.differences || ((a.chart?.asset ?? '') < (b.chart?.asset ?? '') ? -1 : 1))
  return {
    counts,
    verdicts,
    observations: parts.reduce((sum, { observations }) => sum + observations, 0),
    register: parts.some(({ register }) => register === 'now') ? 'now' : 'then',
    added: listed(parts.flatMap(({ added }) => added)),
    removed: listed(parts.flatMap(({ removed }) => removed)),
    changed: parts
      .flatMap(({ changed }) => changed)
      .sort((a, b) => (a.before.openedAt < b.before.openedAt ? -1 : 1))
      .slice(0, MOST_LISTED),
    chart: charts[0]?.chart ?? null,
  }
}
