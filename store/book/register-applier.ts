import { type Asset, type AssetKind, AssetSchema } from '../../domain/asset.ts'
import type { Kind } from '../../domain/fields.ts'
import type { AssetId } from '../../domain/ids.ts'
import type { Discovery, Projected } from '../../domain/projection.ts'
import type { ControlRecord } from '../../domain/record.ts'
import type { RuleFile } from '../../domain/rule.ts'
import type { Tables } from './book.ts'
import type { Places } from './places.ts'
import type { Applier } from './projector.ts'

/** What stands where nobody registered it, by the kind of its first observation. */
const KIND_OF: Record<Kind, AssetKind> = { cover: 'cover', vehicle: 'vehicle', sensor: 'sensor', scene: 'camera', report: 'other', presence: 'other' }

/** Projects assets, zones, cameras, rules and discovered devices. `parse` reads a rule file and throws if it cannot. */
export function registerApplier(places: Places, parse: (source: string) => RuleFile): Applier {
  return async (tables, entry) => {
    await applyEntry(tables, entry, places, parse)
    return []
  }
}

async function applyEntry(tables: Tables, entry: Projected, places: Places, parse: (source: string) => RuleFile): Promise<void> {
  if (entry.type === 'asset' || entry.type === 'zone') return tables.assets.save(places.located(entry.asset as Asset))
  if (entry.type === 'discovered') return tables.assets.discover(unregistered(entry.asset, KIND_OF[entry.kind]))
  if (entry.type === 'rule') return applyRule(tables, entry, parse)
  if (entry.type !== 'camera') return
  await tables.assets.discover(unregistered(entry.id as AssetId, 'camera'))
  await tables.assets.addCamera(entry.id, { version: entry.version, config: entry.config, by: entry.by, at: entry.receivedAt })
}

function unregistered(id: Discovery['asset'], kind: AssetKind): Asset {
  return { ...AssetSchema.parse({ id, kind, origin: 'auto' }), id }
}

async function applyRule(tables: Tables, entry: Extract<ControlRecord, { type: 'rule' }>, parse: (source: string) => RuleFile): Promise<void> {
  const { id, version, state, source, by: author, note, receivedAt: at } = entry
  await tables.rules.save({ id, version, state, source, file: readable(source, parse), author, note, at })
  if (state === 'live' || state === 'shadow') await tables.rules.demote(id, version, state)
}

/** A rule that an older program accepted and this one cannot read must not stop the projection: it stays, as text. */
function readable(source: string, parse: (source: string) => RuleFile): RuleFile | null {
  try {
    return parse(source)
  } catch {
    return null
  }
}
