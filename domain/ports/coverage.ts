import type { BlindCause, LookCounts } from '../coverage.ts'
import type { Principal } from '../role.ts'
import type { Instant } from '../time.ts'
import type { Page, PageQuery } from './alerts.ts'

export interface CoverageQuery extends PageQuery {
  camera?: string
  algorithm?: string
  from: Instant
  to: Instant
}

/** How a stretch of time went: what became of the frames, and how long the newest look was older than its interval. */
export interface CoverageStretch extends LookCounts {
  /** Without the time off duty. */
  blindMinutes: number
  /** Minutes by cause, those off duty too. */
  causes: Partial<Record<BlindCause, number>>
}

/** A camera × algorithm over a stretch of time. */
export interface CoverageView extends CoverageStretch {
  camera: string
  algorithm: string
  /** The cause of most blind minutes; null without any. */
  cause: BlindCause | null
  /** In order of time; hours of which nothing is known are left out. `at`: when the hour begins, RFC 3339. */
  hours: (CoverageStretch & { at: string })[]
}

/** What was looked at and what was not. Most blind minutes first; pairs of cameras in the caller's area. */
export interface CoverageReader {
  list(query: CoverageQuery, who: Principal): Promise<Page<CoverageView>>
}
