import { type Kysely, sql } from 'kysely'
import type { Instant } from '../../domain/time.ts'
import type { Schema } from './schema.ts'

/** What is asked of alerts beside the projection: whose vehicle it was, and whether cameras see what they deny. */
export type Asked = 'vehicle' | 'doubt'

/** A question that is to be asked (again). */
export interface Question {
  alert: string
  attempts: number
  /** Counts how often it was asked anew; an attempt that began before does not put off what was asked since. */
  turn: number
  /** The answer so far; null: it was not asked yet. */
  answer: unknown
}

/** Questions that history answers, and when to ask again, because late data may change the answer. */
export function questionsTable(db: Kysely<Schema>) {
  return {
    /** Asked anew from the first attempt on; the answer stays until there is another. */
    async ask(alert: string, about: Asked): Promise<void> {
      await db
        .insertInto('questions')
        .values({ alert, about, answer: null, attempts: 0, nextAt: 0, turn: 0 })
        .onConflict((conflict) => conflict.columns(['alert', 'about']).doUpdateSet(({ eb, ref }) => ({ attempts: 0, nextAt: 0, turn: eb(ref('questions.turn'), '+', 1) })))
        .execute()
    },

    async due(about: Asked, now: Instant, limit: number): Promise<Question[]> {
      const rows = await waiting(about).selectAll().where('nextAt', '<=', now).orderBy('nextAt').orderBy('alert').limit(limit).execute()
      return rows.map(({ alert, attempts, turn, answer }) => ({ alert, attempts, turn, answer: answer === null ? null : JSON.parse(answer) }))
    },

    /** When the next attempt is due; undefined if no alert waits. */
    async nextDue(about: Asked): Promise<Instant | undefined> {
      const row = await waiting(about).select('nextAt').orderBy('nextAt').limit(1).executeTakeFirst()
      return row?.nextAt ?? undefined
    },

    /** Asked again then; null: no more. Nothing changes when it was asked anew meanwhile. */
    async later({ alert, turn }: Question, about: Asked, attempts: number, nextAt: Instant | null): Promise<void> {
      await db.updateTable('questions').set({ attempts, nextAt }).where('alert', '=', alert).where('about', '=', about).where('turn', '=', turn).execute()
    },

    async answered(alert: string, about: Asked, answer: unknown): Promise<void> {
      await db
        .updateTable('questions')
        .set({ answer: JSON.stringify(answer) })
        .where('alert', '=', alert)
        .where('about', '=', about)
        .execute()
    },

    /** The answer so far; undefined if nobody asked, or nothing is known yet. */
    async answerOf(alert: string, about: Asked): Promise<unknown> {
      const row = await db.selectFrom('questions').select('answer').where('alert', '=', alert).where('about', '=', about).executeTakeFirst()
      return row?.answer ? JSON.parse(row.answer) : undefined
    },
  }

  function waiting(about: Asked) {
    // Written out: SQLite uses a partial index only where it can read the condition.
    return db.selectFrom('questions').where('about', '=', about).where(sql<boolean>`nextAt is not null`)
  }
}
