import type { Case, CaseState } from '../case.ts'
import type { OutEvent } from '../event.ts'
import type { Principal } from '../role.ts'
import type { Instant } from '../time.ts'
import type { Page, PageQuery } from './alerts.ts'

export interface CaseQuery extends PageQuery {
  state?: readonly string[]
  asset?: string
}

/** Cases as people move them. An illegal move throws `case.illegal_move` with `extra.allowed`. */
export interface Cases {
  list(query: CaseQuery, who: Principal): Promise<Page<Case>>
  get(id: string, who: Principal): Promise<Case>
  /** By hand, for example a maintenance order for an asset between two times. */
  open(order: { type: string; asset: string; from: Instant | null; to: Instant | null; note: string }, who: Principal): Promise<Case>
  /** Makes the case of an alert, with `members` of its whole group; asked twice, the same case. */
  dispatch(alert: string, order: { desk?: string; note: string; members?: boolean | undefined }, who: Principal): Promise<Case>
  move(id: string, move: { to: CaseState; note: string; photos: readonly string[] }, who: Principal): Promise<Case>
}

/** Alerts' and cases' events in order, for consumers that poll. */
export interface Events {
  after(seq: number, query: { types?: readonly string[]; limit: number }, who: Principal): Promise<{ items: OutEvent[]; next: number }>
}
