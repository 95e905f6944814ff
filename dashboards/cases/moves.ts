import type { CaseState } from '../../domain/case.ts'
import { CASE_MOVES } from '../../domain/case-moves.ts'

/** The main road of a case, for the row of steps. */
export const ROAD = ['reported', 'accepted', 'registered', 'dispatched', 'handling', 'feedback', 'checking', 'closed', 'evaluated'] as const satisfies readonly CaseState[]

/**
 * Moves to offer before anything is asked, the main road's first. The platform decides: when it refuses a move, the
 * moves that it names take the place of these.
 */
export function usualMoves(state: CaseState): readonly CaseState[] {
  const road: readonly CaseState[] = ROAD
  return CASE_MOVES[state].toSorted((a, b) => Number(road.includes(b)) - Number(road.includes(a)))
}

/** A case may be made void while it runs. */
export function mayBeVoided(state: CaseState): boolean {
  return CASE_MOVES[state].length > 0 && state !== 'closed'
}

export function isEnded(state: CaseState): boolean {
  return state === 'closed' || state === 'evaluated' || state === 'rejected' || state === 'void'
}

/** A move back: the case was sent to the wrong place or the work was not good. */
export function isReturn(from: CaseState, to: CaseState): boolean {
  const [a, b] = [ROAD.indexOf(from as never), ROAD.indexOf(to as never)]
  return a !== -1 && b !== -1 && b < a
}
