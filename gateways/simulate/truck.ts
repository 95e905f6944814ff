import type { Position } from '../../domain/geo.ts'
import type { Payload } from '../../domain/observation.ts'
import { type Instant, MINUTE, SECOND } from '../../domain/time.ts'
import { toTheRight } from '../../fixtures/city/line.ts'
import { moved } from '../../fixtures/city/plane.ts'
import type { Random } from '../../fixtures/city/random.ts'
import type { Leg } from '../../fixtures/city/routes.ts'
import type { Zone } from '../../fixtures/city/zones.ts'
import { Drive } from './drive.ts'
import { layOut, YARD_MPS } from './route.ts'
import type { Traffic } from './traffic.ts'

export type Load = 'empty' | 'half' | 'full'
type Yard = 'depot' | 'construction' | 'disposal'
const STAY: Record<Yard, [number, number]> = { depot: [8 * MINUTE, 30 * MINUTE], construction: [3 * MINUTE, 8 * MINUTE], disposal: [2 * MINUTE, 5 * MINUTE] }

/** A stay in a yard; what is done there goes by the share of it that has passed. */
interface Stay {
  zone: Zone
  spot: Position
  from: Instant
  until: Instant
}
/** What a driver does wrong, and until when. */
interface Offence {
  rush: Instant
  lid: Instant
  banned: Instant
  tip: { from: Instant; until: Instant }
}

const STEP_MS = SECOND
/** GPS error: a slow drift of a few metres, and once in about 1,500 fixes a wild jump that no truck can drive. */
const DRIFT_M = 3.5
const DRIFT_MS = 40 * SECOND
const JUMP_SHARE = 1 / 1500

/** A muck truck: depot → building site → disposal site and again, with terminal, load sensor, lid and tipping bed. */
export class Truck {
  readonly id: string
  readonly #traffic: Traffic
  readonly #random: Random
  readonly #temper: number
  #at: Instant
  #drive: Drive | undefined
  #stay: Stay | undefined
  #bound: Zone
  #load: Load = 'empty'
  #mileageM: number
  #drift = { east: 0, north: 0, at: 0 }
  readonly #offence: Offence = { rush: 0, lid: 0, banned: 0, tip: { from: 0, until: 0 } }

  constructor(id: string, traffic: Traffic, at: Instant, random: Random) {
    this.id = id
    this.#traffic = traffic
    this.#random = random
    this.#temper = random.between(0.88, 1.05)
    this.#at = at
    this.#mileageM = random.between(2e7, 2e8)
    const use = random.pick(['depot', 'construction', 'disposal'] as const)
    this.#bound = random.pick(traffic.yards[use])
    if (use === 'disposal') this.#load = 'full'
    if (random.chance(0.35)) this.#arrive(at - random.between(0, STAY[use][0]))
    else this.#startOnTheWay(use)
  }

  get driving(): Drive | undefined {
    return this.#drive
  }
  get load(): Load {
    return this.#load
  }
  /** Its driver is at something. */
  get busy(): boolean {
    const { rush, lid, banned, tip } = this.#offence
    return this.#at < Math.max(rush, lid, banned, tip.until)
  }
  /** The next junction ahead, with the seconds to it. */
  get ahead(): { node: number; seconds: number } | undefined {
    const drive = this.#drive
    const junction = drive?.route.junctions.find(({ at }) => at > drive.metres + 20)
    return drive && junction && { node: junction.node, seconds: (junction.at - drive.metres) / 10 }
  }

