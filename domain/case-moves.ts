import type { CaseState } from './case.ts'

/**
 * The way of a case (domain of GB/T 30428.8): taken in, looked at, registered, sent to a department, handled, checked,
 * closed, evaluated. `dispatched → registered` returns work that is not the department's; `checking → handling` is rework.
 * A file without schemas, so that the page may read it too.
 */
export const CASE_MOVES: Readonly<Record<CaseState, readonly CaseState[]>> = {
  reported: ['verifying', 'accepted', 'rejected'],
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
