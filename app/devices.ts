import { placeCode } from '../domain/area.ts'
import { type Asset, devicesOf } from '../domain/asset.ts'
import type { AssetChange } from '../domain/feed.ts'
import type { AssetId, DeviceId } from '../domain/ids.ts'
import type { Projected } from '../domain/projection.ts'
import type { Book } from '../store/book/book.ts'
import type { Places } from '../store/book/places.ts'

/** Which asset a device watches and where the asset belongs; kept in memory because the live feed asks for every change. */
export interface DeviceIndex {
  assetOf(device: DeviceId): AssetId
  /** The code by which people's areas are checked: as registered, else where it was last. */
  areaOf(change: Pick<AssetChange, 'id' | 'lon' | 'lat'>): string | null
  follow(entries: readonly Projected[]): void
}

const PAGE = 1000

export async function openDeviceIndex(book: Book, places: Places): Promise<DeviceIndex> {
  const assets = new Map<string, AssetId>()
  const areas = new Map<string, string | null>()
  const put = (asset: Asset): void => {
    for (const device of devicesOf(asset)) assets.set(device, asset.id)
    areas.set(asset.id, placeCode(asset.area, asset.grid))
  }
  for (let after = ''; ; ) {
    const some = await book.assets.list({ after, limit: PAGE }, '')
    some.forEach(put)
    const last = some.at(-1)
    if (!last || some.length < PAGE) break
    after = last.id
  }
  return {
    assetOf: (device) => assets.get(device) ?? (device as string as AssetId),
    areaOf: ({ id, lon, lat }) => areas.get(id) ?? places.at(lon, lat).grid,
    follow: (entries) => {
      for (const entry of entries) if (entry.type === 'asset') put(places.located(entry.asset as Asset))
    },
  }
}
