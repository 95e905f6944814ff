import type { Alert, AlertDetail, Verdict } from '../alert.ts'
import type { Principal } from '../role.ts'
import type { Instant } from '../time.ts'

/** A stretch of a list; `next` is the cursor of what follows, null at the end. */
export interface Page<T> {
  items: T[]
  next: string | null
}
export interface PageQuery {
  limit: number
  cursor?: string
}

export interface AlertQuery extends PageQuery {
  condition?: readonly string[]
  review?: readonly string[]
  severity?: readonly string[]
  /** `shown`, `quiet`, `all`, or reasons; several mean any of them. */
  attention?: readonly string[]
  rule?: string
  asset?: string
  area?: string
  from?: Instant
  to?: Instant
}

/**
 * The book of alerts as people use it. What they decide is appended to the journal first and shows here once it is
 * projected; a call returns after that. An alert outside the caller's area is `not_found`.
 */
export interface Alerts {
  /** Newest `raisedAt` first. */
  list(query: AlertQuery, who: Principal): Promise<Page<Alert>>
  get(id: string, who: Principal): Promise<AlertDetail>
  /** With `members` also every alert of its group that nobody has taken yet. */
  acknowledge(id: string, who: Principal, members?: boolean | undefined): Promise<Alert>
  /** With `members` also every alert of its group that nobody has judged yet. */
  judge(id: string, judgement: { verdict: Verdict; reason: string; members?: boolean | undefined }, who: Principal): Promise<Alert>
}
