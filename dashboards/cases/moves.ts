import type { CaseState } from '../../domain/case.ts'

/**
 * The usual way of a case, to offer buttons before anything is asked. The platform decides: when it refuses a move,
 * the moves that it names take the place of these.
 */
const USUAL: Record<CaseState, readonly CaseState[]> = {
  reported: ['accepted', 'verifying', 'rejected'],
  verifying: ['accepted', 'rejected'],
  accepted: ['registered', 'rejected'],
  registered: ['dispatched', 'rejected'],
  dispatched: ['handling', 'registered'],
  handling: ['feedback', 'dispatched'],
  feedback: ['checking'],
  checking: ['closed', 'handling'],
  closed: ['evaluated'],
  evaluated: [],
  rejected: [],
  void: [],
}

/** The main road of a case, for the row of steps. */
export const ROAD = ['reported', 'accepted', 'registered', 'dispatched', 'handling', 'feedback', 'checking', 'closed', 'evaluated'] as const satisfies readonly CaseState[]

export function usualMoves(state: CaseState): readonly CaseState[] {
  return USUAL[state]
}

/** A case may be made void while it runs. */
export function mayBeVoided(state: CaseState): boolean {
  return USUAL[state].length > 0 && state !== 'closed'
}

export function isEnded(state: CaseState): boolean {
  return state === 'closed' || state === 'evaluated' || state === 'rejected' || state === 'void'
}

/** A move back: the case was sent to the wrong place or the work was not good. */
export function isReturn(from: CaseState, to: CaseState): boolean {
  const [a, b] = [ROAD.indexOf(from as never), ROAD.indexOf(to as never)]
  return a !== -1 && b !== -1 && b < a
}
