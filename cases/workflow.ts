import { CASE_OVER, type CaseState } from '../domain/case.ts'
import { CASE_MOVES } from '../domain/case-moves.ts'
import { CodedError } from '../domain/errors.ts'

/** Where a case may go from here; anything that still may go somewhere may also be declared void. */
export function allowedMoves(from: CaseState): CaseState[] {
  const onward = CASE_MOVES[from]
  return onward.length > 0 ? [...onward, 'void'] : []
}

export function mayMove(from: CaseState, to: CaseState): boolean {
  return allowedMoves(from).includes(to)
}

/** Throws `case.illegal_move` with `allowed` unless the case may go there. */
export function checkMove(from: CaseState, to: CaseState): void {
  if (mayMove(from, to)) return
  const allowed = allowedMoves(from)
  const where = allowed.length > 0 ? `only to ${allowed.join(', ')}` : 'nowhere any more'
  throw new CodedError('case.illegal_move', `A case that is ${from} cannot become ${to}; it may go ${where}.`, { extra: { allowed } })
}

/** What the engine is told: while this holds, a maintenance order informs the rules of its asset (S12). */
export function isOpen(state: CaseState): boolean {
  return !CASE_OVER.includes(state)
}

/**
 * Where a case begins. What sensors or people report must be looked at first; an order that the office itself plans is
 * already accepted, but it still has to be registered and sent out like any other work.
 */
export function firstState(type: string): CaseState {
  return type === 'maintenance' ? 'accepted' : 'reported'
}
