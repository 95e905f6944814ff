import { type Asset, type AssetKind, AssetSchema } from '../../domain/asset.ts'
import type { Kind } from '../../domain/fields.ts'
import type { AssetId } from '../../domain/ids.ts'
import type { Discovery, Projected } from '../../domain/projection.ts'
import type { Tables } from './book.ts'
import type { Places } from './places.ts'
import type { Applier } from './projector.ts'
import { applyRule, type ParseRule } from './rule-applier.ts'

/** What stands where nobody registered it, by the kind of its first observation. */
const KIND_OF: Record<Kind, AssetKind> = { cover: 'cover', vehicle: 'vehicle', sensor: 'sensor', scene: 'camera', report: 'other', presence: 'other' }

/** Projects assets, zones, cameras, rules, calendars and discovered devices. */
export function registerApplier(places: Places, parse: ParseRule): Applier {
  return async (tables, entry) => {
    await applyEntry(tables, entry, places, parse)
    return []
  }
}

async function applyEntry(tables: Tables, entry: Projected, places: Places, parse: ParseRule): Promise<void> {
  if (entry.type === 'asset' || entry.type === 'zone') return tables.assets.save(places.located(entry.asset as Asset))
  if (entry.type === 'discovered') return tables.assets.discover(unregistered(entry.asset, KIND_OF[entry.kind]))
  if (entry.type === 'rule') return applyRule(tables, entry, parse)
  if (entry.type === 'calendar') return tables.calendars.put(entry.id, entry.calendar, entry.by, entry.receivedAt)
  if (entry.type !== 'camera') return
  await tables.assets.discover(unregistered(entry.id as AssetId, 'camera'))
  await tables.assets.addCamera(entry.id, { version: entry.version, config: entry.config, by: entry.by, at: entry.receivedAt })
}

function unregistered(id: Discovery['asset'], kind: AssetKind): Asset {
  return { ...AssetSchema.parse({ id, kind, origin: 'auto' }), id }
}
