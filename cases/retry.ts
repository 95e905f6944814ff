import type { DeskOutcome } from '../domain/ports/desk.ts'
import { HOUR, type Instant, MINUTE, SECOND } from '../domain/time.ts'
import type { Delivery } from '../store/book/deliveries.ts'

/** How long to wait after the first, second … failed attempt (Standard Webhooks: ten attempts over about three days). */
export const RETRY_MS = [5 * SECOND, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 20 * HOUR, 24 * HOUR]
/** Up to this share longer, so that a desk which comes back does not meet everything at once. */
const JITTER = 0.2

export type Settled = Pick<Delivery, 'state' | 'attempts' | 'nextAt' | 'lastError' | 'reference'>

/** What becomes of a delivery after an attempt that ended at `now`; `chance` is in [0, 1). After `before` it is not tried again. */
export function settle(delivery: Pick<Delivery, 'attempts' | 'nextAt'>, outcome: DeskOutcome, now: Instant, chance: number, before = Infinity): Settled {
  const attempts = delivery.attempts + 1
  if (outcome.outcome === 'delivered') return { state: 'delivered', attempts, nextAt: now, lastError: null, reference: outcome.reference ?? null }
  const failed = { attempts, lastError: outcome.why, reference: null }
  const wait = outcome.retry ? RETRY_MS[attempts - 1] : undefined
  const asked = outcome.retry ? (outcome.afterMs ?? 0) : 0
  const nextAt = wait === undefined ? Infinity : now + Math.max(Math.round(wait * (1 + JITTER * chance)), asked)
  return nextAt < before ? { ...failed, state: 'pending', nextAt } : { ...failed, state: 'dead', nextAt: now }
}
