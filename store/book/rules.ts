import type { Kysely, Selectable } from 'kysely'
import type { Offset } from '../../domain/ids.ts'
import type { RuleMove } from '../../domain/ports/register.ts'
import type { Guard, RuleFile } from '../../domain/rule.ts'
import type { Instant } from '../../domain/time.ts'
import type { RuleRow, Schema } from './schema.ts'

/** How a version came into its present state. */
export interface RuleStanding {
  state: RuleRow['state']
  /** null: everywhere. */
  areas: string[] | null
  guard: Guard | null
  since: Instant
  movedBy: string
  why: string
  /** Record that moved it. */
  offset: Offset
}

/** A version of a rule as the book keeps it. */
export interface RuleRecord extends RuleStanding {
  id: string
  version: number
  source: string
  /** Source of the rule that it extends, as it was then. */
  base: string | null
  file: RuleFile | null
  author: string
  note: string
  at: Instant
}

/** A move of a version, with the guard that it went live under. */
export type VersionMove = RuleMove & { version: number; guard: Guard | null }

export interface VersionInForce extends Pick<RuleRecord, 'id' | 'version' | 'source' | 'base' | 'areas' | 'at' | 'offset'> {
  state: 'live' | 'shadow'
  by: string
}

const IN_FORCE = ['live', 'shadow', 'quarantined'] as const

const jsonOrNull = (value: unknown): string | null => (value === null ? null : JSON.stringify(value))

const parsed = (text: string | null) => (text === null ? null : JSON.parse(text))

function toRecord(row: Selectable<RuleRow>): RuleRecord {
  return { ...row, file: parsed(row.file), areas: parsed(row.areas), guard: parsed(row.guard) }
}

export function rulesTable(db: Kysely<Schema>) {
  return {
    async find(id: string, version: number): Promise<RuleRecord | undefined> {
      const row = await db.selectFrom('rules').selectAll().where('id', '=', id).where('version', '=', version).executeTakeFirst()
      return row && toRecord(row)
    },

    /** Newest version first. */
    async versions(id: string): Promise<RuleRecord[]> {
      const rows = await db.selectFrom('rules').selectAll().where('id', '=', id).orderBy('version', 'desc').execute()
      return rows.map(toRecord)
    },

    /** Ids after `after` of rules that have a version which is not removed. */
    async ids(after: string, limit: number): Promise<string[]> {
      const rows = await db.selectFrom('rules').select('id').distinct().where('id', '>', after).where('state', '!=', 'removed').orderBy('id').limit(limit).execute()
      return rows.map((row) => row.id)
    },

    /** Of each rule what is in force and the newest readable version, newest first: what a list shows, without the whole past. */
    async heads(ids: readonly string[]): Promise<Map<string, RuleRecord[]>> {
      const rows = await db
        .selectFrom('rules')
        .selectAll()
        .where('id', 'in', [...ids])
        .where(({ or, eb, selectFrom }) =>
          or([
            eb('state', 'in', IN_FORCE),
            eb(
              'version',
              '=',
              selectFrom('rules as newer')
                .select(({ fn }) => fn.max('newer.version').as('version'))
                .whereRef('newer.id', '=', 'rules.id')
                .where('newer.state', '!=', 'removed')
                .where('newer.file', 'is not', null),
            ),
          ]),
        )
        .orderBy('version', 'desc')
        .execute()
      return Map.groupBy(rows.map(toRecord), ({ id }) => id)
    },

    /** The number of the newest version of each rule, whatever became of it. */
    async newest(ids: readonly string[]): Promise<Map<string, number>> {
      const rows = await db
        .selectFrom('rules')
        .select(['id', ({ fn }) => fn.max('version').as('version')])
        .where('id', 'in', [...ids])
        .groupBy('id')
        .execute()
      return new Map(rows.map(({ id, version }) => [id, version]))
    },

    /** The versions of these rules that are live everywhere. */
    async live(ids: readonly string[]): Promise<Map<string, RuleRecord>> {
      const rows = await db
        .selectFrom('rules')
        .selectAll()
        .where('id', 'in', [...ids])
        .where('state', '=', 'live')
        .where('areas', 'is', null)
        .execute()
      return new Map(rows.map((row) => [row.id, toRecord(row)]))
    },

    /** Live versions on trial. */
    async guarded(): Promise<RuleRecord[]> {
      const rows = await db.selectFrom('rules').selectAll().where('state', '=', 'live').where('guard', 'is not', null).orderBy('id').execute()
      return rows.map(toRecord)
    },

    /** Keeps a version that is not there yet; its text, author and note never change. */
    async save({ id, version, source, base, file, author, note, at, ...standing }: RuleRecord): Promise<void> {
      const row = { id, version, source, base, file: jsonOrNull(file), author, note, at, ...rowOf(standing) }
      const { numInsertedOrUpdatedRows } = await db
        .insertInto('rules')
        .values(row)
        .onConflict((conflict) => conflict.doNothing())
        .executeTakeFirst()
      if (numInsertedOrUpdatedRows === 1n) await addMove(db, id, version, { ...standing, why: note })
    },

    async enter(id: string, version: number, standing: RuleStanding): Promise<void> {
      await db.updateTable('rules').set(rowOf(standing)).where('id', '=', id).where('version', '=', version).execute()
      await addMove(db, id, version, standing)
    },

    /** The versions that were live or in shadow just before a record, by when they came into that state. */
    async inForce(before: Offset): Promise<VersionInForce[]> {
      const rows = await db
        .selectFrom('ruleMoves as move')
        .innerJoin('rules', (join) => join.onRef('rules.id', '=', 'move.rule').onRef('rules.version', '=', 'move.version'))
        .select(['rules.id', 'rules.version', 'rules.source', 'rules.base', 'move.state', 'move.areas', 'move.by', 'move.at', 'move.offset'])
        .where('move.state', 'in', ['live', 'shadow'])
        .where('move.offset', '=', ({ selectFrom }) =>
          selectFrom('ruleMoves as last')
            .select(({ fn }) => fn.max('last.offset').as('offset'))
            .whereRef('last.rule', '=', 'move.rule')
            .whereRef('last.version', '=', 'move.version')
            .where('last.offset', '<', before),
        )
        .orderBy('move.offset')
        .execute()
      return rows.map((row) => ({ ...row, state: row.state as VersionInForce['state'], areas: parsed(row.areas) }))
    },

    /** Every move of every version of a rule, oldest first. */
    async moves(id: string): Promise<VersionMove[]> {
      const rows = await db.selectFrom('ruleMoves').selectAll().where('rule', '=', id).orderBy('offset').execute()
      return rows.map(({ version, at, by, state, areas, guard, note }) => ({ version, at, by, state, areas: parsed(areas), guard: parsed(guard), note }))
    },
  }
}

function rowOf({ areas, guard, ...rest }: RuleStanding) {
  return { ...rest, areas: jsonOrNull(areas), guard: jsonOrNull(guard) }
}

async function addMove(db: Kysely<Schema>, rule: string, version: number, { offset, since, movedBy, state, areas, guard, why }: RuleStanding): Promise<void> {
  await db
    .insertInto('ruleMoves')
    .values({ rule, version, offset, at: since, by: movedBy, state, areas: jsonOrNull(areas), guard: jsonOrNull(guard), note: why })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
}
