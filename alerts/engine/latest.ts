import type { AssetChange } from '../../domain/feed.ts'
import type { Kind } from '../../domain/fields.ts'
import type { AssetId } from '../../domain/ids.ts'
import type { JournalRecord } from '../../domain/record.ts'
import { kindOf } from '../../rules/assets.ts'
import type { EngineState } from '../../rules/state.ts'

/** So many are told at least, when there are so many. */
const LEAST = 50

/** Assets that have changed since it was last asked, each with its newest values only: a slow map gets the newest, never a queue. */
export class LatestChanges {
  readonly #changed = new Map<AssetId, Kind>()

  note(state: EngineState, records: readonly JournalRecord[]): void {
    for (const record of records) {
      if (record.type === 'observation') this.#changed.set(state.assetOf.get(record.device) ?? (record.device as string as AssetId), record.kind)
    }
  }

  /** All assets, after a restart. */
  noteAll(state: EngineState): void {
    for (const asset of state.assets.values()) {
      const kind = Object.keys(asset.course.seen)[0] as Kind | undefined
      if (kind) this.#changed.set(asset.id, kind)
    }
  }

  /** Those that changed longest ago, a tenth of all that wait: asked ten times, nobody ever has to hear of the whole city at once. */
  take(state: EngineState): AssetChange[] {
    const changes: AssetChange[] = []
    let left = Math.max(LEAST, Math.ceil(this.#changed.size / 10))
    for (const [id, kind] of this.#changed) {
      if (left-- === 0) break
      this.#changed.delete(id)
      const change = changeOf(state, id, kind)
      if (change) changes.push(change)
    }
    return changes
  }
}

function changeOf(state: EngineState, id: AssetId, kind: Kind): AssetChange | undefined {
  const asset = state.assets.get(id)
  if (!asset) return undefined
  const values: Record<string, unknown> = {}
  let at = 0
  for (const [name, stamped] of Object.entries(asset.course.values)) {
    values[name] = stamped.value
    at = Math.max(at, stamped.at)
  }
  const { lon, lat, ...rest } = values
  return {
    id,
    kind: kindOf(state, asset, kind),
    observed: kind,
    lon: (lon as number | undefined) ?? asset.asset?.lon ?? null,
    lat: (lat as number | undefined) ?? asset.asset?.lat ?? null,
    at: Math.max(at, asset.course.seen[kind] ?? 0),
    values: rest,
  }
}
