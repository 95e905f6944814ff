import { toWgs84 } from '../../domain/crs.ts'
import { type Bbox, insideBbox } from '../../domain/geo.ts'
import type { DeviceId, GatewayId } from '../../domain/ids.ts'
import { effectiveAt, type Kind, type Observation } from '../../domain/observation.ts'
import { HOUR, type Instant } from '../../domain/time.ts'
import type { Database } from '../../drivers/sqlite.ts'
import { type Layout, scanChunk } from './scan-chunk.ts'

/** Devices of one kind that were in a box in a span of effective times, and what of their payloads is wanted. */
export interface NearQuery {
  kind: Kind
  box: Bbox
  from: Instant
  to: Instant
  /** Besides the place and its frame. */
  members: readonly string[]
}

/** So long a stretch of work may keep others waiting. */
const TURN_MS = 8

/**
 * What the devices that came into the box reported in the whole span, by device, in no order. Chunks lie by device and
 * time and know no places, so all of the kind and span are looked through: the wanted members only, without parsing the
 * rest, in turns of some milliseconds between which `breathe` is awaited.
 */
export async function devicesNear(
  db: Database,
  query: NearQuery,
  loose: readonly Observation[],
  breathe: () => Promise<void>,
  clock: () => number,
): Promise<Map<string, Observation[]>> {
  const members = new Set(['lon', 'lat', 'crs', ...query.members])
  const found = new Map<string, { observations: Observation[]; near: boolean }>()
  const take = (observation: Observation): void => {
    const at = effectiveAt(observation)
    if (at < query.from || at > query.to) return
    const known = found.get(observation.device) ?? { observations: [], near: false }
    if (known.observations.length === 0) found.set(observation.device, known)
    known.observations.push(observation)
    known.near ||= isNear(observation, query.box)
  }
  const layout: Layout = []
  let until = clock() + TURN_MS
  for (const { device, body } of chunksOf(db, query)) {
    scanChunk(body, members, layout, (offset, receivedAt, gateway, at, payload) =>
      take({ type: 'observation', offset, receivedAt, kind: query.kind, device: device as DeviceId, gateway: gateway as GatewayId, at, payload }),
    )
    if (clock() < until) continue
    await breathe()
    until = clock() + TURN_MS
  }
  for (const one of loose) if (one.kind === query.kind) take(one)
  return new Map([...found].flatMap(([device, { observations, near }]) => (near ? [[device, observations]] : [])))
}

function isNear({ payload: { lon, lat, crs } }: Observation, box: Bbox): boolean {
  return typeof lon === 'number' && typeof lat === 'number' && insideBbox(toWgs84([lon, lat], crs ?? 'wgs84'), box)
}

/** Heads first: a statement that is stepped through must not stand open while others have their turn. */
function* chunksOf(db: Database, { kind, from, to }: NearQuery): Generator<{ device: string; body: string }> {
  const heads = db.prepare('SELECT id, device FROM chunk WHERE kind = ? AND fromAt > ? AND fromAt <= ? AND toAt >= ? ORDER BY id').all(kind, from - HOUR, to, from) as {
    id: number
    device: string
  }[]
  const body = db.prepare('SELECT body FROM chunk WHERE id = ?').pluck()
  for (const { id, device } of heads) yield { device, body: body.get(id) as string }
}
