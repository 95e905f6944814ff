import { STALE_AFTER } from '../domain/fields.ts'
import { insideBbox, insidePolygon, type Position } from '../domain/geo.ts'
import type { Context } from './language/values.ts'
import type { EngineState } from './state.ts'

/** What conditions may ask of the city around an asset: its zones and its register. */

/** Where the asset is, undefined when it has not said for too long. */
export function placeOf({ values, at }: Pick<Context, 'values' | 'at'>): Position | undefined {
  const { lon, lat } = values
  return lon && lat && at - lon.at <= STALE_AFTER.vehicle ? [lon.value as number, lat.value as number] : undefined
}

export function insideZone(context: Context, wanted: string): boolean | undefined {
  const point = placeOf(context)
  return point && zoneAt(context.run.state, wanted, point)
}

/** Whether a place lies in a zone of this id or type. */
export function zoneAt(state: EngineState, wanted: string, point: Position): boolean {
  for (const zone of state.zones.values()) {
    if ((zone.id === wanted || zone.type === wanted) && insideBbox(point, zone.box) && insidePolygon(point, zone.polygon)) return true
  }
  return false
}

/** Whether an order of this type is open for the asset at the engine's clock (S12). */
export function hasOpenCase(state: EngineState, asset: string, type: string): boolean {
  for (const each of state.cases.get(asset)?.values() ?? []) {
    if (each.type === type && (each.from === null || each.from <= state.clock) && (each.to === null || state.clock < each.to)) return true
  }
  return false
}
