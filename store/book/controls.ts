import type { Kysely } from 'kysely'
import type { Offset } from '../../domain/ids.ts'
import type { ControlRecord } from '../../domain/record.ts'
import type { Applier } from './projector.ts'
import type { Schema } from './schema.ts'

/** What each sort of record that changes the engine's picture of the city is about. Rules stand in a table of their own. */
const ABOUT: { [T in ControlRecord['type']]?: (record: Extract<ControlRecord, { type: T }>) => string } = {
  asset: ({ asset }) => asset.id,
  zone: ({ asset }) => asset.id,
  camera: ({ id }) => id,
  calendar: ({ id }) => id,
  case: ({ id }) => id,
  reminder: ({ id }) => id,
  gateway: ({ gateway }) => gateway,
}

function aboutOf(record: ControlRecord): string | undefined {
  return (ABOUT[record.type] as ((record: ControlRecord) => string) | undefined)?.(record)
}

export function controlsTable(db: Kysely<Schema>) {
  async function lastState(gateway: string): Promise<unknown> {
    const row = await db.selectFrom('controls').select('json').where('type', '=', 'gateway').where('about', '=', gateway).orderBy('offset', 'desc').limit(1).executeTakeFirst()
    return row && JSON.parse(row.json).state
  }

  return {
    async add(record: ControlRecord): Promise<void> {
      const about = aboutOf(record)
      if (about === undefined) return
      // A gateway says at every connection again how it is.
      if (record.type === 'gateway' && record.state === (await lastState(about))) return
      await db
        .insertInto('controls')
        .values({ offset: record.offset, type: record.type, about, json: JSON.stringify(record) })
        .onConflict((conflict) => conflict.doNothing())
        .execute()
    },

    /** In journal order. */
    async all(): Promise<ControlRecord[]> {
      const rows = await db.selectFrom('controls').select('json').orderBy('offset').execute()
      return rows.map(({ json }) => JSON.parse(json))
    },

    /** What became of an asset's cases, in journal order. */
    async casesOf(asset: string): Promise<Extract<ControlRecord, { type: 'case' }>[]> {
      const rows = await db
        .selectFrom('controls')
        .select('json')
        .where('type', '=', 'case')
        .where(({ eb, fn, val }) => eb(fn('json_extract', ['json', val('$.asset')]), '=', asset))
        .orderBy('offset')
        .execute()
      return rows.map(({ json }) => JSON.parse(json))
    },

    /** What came up to this record is not among them, because the book is older than they are; 0: nothing is missing. */
    async since(): Promise<Offset> {
      return (await db.selectFrom('controlsKept').select('since').executeTakeFirstOrThrow()).since
    },
  }
}

/** Keeps the records by which a backtest knows what the register held at any time. */
export const controlsApplier: Applier = async ({ controls }, entry) => {
  if (entry.type !== 'transition' && entry.type !== 'discovered' && entry.type !== 'remind') await controls.add(entry)
  return []
}
