import { type Kysely, sql } from 'kysely'
import type { Area, AreaLevel } from '../../domain/area.ts'
import type { Asset } from '../../domain/asset.ts'
import { type Bbox, bboxOf } from '../../domain/geo.ts'
import type { Instant } from '../../domain/time.ts'
import type { AssetRow, Schema } from './schema.ts'
import { endOf, placeCode } from './scope.ts'

/** The rectangle that an asset covers: its outline, or its point. */
function extent(asset: Asset): Bbox | undefined {
  if (asset.zone) return bboxOf(asset.zone.line ? [...asset.zone.polygon, asset.zone.line] : asset.zone.polygon)
  return asset.lon === null || asset.lat === null ? undefined : [asset.lon, asset.lat, asset.lon, asset.lat]
}

function toRow(asset: Asset): AssetRow {
  const [west, south, east, north] = extent(asset) ?? [null, null, null, null]
  return { id: asset.id, kind: asset.kind, name: asset.name, place: placeCode(asset.area, asset.grid), west, south, east, north, json: JSON.stringify(asset) }
}

export interface AssetFilter {
  kind?: string
  bbox?: Bbox
  /** Part of the id or name. */
  q?: string
  after: string
  limit: number
}

export function assetsTable(db: Kysely<Schema>) {
  return {
    async find(id: string, area = ''): Promise<Asset | undefined> {
      const row = await db
        .selectFrom('assets')
        .select('json')
        .where('id', '=', id)
        .$if(area !== '', (query) => query.where('place', '>=', area).where('place', '<', endOf(area)))
        .executeTakeFirst()
      return row && JSON.parse(row.json)
    },

    async save(asset: Asset): Promise<void> {
      const { id, ...rest } = toRow(asset)
      await db
        .insertInto('assets')
        .values({ id, ...rest })
        .onConflict((conflict) => conflict.column('id').doUpdateSet(rest))
        .execute()
    },

    /** Keeps what is there: somebody who registered an asset knows more of it than a first message. */
    async discover(asset: Asset): Promise<void> {
      await db
        .insertInto('assets')
        .values(toRow(asset))
        .onConflict((conflict) => conflict.doNothing())
        .execute()
    },

    /** In order of id. With a bbox, vehicles and those without a place come too: where they are only their devices know. */
    async list(filter: AssetFilter, area: string): Promise<Asset[]> {
      const { kind, bbox, q } = filter
      const rows = await db
        .selectFrom('assets')
        .select('json')
        .where('id', '>', filter.after)
        .$if(kind !== undefined, (query) => query.where('kind', '=', kind ?? ''))
        .$if(q !== undefined && q !== '', (query) => query.where(sql<boolean>`instr(lower(id || ' ' || name), ${q?.toLowerCase()}) > 0`))
        .$if(area !== '', (query) => query.where('place', '>=', area).where('place', '<', endOf(area)))
        .$if(bbox !== undefined, (query) => {
          const [west, south, east, north] = bbox as Bbox
          return query.where(({ or, and, eb }) =>
            or([eb('west', 'is', null), eb('kind', '=', 'vehicle'), and([eb('west', '<=', east), eb('east', '>=', west), eb('south', '<=', north), eb('north', '>=', south)])]),
          )
        })
        .orderBy('id')
        .limit(filter.limit)
        .execute()
      return rows.map((row) => JSON.parse(row.json))
    },

    /** Vehicles of the register that bear one of these plates, however it is written. */
    async withPlates(plates: readonly string[]): Promise<Asset[]> {
      if (plates.length === 0) return []
      const written = sql`upper(replace(replace(replace(replace(json_extract(json, '$.labels.plate'), ' ', ''), '·', ''), '-', ''), '.', ''))`
      const rows = await db.selectFrom('assets').select('json').where('kind', '=', 'vehicle').where(written, 'in', plates).orderBy('id').limit(20).execute()
      return rows.map((row) => JSON.parse(row.json))
    },

    async areas(level?: AreaLevel): Promise<Area[]> {
      const rows = await db
        .selectFrom('areas')
        .selectAll()
        .$if(level !== undefined, (query) => query.where('level', '=', level ?? ''))
        .orderBy('code')
        .execute()
      return rows.map((row) => ({ code: row.code, level: row.level as AreaLevel, name: row.name, polygon: JSON.parse(row.polygon) }))
    },

    /** Of these codes those that no area bears and no grid of an asset; none while the city has no areas. */
    async unknownAreas(codes: readonly string[]): Promise<string[]> {
      if (codes.length === 0 || !(await db.selectFrom('areas').select('code').limit(1).executeTakeFirst())) return []
      const rows = await db.selectFrom('areas').select('code').where('code', 'in', codes).execute()
      const known = new Set(rows.map(({ code }) => code))
      const unknown = codes.filter((code) => !known.has(code))
      if (unknown.length === 0) return []
      // A grid may bear an id of the city's own that no area has: then its assets say that it is there.
      const grid = sql<string>`json_extract(json, '$.grid')`
      const own = await db.selectFrom('assets').select(grid.as('grid')).distinct().where(grid, 'in', unknown).execute()
      return unknown.filter((code) => !own.some((row) => row.grid === code))
    },

    /** All areas at once: half a city would put assets into the wrong grids. */
    async replaceAreas(areas: readonly Area[]): Promise<void> {
      await db.deleteFrom('areas').execute()
      for (let start = 0; start < areas.length; start += 500) {
        const some = areas.slice(start, start + 500).map((area) => ({ ...area, polygon: JSON.stringify(area.polygon) }))
        await db.insertInto('areas').values(some).execute()
      }
    },

    async camera(id: string): Promise<{ version: number; config: unknown; by: string; at: Instant } | undefined> {
      const row = await db.selectFrom('cameras').select(['version', 'config', 'by', 'at']).where('id', '=', id).orderBy('version', 'desc').limit(1).executeTakeFirst()
      return row && { ...row, config: JSON.parse(row.config) }
    },

    /** The configuration that was in force at `at`; the first for times before it, since a camera that saw something was there. */
    async cameraAt(id: string, at: Instant): Promise<{ version: number; config: unknown } | undefined> {
      const versions = db.selectFrom('cameras').select(['version', 'config']).where('id', '=', id).limit(1)
      const row = (await versions.where('at', '<=', at).orderBy('version', 'desc').executeTakeFirst()) ?? (await versions.orderBy('version').executeTakeFirst())
      return row && { version: row.version, config: JSON.parse(row.config) }
    },

    /** The newest configuration of every camera. */
    async cameras(): Promise<{ id: string; config: unknown }[]> {
      const rows = await db
        .selectFrom('cameras')
        .select(['id', 'config'])
        .where(({ eb, selectFrom }) =>
          eb(
            'version',
            '=',
            selectFrom('cameras as newer')
              .select(({ fn }) => fn.max('newer.version').as('version'))
              .whereRef('newer.id', '=', 'cameras.id'),
          ),
        )
        .orderBy('id')
        .execute()
      return rows.map(({ id, config }) => ({ id, config: JSON.parse(config) }))
    },

    async addCamera(id: string, camera: { version: number; config: unknown; by: string; at: Instant }): Promise<void> {
      await db
        .insertInto('cameras')
        .values({ id, ...camera, config: JSON.stringify(camera.config) })
        .onConflict((conflict) => conflict.doNothing())
        .execute()
    },
  }
}
