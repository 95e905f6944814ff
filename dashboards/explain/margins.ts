import type { Clause, RuleExplanation } from '../../domain/authoring.ts'

/** How much of a hold is over, 0–1; one that needs no time is over at once. */
export function heldShare({ forMs, leftMs }: NonNullable<RuleExplanation['hold']>): number {
  return forMs <= 0 ? 1 : Math.min(1, Math.max(0, 1 - leftMs / forMs))
}

/** A margin as a share of the largest number that is compared, 0–1, so that bars of one rule can be set side by side; undefined without numbers. */
export function marginShare(margin: number | null, operands: Clause['operands']): number | undefined {
  if (margin === null) return undefined
  const sizes = operands.flatMap(({ value }) => (typeof value === 'number' ? [Math.abs(value)] : []))
  const scale = Math.max(...sizes, 0)
  return scale === 0 ? undefined : Math.min(1, Math.abs(margin) / scale)
}

const LOUD = ['firing', 'recovering', 'pending', 'quiet', 'idle', 'not_selected'] as const satisfies readonly RuleExplanation['outcome'][]

/** Nothing holds of it: one line tells enough until it is asked. */
export const isCalm = ({ outcome }: RuleExplanation): boolean => outcome === 'idle' || outcome === 'not_selected'

/** What fires first, what never applied last; between equals the one that was nearest to turning. */
export function byLoudness(rules: readonly RuleExplanation[]): RuleExplanation[] {
  const nearest = ({ clauses }: RuleExplanation): number =>
    Math.min(...clauses.flatMap(({ holds, margin, operands }) => (holds === false ? [marginShare(margin, operands) ?? 1] : [])), 1)
  return rules.toSorted((a, b) => LOUD.indexOf(a.outcome) - LOUD.indexOf(b.outcome) || nearest(a) - nearest(b))
}
