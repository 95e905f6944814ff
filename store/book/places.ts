import { type Area, AreaIndex } from '../../domain/area.ts'
import type { Asset } from '../../domain/asset.ts'
import type { Book } from './book.ts'

/** Where a point lies in the city's areas. */
export interface Places {
  at(lon: number | null, lat: number | null): { area: string | null; grid: string | null }
  /** The asset with area and grid filled in from its place, if it has one and they were not given. */
  located(asset: Asset): Asset
  /** Replaces all areas of the city. */
  replace(areas: readonly Area[]): Promise<void>
}

/** Digits of a community's code, which the 15 of its grids begin with (domain/area.ts). */
const COMMUNITY_DIGITS = 12

export async function openPlaces(book: Book): Promise<Places> {
  let index = new AreaIndex(await book.assets.areas())

  function at(lon: number | null, lat: number | null): { area: string | null; grid: string | null } {
    const grid = lon === null || lat === null ? null : index.gridAt([lon, lat])
    return { area: grid?.slice(0, COMMUNITY_DIGITS) ?? null, grid }
  }

  return {
    at,
    located(asset) {
      if (asset.area !== null || asset.grid !== null) return asset
      return { ...asset, ...at(asset.lon, asset.lat) }
    },
    async replace(areas) {
      await book.transaction((tables) => tables.assets.replaceAreas(areas))
      index = new AreaIndex(areas)
    },
  }
}
