import type { Asset } from '../domain/asset.ts'
import { bboxOf, distanceToLineM, distanceToPolygonM, insideBbox, insidePolygon, type Position } from '../domain/geo.ts'
import type { ZoneShape } from './state.ts'

/** The city's zones by id and by type, so that a fix is compared only with those that a rule names. */
export class Zones {
  readonly #byId = new Map<string, ZoneShape>()
  readonly #named = new Map<string, ZoneShape[]>()

  /** In the order in which they were first put, which the journal determines. */
  values(): Iterable<ZoneShape> {
    return this.#byId.values()
  }

  put(zone: ZoneShape): void {
    this.#byId.set(zone.id, zone)
    this.#named.clear()
  }

  delete(id: string): void {
    if (this.#byId.delete(id)) this.#named.clear()
  }

  /** Zones of this id or type. */
  named(wanted: string): readonly ZoneShape[] {
    let zones = this.#named.get(wanted)
    if (!zones) {
      zones = [...this.#byId.values()].filter(({ id, type }) => id === wanted || type === wanted)
      this.#named.set(wanted, zones)
    }
    return zones
  }
}

/** Outline, line and the rectangle around both; undefined when the asset is no zone. */
export function shapeOf({ id, zone }: Pick<Asset, 'id' | 'zone'>): ZoneShape | undefined {
  if (!zone) return undefined
  const { type, polygon, line } = zone
  return { id, type, polygon, ...(line && { line }), box: bboxOf(line ? [...polygon, line] : polygon) }
}

/** Whether a place lies in one of the zones. */
export function withinAny(zones: readonly ZoneShape[], point: Position): boolean {
  for (const zone of zones) if (insideBbox(point, zone.box) && insidePolygon(point, zone.polygon)) return true
  return false
}

/** Metres to the zone's edge or line, whichever is nearer; 0 inside. */
export function distanceToZoneM(zone: ZoneShape, point: Position): number {
  return Math.min(zone.polygon.length > 0 ? distanceToPolygonM(point, zone.polygon) : Infinity, zone.line ? distanceToLineM(point, zone.line) : Infinity)
}
