import { type Instant, SECOND } from '../../domain/time.ts'
import { type OnLine, pointAlong } from '../../fixtures/city/line.ts'
import { type Route, STRAIGHT_MPS } from './route.ts'

const [SPEED_UP, SLOW_DOWN, BRAKE] = [0.9, 1.1, 3]
/** Nobody stands still before a line that is centimetres away. */
const CREEP_MPS = 0.7
/** What a driver does who does not care, m/s. */
const RUSH_MPS = 92 / 3.6

/** A truck on its way along a route: place and speed, moved on in steps of at most one second. */
export class Drive {
  readonly route: Route
  readonly #temper: number
  /** Metres from the start of the route, and metres per second. */
  metres: number
  mps = 0
  #nextStop: number
  #redUntil: Instant = 0

  /** `temper` is the driver's share of the cruising speed. */
  constructor(route: Route, temper: number, metres = 0) {
    this.route = route
    this.#temper = temper
    this.metres = metres
    const ahead = route.stops.findIndex(({ at }) => at > metres)
    this.#nextStop = ahead === -1 ? route.stops.length : ahead
  }

  get arrived(): boolean {
    return this.metres >= this.route.lengthM
  }
  get left(): number {
    return this.route.lengthM - this.metres
  }
  /** Metres to the next sharp turn or to the end. */
  get straightM(): number {
    const turn = this.route.stops.find(({ at, passMps }) => at > this.metres && passMps < STRAIGHT_MPS)
    return (turn?.at ?? this.route.lengthM) - this.metres
  }
  get where(): OnLine {
    return pointAlong(this.route.line, this.route.distances, this.metres)
  }

  /** Stands still until then. */
  halt(until: Instant): void {
    this.mps = 0
    this.#redUntil = until
  }

  /** `steady`: no red light stops it; `rush`: nor anything else but a sharp turn. */
  move(at: Instant, ms: number, steady: boolean, rush: boolean): void {
    const s = Math.min(ms, at + ms - this.#redUntil) / SECOND
    if (s <= 0) return
    const stop = this.route.stops[this.#nextStop]
    const red = stop !== undefined && stop.redMs > 0 && !steady
    const ceiling = Math.min(
      this.#cruise(rush),
      rush && (stop?.passMps ?? 0) >= STRAIGHT_MPS ? RUSH_MPS : toPass(stop, red, this.metres),
      Math.sqrt(2 * SLOW_DOWN * Math.max(0, this.left)),
    )
    this.mps = Math.max(CREEP_MPS, this.mps < ceiling ? Math.min(ceiling, this.mps + SPEED_UP * (rush ? 2 : 1) * s) : Math.max(ceiling, this.mps - BRAKE * s))
    this.metres = Math.min(this.route.lengthM, this.metres + this.mps * s)
    if (!stop || this.metres < stop.at) return
    this.#nextStop++
    if (!red) return
    this.metres = stop.at
    this.halt(at + ms + stop.redMs)
  }

  #cruise(rush: boolean): number {
    return rush ? RUSH_MPS : (this.route.cruiseMps[this.where.segment] ?? 0) * this.#temper
  }
}

/** The speed from which one can still slow down to what the junction allows. */
function toPass(stop: Route['stops'][number] | undefined, red: boolean, metres: number): number {
  if (!stop) return Number.POSITIVE_INFINITY
  return Math.sqrt((red ? 0 : stop.passMps) ** 2 + 2 * SLOW_DOWN * Math.max(0, stop.at - metres))
}