  rush(until: Instant): void {
    this.#offence.rush = until
  }
  openLid(until: Instant): void {
    this.#offence.lid = until
  }
  /** Stops where it is and tips its load on the road. */
  tip(from: Instant, until: Instant): void {
    this.#offence.tip = { from, until }
    this.#drive?.halt(until)
  }
  /** Turns off at the next junction, goes through a place where it may not, and on to where it was bound. */
  trespass(place: number, until: Instant): void {
    const drive = this.#drive
    const junction = drive?.route.junctions.find(({ at }) => at > drive.metres + 20)
    if (!drive || !junction) return
    const between = drive.route.line.filter((_, i) => (drive.route.distances[i] ?? 0) > drive.metres && (drive.route.distances[i] ?? 0) <= junction.at)
    const legs = [...this.#traffic.anyWay(junction.node, place), ...this.#traffic.anyWay(place, this.#bound.node)]
    const mps = drive.mps
    this.#offence.banned = until
    this.#depart([drive.where.position, ...between], legs, 9)
    if (this.#drive) this.#drive.mps = mps
  }

  /** Begins anew on the road, as near to a banned zone as the law allows. */
  goToTheBrink(): void {
    const legs = this.#traffic.brink(this.#bound)
    const [first] = legs
    if (!first) return
    this.#stay = undefined
    this.#depart([(first.forward ? first.edge.line[0] : first.edge.line.at(-1)) as Position], legs, 9)
    if (!this.#drive) return
    this.#drive = new Drive(this.#drive.route, this.#temper, Math.max(0, first.edge.lengthM - 90))
    this.#drive.mps = 8
  }

  /** Lives on until then. */
  advance(to: Instant): void {
    while (this.#at < to) {
      if (this.#stay) {
        if (this.#stay.until > to) break
        this.#at = Math.max(this.#at, this.#stay.until)
        this.#leave(this.#stay)
      }
      const ms = Math.min(STEP_MS, to - this.#at)
      const drive = this.#drive
      if (ms <= 0 || !drive) continue
      const before = drive.metres
      const rush = this.#at < this.#offence.rush
      drive.move(this.#at, ms, rush || this.#at < Math.max(this.#offence.lid, this.#offence.banned), rush)
      this.#mileageM += drive.metres - before
      this.#at += ms
      if (drive.arrived) this.#arrive(this.#at)
    }
    this.#at = to
  }

  /** The terminal's report; call it after `advance(at)`. */
  report(at: Instant): Payload {
    const drive = this.#drive
    const state = this.#stay ? this.#working(this.#stay, at) : this.#underWay(at)
    const place = drive ? toTheRight(drive.where.position, drive.where.bearing, 3.5) : (this.#stay?.spot ?? this.#traffic.gate(this.#bound))
    const [lon, lat] = this.#seen(place, at)
    const mps = drive?.mps ?? 0
    return {
      at,
      lon,
      lat,
      speedKmh: mps === 0 ? 0 : round(Math.max(0, mps * 3.6 + this.#random.between(-0.6, 0.6)), 1),
      headingDeg: round(drive?.where.bearing ?? 0, 0) % 360,
      altM: round(24 + this.#random.between(-3, 3), 0),
      ...state,
      mileageKm: round(this.#mileageM / 1000, 1),
    }
  }

  #underWay(at: Instant): Partial<Payload> {
    const { lid, tip } = this.#offence
    const tipping = at >= tip.from && at < tip.until
    if (tipping && at > (tip.from + tip.until) / 2) this.#load = 'empty'
    return {
      ignition: true,
      load: this.#load,
      lid: at < lid || tipping ? 'open' : 'closed',
      bed: tipping && at > tip.from + 4 * SECOND && at < tip.until - 4 * SECOND ? 'raised' : 'flat',
    }
  }

  #working({ zone, from, until }: Stay, at: Instant): Partial<Payload> {
    const share = (at - from) / (until - from)
    if (zone.use === 'construction') {
      this.#load = share > 0.85 ? 'full' : share > 0.4 ? 'half' : 'empty'
      return { ignition: true, load: this.#load, lid: share > 0.93 ? 'closed' : 'open', bed: 'flat' }
    }
    if (zone.use === 'disposal') {
      if (share > 0.45) this.#load = 'empty'
      return { ignition: true, load: this.#load, lid: share > 0.1 && share < 0.9 ? 'open' : 'closed', bed: share > 0.2 && share < 0.7 ? 'raised' : 'flat' }
    }
    return { ignition: at - from < 30 * SECOND, load: this.#load, lid: 'closed', bed: 'flat' }
  }

  /** Where the satellites say that it is. */
  #seen(place: Position, at: Instant): Position {
    const keep = Math.exp(-(at - this.#drift.at) / DRIFT_MS)
    const fresh = Math.sqrt(1 - keep * keep) * DRIFT_M
    this.#drift = { east: this.#drift.east * keep + fresh * this.#random.gauss(), north: this.#drift.north * keep + fresh * this.#random.gauss(), at }
    const jump = this.#random.chance(JUMP_SHARE) ? this.#random.between(5000, 9000) : 0
    const angle = this.#random.between(0, 2 * Math.PI)
    return moved(place, this.#drift.east + jump * Math.cos(angle), this.#drift.north + jump * Math.sin(angle))
  }

  #startOnTheWay(use: Yard): void {
    const origin = this.#random.pick(this.#traffic.yards[use === 'construction' ? 'depot' : use === 'disposal' ? 'construction' : 'disposal'])
    this.#setOut(origin, this.#traffic.spot(origin, this.#random))
    if (!this.#drive) return
    this.#drive = new Drive(this.#drive.route, this.#temper, this.#drive.route.lengthM * this.#random.between(0.05, 0.9))
    this.#drive.mps = 8
  }

  #leave({ zone, spot }: Stay): void {
    if (zone.use === 'construction') this.#load = 'full'
    else this.#load = 'empty'
    const next: Yard = zone.use === 'construction' ? 'disposal' : zone.use === 'disposal' && this.#random.chance(0.3) ? 'depot' : 'construction'
    this.#bound = this.#random.pick(this.#traffic.yards[next])
    this.#stay = undefined
    this.#setOut(zone, spot)
  }

  #setOut(from: Zone, spot: Position): void {
    this.#depart([spot], this.#traffic.lawfulWay(from.node, this.#bound), YARD_MPS)
  }

  #depart(points: Position[], legs: readonly Leg[], mps: number): void {
    const route = layOut({ points, mps }, legs, this.#traffic.spot(this.#bound, this.#random), this.#random)
    this.#drive = new Drive(route, this.#temper)
  }

  #arrive(at: Instant): void {
    const zone = this.#bound
    const [shortest, longest] = STAY[zone.use as Yard]
    const spot = this.#drive?.route.line.at(-1) ?? this.#traffic.spot(zone, this.#random)
    this.#drive = undefined
    this.#stay = { zone, spot, from: at, until: at + this.#random.between(shortest, longest) }
  }
}

function round(value: number, digits: number): number {
  return Math.round(value * 10 ** digits) / 10 ** digits
}
