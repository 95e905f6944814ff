import type { Principal } from '../role.ts'
import type { Matchers, SilenceKind, SilenceView } from '../silence.ts'
import type { Instant } from '../time.ts'
import type { Page, PageQuery } from './alerts.ts'

export interface SilenceQuery extends PageQuery {
  state?: readonly string[]
}

export interface SilenceOrder {
  kind: SilenceKind
  matchers: Matchers
  /** null: from now on. */
  from: Instant | null
  to: Instant
  reason: string
}

/**
 * Silences as people make them, journalled first. Whoever may see only an area silences only within it: one that names
 * no place is narrowed to that area, and its answer says so.
 */
export interface Silences {
  /** Newest first; those that touch the caller's area. */
  list(query: SilenceQuery, who: Principal): Promise<Page<SilenceView>>
  /** Throws `request.invalid`, `silence.too_long`, and `not_found` for what lies outside of the caller's area. */
  create(order: SilenceOrder, who: Principal): Promise<SilenceView>
  /** Ends it now; it stays in the history. Throws `silence.over`, and `auth.forbidden` for one that reaches beyond the caller's area. */
  end(id: string, who: Principal): Promise<SilenceView>
}
