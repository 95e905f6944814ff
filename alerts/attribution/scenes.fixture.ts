import { distanceM, type Position } from '../../domain/geo.ts'
import type { DeviceId, GatewayId } from '../../domain/ids.ts'
import type { Observation, Payload } from '../../domain/observation.ts'
import { type Instant, MINUTE, SECOND } from '../../domain/time.ts'
import type { City } from '../../fixtures/city/city.ts'
import { moved } from '../../fixtures/city/plane.ts'
import type { Random } from '../../fixtures/city/random.ts'
import { toPlane } from './plane.ts'
import { trackOf } from './tracks.ts'
import type { Drive, Roads } from './traffic.fixture.ts'
import type { Sighting, Suspect, Weighing } from './weigh.ts'

export const EVENT: Instant = Date.parse('2026-11-21T09:00:00Z')
const AROUND_MS = 8 * MINUTE

/** What the generated world is like; the model knows none of it but what it reads off the observations. */
export interface World {
  /** Share of trucks without a working terminal. */
  noTerminal: number
  /** Share of terminals with an outage of minutes near the event. */
  gaps: number
  /** Share of clocks that are wrong by up to two minutes. */
  skewed: number
  /** Share of events of which a camera saw the trucks pass. */
  seen: number
}

export interface Case {
  weighing: Weighing
  /** null: it had no terminal. */
  truth: string | null
}

/** A spillage whose author is known: one truck passed the place at EVENT and did it, others are about as on any day. */
export function makeCase(city: City, roads: Roads, world: World, random: Random): Case | undefined {
  const edge = random.pick(city.network.edges.filter(({ lengthM }) => lengthM > 60))
  const spot = edge.line[Math.floor(edge.line.length / 2)] as Position
  const place: Position = edge.line.length > 2 ? spot : middle(edge.line[0] as Position, edge.line[1] as Position)
  const culprit = culpritDrive(roads, edge.to, place, random)
  if (!culprit) return undefined
  const perMinute = 0.04 * 40 ** random.next()
  const drives: Drive[] = [culprit]
  for (let at = EVENT - AROUND_MS + random.exponential(MINUTE / perMinute); at < EVENT + AROUND_MS; at += random.exponential(MINUTE / perMinute)) {
    const drive = roads.drive(edge.to, at, 1200, random)
    if (drive) drives.push(drive)
  }
  const trucks = drives.map((drive, index) => truckOf(`truck-${index}`, drive, world, index === 0, random))
  const read = { from: EVENT - 10 * MINUTE, to: EVENT + 10 * MINUTE }
  const suspects = trucks.flatMap(({ id, tracked, observations }): Suspect[] => {
    const track = tracked
      ? trackOf(
          observations.filter(({ at }) => at >= read.from && at <= read.to),
          place,
          EVENT,
        )
      : undefined
    return track ? [{ ...track, vehicle: id, plate: null }] : []
  })
  const sightings = sightingsOf(drives, place, world, random)
  return { weighing: { sightings, suspects, elsewhere: [], unknownShare: 0.2, read }, truth: trucks[0]?.tracked ? 'truck-0' : null }
}

function middle(a: Position, b: Position): Position {
  return [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2]
}

/** A drive that comes by the place within a few metres, moved in time so that it is there at EVENT. */
function culpritDrive(roads: Roads, via: number, place: Position, random: Random): Drive | undefined {
  for (let tries = 0; tries < 40; tries++) {
    const drive = roads.drive(via, EVENT, 1200, random)
    const there = drive && closest(drive, place)
    if (drive && there && there.metres < 9 && (drive.speeds[there.second] ?? 0) > 1) return { ...drive, from: EVENT - there.second * SECOND }
  }
  return undefined
}

function closest(drive: Drive, place: Position): { second: number; metres: number } {
  let best = { second: 0, metres: Infinity }
  drive.places.forEach((at, second) => {
    const metres = distanceM(at, place)
    if (metres < best.metres) best = { second, metres }
  })
  return best
}

