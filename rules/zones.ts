import type { Asset } from '../domain/asset.ts'
import { bboxOf, distanceToLineM, distanceToPolygonM, insideBbox, insidePolygon, type Position } from '../domain/geo.ts'
import type { ZoneShape } from './state.ts'

/** The city's zones by id and by type, so that a fix is compared only with those that a rule names. */
export class Zones {
  readonly #byId = new Map<string, ZoneShape>()
  /** By each id and type that there is: what is asked for may come from devices, and no name of theirs is kept. */
  #named: Map<string, ZoneShape[]> | undefined

  /** In the order in which they were first put, which the journal determines. */
  values(): Iterable<ZoneShape> {
    return this.#byId.values()
  }

  put(zone: ZoneShape): void {
    this.#byId.set(zone.id, zone)
    this.#named = undefined
  }

  delete(id: string): void {
    if (this.#byId.delete(id)) this.#named = undefined
  }

  /** Zones of this id or type. */
  named(wanted: string): readonly ZoneShape[] {
    this.#named ??= named(this.#byId.values())
    return this.#named.get(wanted) ?? NONE
  }
}

const NONE: readonly ZoneShape[] = []

function named(zones: Iterable<ZoneShape>): Map<string, ZoneShape[]> {
  const names = new Map<string, ZoneShape[]>()
  for (const zone of zones) {
    for (const name of new Set([zone.id, zone.type])) {
      const known = names.get(name)
      if (known) known.push(zone)
      else names.set(name, [zone])
    }
  }
  return names
}

/** Outline, line and the rectangle around both; undefined when the asset is no zone. */
export function shapeOf({ id, zone }: Pick<Asset, 'id' | 'zone'>): ZoneShape | undefined {
  if (!zone) return undefined
  const { type, polygon, line, calendar } = zone
  return { id, type, polygon, ...(line && { line }), ...(calendar !== undefined && { calendar }), box: bboxOf(line ? [...polygon, line] : polygon) }
}

/** Whether a place lies in one of the zones, of those that `counts`. */
export function withinAny(zones: readonly ZoneShape[], point: Position, counts: (zone: ZoneShape) => boolean): boolean {
  for (const zone of zones) if (insideBbox(point, zone.box) && insidePolygon(point, zone.polygon) && counts(zone)) return true
  return false
}

/** Metres to the zone's edge or line, whichever is nearer; 0 inside. */
export function distanceToZoneM(zone: ZoneShape, point: Position): number {
  return Math.min(zone.polygon.length > 0 ? distanceToPolygonM(point, zone.polygon) : Infinity, zone.line ? distanceToLineM(point, zone.line) : Infinity)
}
