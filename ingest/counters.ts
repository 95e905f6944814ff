import type { ErrorCode } from '../domain/errors.ts'

/**
 * Promise 5: `received = kept + duplicate + frames + rejected(code) + failed`, at any moment.
 * `kept` is in the journal, `duplicate` was in it already, `frames` were handed on, `failed` could not be written and
 * got no PUBACK. `unacknowledged` says how many of the received came with QoS 0, for which MQTT has no acknowledgement.
 */
export interface IntakeCounters {
  received: number
  kept: number
  duplicate: number
  frames: number
  rejected: Partial<Record<ErrorCode, number>>
  failed: number
  unacknowledged: number
}

/** Why the broker turned something away before it counted as received. */
export type Refusal =
  | 'connections'
  | 'connections_per_user'
  | 'client_id'
  | 'credentials'
  | 'unavailable'
  | 'will'
  | 'publish_topic'
  | 'subscribe_topic'
  | 'packet_too_large'
  | 'protocol'
  | 'keepalive'
  /** No CONNECT came in time. */
  | 'timeout'
  /** Did not take what it was sent. */
  | 'slow'

export interface BrokerCounters {
  /** Open now. */
  connections: number
  refused: Partial<Record<Refusal, number>>
  /** Messages whose acknowledgement was held back to slow a gateway down. */
  throttled: number
}

export type Counters = IntakeCounters & BrokerCounters

export function noIntake(): IntakeCounters {
  return { received: 0, kept: 0, duplicate: 0, frames: 0, rejected: {}, failed: 0, unacknowledged: 0 }
}

/** Adds `by` to a name in a table of counts. */
export function count<Name extends string>(table: Partial<Record<Name, number>>, name: Name, by = 1): void {
  table[name] = (table[name] ?? 0) + by
}

/** Adds what one commit counted to the whole. */
export function addCounters(total: IntakeCounters, more: IntakeCounters): void {
  total.received += more.received
  total.kept += more.kept
  total.duplicate += more.duplicate
  total.frames += more.frames
  total.failed += more.failed
  total.unacknowledged += more.unacknowledged
  for (const [code, times] of Object.entries(more.rejected)) count(total.rejected, code as ErrorCode, times)
}

/** True when nothing was lost from sight (promise 5). */
export function balanced({ received, kept, duplicate, frames, rejected, failed }: IntakeCounters): boolean {
  return received === kept + duplicate + frames + failed + Object.values(rejected).reduce((sum, times) => sum + times, 0)
}
