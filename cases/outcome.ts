import type { DeskOutcome } from '../domain/ports/desk.ts'
import { DAY, type Instant, SECOND } from '../domain/time.ts'

/** A desk that says "slow down" without saying for how long. */
const SLOW_DOWN_MS = 30 * SECOND
const LONGEST_PAUSE_MS = DAY
const SLOW_DOWN = [429, 502, 504]
/** The body itself is refused, so the same body will be again. */
const REFUSED = [400, 413, 415, 422]

/** What an HTTP answer means (Standard Webhooks): 2xx done, 410 never again, 429, 502 and 504 slower, the rest another try. */
export function outcomeOf(status: number, retryAfter: string | undefined, now: Instant): DeskOutcome {
  const why = `HTTP ${status}`
  if (status >= 200 && status < 300) return { outcome: 'delivered' }
  if (status === 410) return { outcome: 'failed', retry: false, why, disable: true }
  if (REFUSED.includes(status)) return { outcome: 'failed', retry: false, why }
  const asked = waitOf(retryAfter, now) ?? (SLOW_DOWN.includes(status) ? SLOW_DOWN_MS : undefined)
  return { outcome: 'failed', retry: true, why, ...(asked !== undefined && { afterMs: Math.min(asked, LONGEST_PAUSE_MS) }) }
}

/** `Retry-After`: seconds, or a date; in ms from now. */
function waitOf(retryAfter: string | undefined, now: Instant): number | undefined {
  if (retryAfter === undefined) return undefined
  if (/^\d{1,9}$/.test(retryAfter)) return Number(retryAfter) * SECOND
  const at = Date.parse(retryAfter)
  return Number.isNaN(at) ? undefined : Math.max(0, at - now)
}
