import type { Kysely, Selectable } from 'kysely'
import type { Offset } from '../../domain/ids.ts'
import type { SilenceQuery } from '../../domain/ports/silences.ts'
import type { Matchers, SilenceKind, SilenceState, SilenceView } from '../../domain/silence.ts'
import { formatInstant, type Instant } from '../../domain/time.ts'
import { decodeCursor } from './cursor.ts'
import type { Schema, SilenceRow } from './schema.ts'
import { endOf } from './scope.ts'

/** A silence as the book keeps it, also when it is over. */
export interface Silence {
  id: string
  kind: SilenceKind
  matchers: Matchers
  from: Instant
  to: Instant
  by: string
  /** When it was made. */
  at: Instant
  reason: string
  state: SilenceState
  removedBy: string | null
  endedAt: Instant | null
  /** Area that it is confined to, also by its asset; null: the whole city. */
  place: string | null
  offset: Offset
}

/** When its state changes by itself; null: never again. */
export function dueAt({ state, from, to }: Pick<Silence, 'state' | 'from' | 'to'>): Instant | null {
  return state === 'scheduled' ? from : state === 'active' ? to : null
}

function toSilence({ dueAt: _dueAt, ...row }: Selectable<SilenceRow>): Silence {
  return { ...row, kind: row.kind as SilenceKind, state: row.state as SilenceState, matchers: JSON.parse(row.matchers) }
}

/** The contract's form. */
export function toSilenceView({ place: _place, offset: _offset, ...silence }: Silence, quiet: number): SilenceView {
  const { from, to, at, endedAt } = silence
  return { ...silence, from: formatInstant(from), to: formatInstant(to), at: formatInstant(at), endedAt: endedAt === null ? null : formatInstant(endedAt), quiet }
}

/** Codes of which `area` is a part: a silence of the district touches who may see only a grid of it. */
function above(area: string): string[] {
  return Array.from({ length: area.length }, (_, index) => area.slice(0, index + 1))
}

export function silencesTable(db: Kysely<Schema>) {
  const touching = (area: string) =>
    db
      .selectFrom('silences')
      .selectAll()
      .$if(area !== '', (query) =>
        query.where(({ or, and, eb }) => or([eb('place', 'is', null), eb('place', 'in', above(area)), and([eb('place', '>=', area), eb('place', '<', endOf(area))])])),
      )

  return {
    /** One that touches `area`. */
    async find(id: string, area = ''): Promise<Silence | undefined> {
      const row = await touching(area).where('id', '=', id).executeTakeFirst()
      return row && toSilence(row)
    },

    /** Those that touch `area`, newest first; one row more than `query.limit` if there are more. */
    async list(query: SilenceQuery, area: string): Promise<Silence[]> {
      const before = query.cursor === undefined ? undefined : decodeCursor(query.cursor, ['number'])[0]
      const rows = await touching(area)
        .$if(query.state !== undefined, (q) => q.where('state', 'in', query.state ?? []))
        .$if(before !== undefined, (q) => q.where('offset', '<', before ?? 0))
        .orderBy('offset', 'desc')
        .limit(query.limit + 1)
        .execute()
      return rows.map(toSilence)
    },

    async active(): Promise<Silence[]> {
      return (await db.selectFrom('silences').selectAll().where('state', '=', 'active').orderBy('id').execute()).map(toSilence)
    },

    /** Those that were made by then, had begun and were not over. */
    async at(clock: Instant): Promise<Map<string, Silence>> {
      const rows = await db
        .selectFrom('silences')
        .selectAll()
        .where('from', '<=', clock)
        .where('at', '<=', clock)
        .where('to', '>', clock)
        .where(({ or, eb }) => or([eb('endedAt', 'is', null), eb('endedAt', '>', clock)]))
        .execute()
      return new Map(rows.map((row) => [row.id, toSilence(row)]))
    },

    async save(silence: Silence): Promise<void> {
      const { id, ...rest } = { ...silence, matchers: JSON.stringify(silence.matchers), dueAt: dueAt(silence) }
      await db
        .insertInto('silences')
        .values({ id, ...rest })
        .onConflict((conflict) => conflict.column('id').doUpdateSet(rest))
        .execute()
    },

    /** The one that begins or ends first. */
    async nextDue(): Promise<{ id: string; at: Instant } | undefined> {
      const row = await db.selectFrom('silences').select(['id', 'dueAt']).where('dueAt', 'is not', null).orderBy('dueAt').orderBy('id').limit(1).executeTakeFirst()
      return row?.dueAt === undefined || row.dueAt === null ? undefined : { id: row.id, at: row.dueAt }
    },
  }
}
