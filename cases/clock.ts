import type { Dispatch } from '../domain/rule.ts'
import { type Instant, parseDuration } from '../domain/time.ts'

/** When the work must be done: so long after the thing began in the world, not after somebody got round to dispatching it. */
export function dueAt(openedAt: Instant, dispatch: Dispatch | null): Instant | null {
  const within = dispatch?.within === undefined ? undefined : parseDuration(dispatch.within)
  return within === undefined ? null : openedAt + within
}