interface Truck {
  id: string
  tracked: boolean
  observations: Observation[]
}

function truckOf(id: string, drive: Drive, world: World, culprit: boolean, random: Random): Truck {
  const observations: Observation[] = []
  const every = random.pick([10, 10, 15, 30])
  const skewMs = random.chance(world.skewed) ? random.between(-110, 110) * SECOND : random.gauss() * 300
  const velocities = !random.chance(0.2)
  const sdM = random.chance(0.15) ? 20 : 4.5
  const outage = random.chance(world.gaps) ? EVENT + random.between(-4, 4) * MINUTE : -1
  const outageMs = random.between(0.5, 4) * MINUTE
  const state = culprit
    ? { load: random.chance(0.85) ? 'full' : 'half', lid: random.chance(0.5) ? 'open' : 'closed' }
    : { load: random.chance(0.5) ? 'full' : 'empty', lid: random.chance(0.2) ? 'open' : 'closed' }
  let [east, north] = [random.gauss() * sdM, random.gauss() * sdM]
  for (let second = random.int(every); second < drive.places.length; second += every) {
    const keep = Math.exp(-every / 40)
    const fresh = Math.sqrt(1 - keep * keep) * sdM
    ;[east, north] = [east * keep + random.gauss() * fresh, north * keep + random.gauss() * fresh]
    const real = drive.from + second * SECOND
    if (outage >= 0 && Math.abs(real - outage) < outageMs / 2) continue
    const jump = random.chance(1 / 500) ? 6000 : 0
    const [lon, lat] = moved(drive.places[second] as Position, east + jump, north)
    const speed = Math.max(0, (drive.speeds[second] as number) * 3.6 + random.gauss() * 1.5)
    const at = Math.round(real - skewMs)
    const payload: Payload = {
      at,
      lon,
      lat,
      speedKmh: speed,
      ...(velocities && { headingDeg: ((((drive.headings[second] as number) + random.gauss() * 6) % 360) + 360) % 360 }),
      ...state,
    }
    observations.push({
      type: 'observation',
      offset: observations.length + 1,
      receivedAt: real + Math.round(100 + random.exponential(400)),
      kind: 'vehicle',
      device: id as DeviceId,
      gateway: 'gw' as GatewayId,
      at,
      payload,
    })
  }
  return { id, tracked: !random.chance(world.noTerminal), observations }
}

/** What the camera saw: who passed within the minute before the spillage showed, or, where it saw no truck, only that minute. */
function sightingsOf(drives: readonly Drive[], place: Position, world: World, random: Random): Sighting[] {
  const shownAt = EVENT + random.between(2, 20) * SECOND
  const window = { from: shownAt - MINUTE, to: shownAt }
  const vague: Sighting = { ...window, place: { x: 0, y: 0 }, sdM: 15, headingDeg: null, share: 1, plates: [] }
  if (!random.chance(world.seen)) return [vague]
  const exact = random.chance(0.5)
  const found = drives.flatMap((drive, index): Sighting[] => {
    const { second, metres } = closest(drive, place)
    const at = drive.from + second * SECOND
    if (metres > 12 || at < window.from || at > window.to || (index > 0 && random.chance(0.1))) return []
    const seenAt = at + random.gauss() * 700
    const sdM = exact ? 4 : 15
    const off = toPlane(place, drive.places[second] as Position)
    return [
      {
        from: seenAt - SECOND,
        to: seenAt + SECOND,
        place: exact ? { x: off.x + random.gauss() * 3, y: off.y + random.gauss() * 3 } : { x: 0, y: 0 },
        sdM,
        headingDeg: exact ? (drive.headings[second] as number) + random.gauss() * 10 : null,
        share: 0,
        plates: [],
      },
    ]
  })
  return found.map((each) => ({ ...each, share: 1 / found.length }))
}
