import type { Position } from '../domain/geo.ts'
import type { AssetId } from '../domain/ids.ts'
import type { Instant } from '../domain/time.ts'
import { calendarNamed, isOn } from './calendar.ts'
import type { Context } from './language/values.ts'
import type { EngineState } from './state.ts'
import { withinAny } from './zones.ts'

/** What conditions may ask of the city around an asset: its zones and its register. */

/**
 * Where the asset is, or the object that is judged: as a calibrated camera sees it; else the asset's newest trustworthy fix that is not older than `staleAfter` (S19), else, for a thing that does
 * not drive, the place in the register; undefined: unknown.
 */
export function placeOf({ values, at, run, object }: Context, staleAfter: number): Position | undefined {
  if (object?.place) return object.place
  const { lon, lat } = values
  if (lon && lat && at - lon.at <= staleAfter) return [lon.value as number, lat.value as number]
  return registeredPlace(run.state, run.asset.id)
}

/** The same, but of an object only what a calibrated camera says: its camera is too far from it to measure by. */
export function exactPlaceOf(context: Context, staleAfter: number): Position | undefined {
  return context.object ? context.object.place : placeOf(context, staleAfter)
}

/** The place of a thing that does not drive, as the register has it. */
export function registeredPlace(state: EngineState, id: string): Position | undefined {
  const asset = state.assets.get(id as AssetId)?.asset
  return asset && asset.kind !== 'vehicle' && asset.lon !== null && asset.lat !== null ? [asset.lon, asset.lat] : undefined
}

/** Whether a place lies in a zone of this id or type, at this time. A calendar that nobody has told the platform of closes no zone. */
export function zoneAt(state: EngineState, wanted: string, point: Position, at: Instant): boolean {
  return withinAny(state.zones.named(wanted), point, ({ calendar }) => calendar === undefined || isOnAt(state, calendar, at) !== false)
}

/** Whether the calendar of this id is on; undefined when there is none. */
export function isOnAt({ calendars }: EngineState, id: string, at: Instant): boolean | undefined {
  const calendar = calendarNamed(calendars, id)
  return calendar && isOn(calendar, at)
}

/** Lines of the routes that the asset may drive at this time: of its valid permits, and of its label `route`. */
export function routesOf({ run, at }: Context): (readonly Position[])[] {
  const asset = run.asset.asset
  if (!asset) return []
  const names = asset.permits.filter((permit) => isValid(permit, at)).map(({ zone }) => zone)
  if (asset.labels.route !== undefined) names.push(asset.labels.route)
  return names.flatMap((name) => (name === null ? [] : run.state.zones.named(name).flatMap(({ line }) => (line ? [line] : []))))
}

function isValid({ from, to }: { from: Instant | null; to: Instant | null }, at: Instant): boolean {
  return (from === null || from <= at) && (to === null || at < to)
}

/** Whether an order of this type is open for the asset at the engine's clock (S12). */
export function hasOpenCase(state: EngineState, asset: string, type: string): boolean {
  for (const each of state.cases.get(asset)?.values() ?? []) {
    if (each.type === type && (each.from === null || each.from <= state.clock) && (each.to === null || state.clock < each.to)) return true
  }
  return false
}

/** The clock at which a maintenance order of the asset begins or ends by itself. */
export function caseBoundary({ cases, clock }: EngineState, asset: string): Instant {
  let next = Infinity
  for (const order of cases.get(asset)?.values() ?? []) for (const edge of [order.from, order.to]) if (edge !== null && edge > clock) next = Math.min(next, edge)
  return next
}

/** The last clock since `from` at which an order of the asset began or ended by itself; undefined: none did. */
export function caseEdge({ cases, clock }: EngineState, asset: string, from: Instant): Instant | undefined {
  let last: Instant | undefined
  for (const order of cases.get(asset)?.values() ?? [])
    for (const edge of [order.from, order.to]) if (edge !== null && edge >= from && edge <= clock) last = Math.max(last ?? edge, edge)
  return last
}
