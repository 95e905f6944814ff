import { describe, expect, it } from 'vitest'
import { CASE_OVER, CASE_STATES, type CaseState } from '../domain/case.ts'
import { assetOf, NINE } from '../fixtures/records.ts'
import { dueAt } from './clock.ts'
import { departmentFor, levelFor } from './responsibility.ts'
import { allowedMoves, checkMove, firstState, isOpen, mayMove } from './workflow.ts'

const WAYS: Record<CaseState, CaseState[]> = {
  reported: ['verifying', 'accepted', 'rejected', 'void'],
  verifying: ['accepted', 'rejected', 'void'],
  accepted: ['registered', 'rejected', 'void'],
  registered: ['dispatched', 'rejected', 'void'],
  dispatched: ['handling', 'registered', 'void'],
  handling: ['feedback', 'dispatched', 'void'],
  feedback: ['checking', 'void'],
  checking: ['closed', 'handling', 'void'],
  closed: ['evaluated', 'void'],
  evaluated: [],
  rejected: [],
  void: [],
}
const PAIRS = CASE_STATES.flatMap((from) => CASE_STATES.map((to) => [from, to, WAYS[from].includes(to)] as const))

describe('the way of a case', () => {
  it.each(PAIRS)('%s → %s: %s', (from, to, legal) => {
    expect(mayMove(from, to)).toBe(legal)
    if (legal) expect(() => checkMove(from, to)).not.toThrow()
    else expect(() => checkMove(from, to)).toThrow(expect.objectContaining({ code: 'case.illegal_move', extra: { allowed: WAYS[from] } }))
  })

  it('leads from the first state of every type to an end', () => {
    for (const type of ['incident', 'maintenance']) {
      const reached = new Set<CaseState>([firstState(type)])
      for (const state of reached) for (const next of allowedMoves(state)) reached.add(next)
      for (const end of ['evaluated', 'rejected', 'void'] as const) expect(reached).toContain(end)
    }
  })

  it.each(CASE_STATES)('%s is open exactly if its work is not over (S12)', (state) => {
    expect(isOpen(state)).toBe(!CASE_OVER.includes(state))
  })
})

describe('clock and responsibility', () => {
  it.each([
    ['15m after it began', { to: 'department', within: '15m' }, NINE + 15 * 60_000],
    ['no time was set', { to: 'department' }, null],
    ['nobody is sent', null, null],
  ])('due: %s', (_why, dispatch, due) => {
    expect(dueAt(NINE, dispatch)).toBe(due)
  })

  it.each([
    ['the one that the register names', { to: 'department' }, 'Water', 'Water'],
    ['the one that the rule names', { to: 'Fire' }, 'Water', 'Fire'],
    ['nobody is sent, the register still knows whose it is', null, 'Water', 'Water'],
    ['nobody knows', { to: 'department' }, null, null],
  ])('department: %s', (_why, dispatch, department, expected) => {
    expect(departmentFor(dispatch, assetOf({ id: 'c', department }))).toBe(expected)
  })

  it.each([
    ['120116001', '120116001002003', 'grid'],
    ['120116001', null, 'street'],
    ['120116', null, 'district'],
    [null, null, 'district'],
  ])('level of %s, %s: %s', (area, grid, expected) => {
    expect(levelFor(area, grid)).toBe(expected)
  })
})
