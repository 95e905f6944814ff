import { expect, it } from 'vitest'
import { isEnded, isReturn, mayBeVoided, ROAD, usualMoves } from './moves.ts'

it('every step of the main road leads to the next', () => {
  for (const [index, state] of ROAD.slice(0, -1).entries()) expect(usualMoves(state)).toContain(ROAD[index + 1])
})

it('what has ended for good offers nothing', () => {
  for (const state of ['evaluated', 'rejected', 'void'] as const) expect([usualMoves(state), mayBeVoided(state), isEnded(state)]).toEqual([[], false, true])
})

it.each([
  ['checking', 'handling', true],
  ['dispatched', 'registered', true],
  ['handling', 'feedback', false],
  ['reported', 'rejected', false],
] as const)('%s → %s is a return: %s', (from, to, expected) => {
  expect(isReturn(from, to)).toBe(expected)
})
