import { expect, it } from 'vitest'
import type { Clause, RuleExplanation } from '../../domain/authoring.ts'
import { byLoudness, heldShare, marginShare } from './margins.ts'

it.each([
  [60_000, 60_000, 0],
  [60_000, 15_000, 0.75],
  [60_000, -5, 1],
  [0, 0, 1],
])('of a hold of %i with %i left the share %f is over', (forMs, leftMs, share) => {
  expect(heldShare({ since: '', forMs, leftMs })).toBe(share)
})

const operands = (...values: (number | null)[]): Clause['operands'] => values.map((value, index) => ({ text: String(index), value, ageMs: null }))

it.each([
  [-3, operands(12, 15), 0.2],
  [30, operands(45, 15), 2 / 3],
  [null, operands(1), undefined],
  [0, operands(0, 0), undefined],
  [5, operands(null), undefined],
])('a margin of %s beside %j fills %s of its bar', (margin, values, share) => {
  expect(marginShare(margin, values)).toBe(share)
})

it('puts what fires first, then what was nearest to it', () => {
  const why = (rule: string, outcome: RuleExplanation['outcome'], margin: number | null): RuleExplanation => ({
    ...{ rule, version: 1, state: 'live', key: 'k', outcome, because: { zh: '', en: '' }, hold: null, inTheWay: [], observation: null, alert: null },
    clauses: margin === null ? [] : [{ text: '', part: 'when', holds: false, operands: operands(10, 10), margin }],
  })
  const order = byLoudness([why('off', 'not_selected', null), why('far', 'idle', -8), why('near', 'idle', -1), why('on', 'firing', null)])
  expect(order.map(({ rule }) => rule)).toEqual(['on', 'near', 'far', 'off'])
})
