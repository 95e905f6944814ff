import type { BacktestResult } from '../../domain/authoring.ts'

/** What an edit would do to operators' work, as a tone: losing a confirmed alert is the one thing that must not pass unseen. */
export type Tone = 'loses' | 'gains' | 'neutral' | 'same'

export function toneOf({ counts, verdicts }: Pick<BacktestResult, 'counts' | 'verdicts'>): Tone {
  if ((verdicts.confirmed ?? 0) > 0) return 'loses'
  if (counts.added + counts.removed + counts.changed === 0) return 'same'
  return counts.removed > 0 && (verdicts.false_alarm ?? 0) * 2 >= counts.removed && counts.added <= counts.removed ? 'gains' : 'neutral'
}

/** Verdicts on the removed ones, the gravest first, those that nobody judged last. */
export function verdictCounts(verdicts: BacktestResult['verdicts']): [verdict: string, count: number][] {
  const ORDER = ['confirmed', 'unclear', 'benign', 'false_alarm', 'none']
  return Object.entries(verdicts)
    .filter(([, count]) => count > 0)
    .sort(([a], [b]) => ORDER.indexOf(a) - ORDER.indexOf(b))
}
