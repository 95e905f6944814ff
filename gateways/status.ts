import type { GatewayStatus } from '../domain/gateway.ts'
import { formatInstant, type Instant, SECOND } from '../domain/time.ts'

/** A backlog older than this at connecting, or while draining, means that the gateway tells of the past. */
const FRESH_MS = 2 * SECOND
/** A connected gateway whose messages wait longer than this has fallen behind. */
const BEHIND_MS = 10 * SECOND

/** What a connected gateway should say of itself; silence of its devices means nothing while it drains (S3). */
export function stateOf(said: GatewayStatus['state'] | undefined, oldest: { queuedAt: Instant } | undefined, now: Instant): 'online' | 'draining' {
  if (!oldest) return 'online'
  return now - oldest.queuedAt > (said === 'online' ? BEHIND_MS : FRESH_MS) ? 'draining' : 'online'
}

/** The status message; `oldest` is the event time of the oldest message that still waits. */
export function statusText(state: GatewayStatus['state'], at: Instant, oldest?: { at: Instant }): string {
  return JSON.stringify({ state, at: formatInstant(at), ...(oldest && { oldest: formatInstant(oldest.at) }) } satisfies GatewayStatus)
}
