import type { Kysely } from 'kysely'
import type { Transition } from '../../domain/alert.ts'
import { canonical } from '../../domain/canonical.ts'
import type { Offset } from '../../domain/ids.ts'
import type { Projected } from '../../domain/projection.ts'
import type { Schema } from './schema.ts'

/** A transition as it was recorded: canonical JSON (RFC 8785), so that replay compares texts. */
export interface RecordedTransition {
  offset: Offset
  n: number
  json: string
}

/** The text that a replayed transition is compared with; what only projection adds to it is left out (S14). */
export function transitionText(transition: Transition | Extract<Projected, { type: 'transition' }>): string {
  const { type: _type, receivedAt: _receivedAt, ...own } = { type: undefined, receivedAt: undefined, ...transition }
  return canonical(own)
}

export function transitionsTable(db: Kysely<Schema>) {
  return {
    /** False when it was recorded before. */
    async add(transition: Transition): Promise<boolean> {
      const row = { offset: transition.offset, n: transition.n, alert: transition.alert, shadow: Number(transition.shadow), json: transitionText(transition) }
      const { numInsertedOrUpdatedRows } = await db
        .insertInto('transitions')
        .values(row)
        .onConflict((conflict) => conflict.doNothing())
        .executeTakeFirst()
      return numInsertedOrUpdatedRows === 1n
    },

    /** At most `limit` after (offset, n) and up to `to`, in that order. */
    async read(after: { offset: Offset; n: number }, to: Offset, limit: number): Promise<RecordedTransition[]> {
      return db
        .selectFrom('transitions')
        .select(['offset', 'n', 'json'])
        .where(({ eb, refTuple, tuple }) => eb(refTuple('offset', 'n'), '>', tuple(after.offset, after.n)))
        .where('offset', '<=', to)
        .orderBy('offset')
        .orderBy('n')
        .limit(limit)
        .execute()
    },
  }
}
