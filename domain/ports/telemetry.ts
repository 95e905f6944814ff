import type { Kind } from '../fields.ts'
import type { Offset } from '../ids.ts'
import type { Instant } from '../time.ts'
import type { Page, PageQuery } from './alerts.ts'

export interface ObservationQuery extends PageQuery {
  device?: string
  kind?: Kind
  from?: Instant
  to?: Instant
  /** At most one observation per device in each stretch of this many ms. */
  every?: number
}
/** As sent, plus `device, kind, gateway, receivedAt, offset`. */
export type ObservationView = Record<string, unknown> & { device: string; kind: Kind; gateway: string; receivedAt: string; offset: Offset }

export interface RejectView {
  at: string
  gateway: string
  topic: string
  code: string
  why: string
  bytes: number
}
/** What is known of a device's clock and sequence. */
export interface LedgerView {
  device: string
  gateway: string
  firstSeen: string
  lastSeen: string
  received: number
  duplicates: number
  rejected: number
  gaps: { boot: string; from: number; to: number }[]
  /** Median of receivedAt − at, in ms; negative when the device's clock is ahead. */
  skewMs: number
  clock: 'ok' | 'ahead'
}

/** What came in. Reads see everything that was acknowledged before the call. */
export interface Telemetry {
  observations(query: ObservationQuery): Promise<Page<ObservationView>>
  ledger(query: PageQuery & { device?: string }): Promise<Page<LedgerView>>
  rejects(query: PageQuery & { gateway?: string }): Promise<Page<RejectView>>
}
