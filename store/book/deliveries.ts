import type { Kysely } from 'kysely'
import type { OutEvent } from '../../domain/event.ts'
import type { DeskStatus } from '../../domain/ports/desk.ts'
import type { Instant } from '../../domain/time.ts'
import type { DeliveryRow, Schema } from './schema.ts'

export type Delivery = DeliveryRow

/** What goes out to desks, and how far it has come. The book holds all of it: a crash forgets no delivery. */
export function deliveriesTable(db: Kysely<Schema>) {
  return {
    async add(desk: string, event: Pick<OutEvent, 'seq'>, lane: string): Promise<void> {
      await db
        .insertInto('deliveries')
        .values({ desk, seq: event.seq, lane, attempts: 0, nextAt: 0, state: 'pending', lastError: null, reference: null })
        .onConflict((conflict) => conflict.doNothing())
        .execute()
    },

    /** The oldest pending delivery of each lane that is due; lanes in `busy` are left out. */
    async due(desk: string, now: Instant, limit: number, busy: readonly string[]): Promise<Delivery[]> {
      return heads(db, desk, busy).where('nextAt', '<=', now).orderBy('seq').limit(limit).execute()
    },

    /** Pending deliveries of events of this type, oldest first; at most a thousand. */
    async pendingOf(desk: string, type: string): Promise<Delivery[]> {
      return db
        .selectFrom('deliveries')
        .innerJoin('events', 'events.seq', 'deliveries.seq')
        .selectAll('deliveries')
        .where('deliveries.desk', '=', desk)
        .where('deliveries.state', '=', 'pending')
        .where('events.type', '=', type)
        .orderBy('deliveries.seq')
        .limit(1000)
        .execute()
    },

    /** When the next head of a lane that is not `busy` is due; undefined if none waits. */
    async nextDue(desk: string, busy: readonly string[]): Promise<Instant | undefined> {
      const row = await heads(db, desk, busy).orderBy('nextAt').limit(1).executeTakeFirst()
      return row?.nextAt
    },

    async update(delivery: Pick<Delivery, 'desk' | 'seq'>, change: Partial<Omit<Delivery, 'desk' | 'seq' | 'lane'>>): Promise<void> {
      await db.updateTable('deliveries').set(change).where('desk', '=', delivery.desk).where('seq', '=', delivery.seq).execute()
    },

    async list(desk: string, state: Delivery['state'], limit: number): Promise<Delivery[]> {
      return db.selectFrom('deliveries').selectAll().where('desk', '=', desk).where('state', '=', state).orderBy('seq').limit(limit).execute()
    },

    /** Dead letters (all, or one) become pending again with a fresh schedule; says how many. */
    async revive(desk: string, seq?: number): Promise<number> {
      const { numUpdatedRows } = await db
        .updateTable('deliveries')
        .set({ state: 'pending', attempts: 0, nextAt: 0 })
        .where('desk', '=', desk)
        .where('state', '=', 'dead')
        .$if(seq !== undefined, (query) => query.where('seq', '=', seq ?? 0))
        .executeTakeFirst()
      return Number(numUpdatedRows)
    },

    /** How many there are in each state; to count those that were delivered takes long. */
    counts: (states: readonly Delivery['state'][]) => countsOf(db, states),

    /** What these desks are owed; without names, every desk that was ever sent anything. */
    async status(names?: readonly string[]): Promise<DeskStatus[]> {
      const asked = names ?? (await db.selectFrom('deliveries').select('desk').distinct().orderBy('desk').execute()).map(({ desk }) => desk)
      const counts = await countsOf(db, ['pending', 'dead'])
      const count = (desk: string, state: Delivery['state']): number => counts.find((row) => row.desk === desk && row.state === state)?.count ?? 0
      return Promise.all(
        asked.map(async (desk) => ({
          ...{ desk, pending: count(desk, 'pending'), dead: count(desk, 'dead') },
          disabled: (await disabledOf(db, desk)) ?? null,
          why: await lastErrorOf(db, desk),
        })),
      )
    },

    /** Why and since when a desk takes nothing; undefined while it does. */
    disabled: (desk: string) => disabledOf(db, desk),

    async setDisabled(desk: string, disabledAt: Instant | null, why: string): Promise<void> {
      await db
        .insertInto('desks')
        .values({ name: desk, disabledAt, why })
        .onConflict((conflict) => conflict.column('name').doUpdateSet({ disabledAt, why }))
        .execute()
    },
  }
}

async function countsOf(db: Kysely<Schema>, states: readonly Delivery['state'][]): Promise<{ desk: string; state: Delivery['state']; count: number }[]> {
  return db
    .selectFrom('deliveries')
    .select(['desk', 'state', ({ fn }) => fn.countAll<number>().as('count')])
    .where('state', 'in', states)
    .groupBy(['desk', 'state'])
    .execute()
}

async function disabledOf(db: Kysely<Schema>, desk: string): Promise<{ at: Instant; why: string } | undefined> {
  const row = await db.selectFrom('desks').selectAll().where('name', '=', desk).executeTakeFirst()
  return row?.disabledAt == null ? undefined : { at: row.disabledAt, why: row.why }
}

/** Why the newest dead letter died, else what the oldest that waits met last. */
async function lastErrorOf(db: Kysely<Schema>, desk: string): Promise<string | null> {
  const of = (state: Delivery['state'], order: 'asc' | 'desc') =>
    db.selectFrom('deliveries').select('lastError').where('state', '=', state).where('desk', '=', desk).orderBy('seq', order).limit(1).executeTakeFirst()
  return ((await of('dead', 'desc')) ?? (await of('pending', 'asc')))?.lastError ?? null
}

function heads(db: Kysely<Schema>, desk: string, busy: readonly string[]) {
  return db
    .selectFrom('deliveries')
    .selectAll()
    .where('desk', '=', desk)
    .where('state', '=', 'pending')
    .where('lane', 'not in', [...busy, ''])
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('deliveries as earlier')
            .select('earlier.seq')
            .whereRef('earlier.desk', '=', 'deliveries.desk')
            .whereRef('earlier.lane', '=', 'deliveries.lane')
            .where('earlier.state', '=', 'pending')
            .whereRef('earlier.seq', '<', 'deliveries.seq'),
        ),
      ),
    )
}
