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
 * rest, in turns of some milliseconds between which `breathe` is awaited. One device after another, so that of those that
 * were elsewhere no more than one is in memory at a time.
 */
export async function devicesNear(
  db: Database,
  query: NearQuery,
  loose: readonly Observation[],
  breathe: () => Promise<void>,
  clock: () => number,
): Promise<Map<string, Observation[]>> {
  const members = new Set(['lon', 'lat', 'crs', ...query.members])
  const unflushed = byDevice(loose, query)
  const found = new Map<string, Observation[]>()
  const layout: Layout = []
  let until = clock() + TURN_MS
  for (const [device, chunks] of chunksOf(db, query, unflushed.keys())) {
    const observations: Observation[] = []
    for (const body of chunks) {
      scanChunk(body, members, layout, (offset, receivedAt, gateway, at, payload) => {
        const one: Observation = { type: 'observation', offset, receivedAt, kind: query.kind, device: device as DeviceId, gateway: gateway as GatewayId, at, payload }
        if (isWithin(one, query)) observations.push(one)
      })
      if (clock() < until) continue
      await breathe()
      until = clock() + TURN_MS
    }
    observations.push(...(unflushed.get(device) ?? []))
    if (observations.some((observation) => isNear(observation, query.box))) found.set(device, observations)
  }
  return found
}

function isWithin(observation: Observation, { from, to }: NearQuery): boolean {
  const at = effectiveAt(observation)
  return at >= from && at <= to
}

function isNear({ payload: { lon, lat, crs } }: Observation, box: Bbox): boolean {
  return typeof lon === 'number' && typeof lat === 'number' && insideBbox(toWgs84([lon, lat], crs ?? 'wgs84'), box)
}

function byDevice(loose: readonly Observation[], query: NearQuery): ReadonlyMap<string, Observation[]> {
  return Map.groupBy(
    loose.filter((one) => one.kind === query.kind && isWithin(one, query)),
    ({ device }) => device,
  )
}

/** The chunks of each device, and the other devices without any. Heads first: a statement that is stepped through must not stand open while others have their turn. */
function* chunksOf(db: Database, { kind, from, to }: NearQuery, others: Iterable<string>): Generator<[device: string, chunks: Iterable<string>]> {
  const heads = db.prepare('SELECT id, device FROM chunk WHERE kind = ? AND fromAt > ? AND fromAt <= ? AND toAt >= ?').all(kind, from - HOUR, to, from) as {
    id: number
    device: string
  }[]
  const body = db.prepare('SELECT body FROM chunk WHERE id = ?').pluck()
  const chunks = Map.groupBy(heads, ({ device }) => device)
  for (const [device, own] of chunks) yield [device, Iterator.from(own).map(({ id }) => body.get(id) as string)]
  for (const device of others) if (!chunks.has(device)) yield [device, []]
}
