import type { Kind, Payload } from '../../domain/observation.ts'
import { type Instant, MINUTE, SECOND } from '../../domain/time.ts'
import type { City } from '../../fixtures/city/city.ts'
import { CLIP_CAMERAS } from '../../fixtures/city/clips.ts'
import { Random } from '../../fixtures/city/random.ts'
import type { Report } from '../outbox.ts'
import { Agenda } from './agenda.ts'
import { CAMERA_WATCH_MS, Camera } from './camera.ts'
import { COVER_ALARM_MS, Cover } from './cover.ts'
import { type Cast, happen, type Incident, MISHAPS, type Mishap, SCRIPT } from './incidents.ts'
import { Traffic } from './traffic.ts'
import { Truck } from './truck.ts'

export interface LifeOptions {
  seed: number
  /** Event time of the beginning. */
  start: Instant
  /** Devices report so many times as often as usual. */
  multiplier?: number
  /** Messages per second of the whole city, whatever is usual; overrides `multiplier`. */
  rate?: number
  /** Mean number of incidents per minute once the script is over; 0 for none at all. */
  incidentsPerMinute?: number
}

const HEARTBEAT = { cover: MINUTE, truck: 10 * SECOND, parked: MINUTE, camera: 30 * SECOND }
const TRUCK_ALARM_MS = 3 * SECOND

/** A device with its rhythm. A new `turn` voids what was planned for it before. */
interface Reporter {
  kind: Kind
  device: string
  turn: number
  report(at: Instant): Payload
  usualMs(payload: Payload): number
  alarmMs(at: Instant): number
}

/**
 * The demo city at work. Pure but for its own memory: the same city, options and start give the same reports,
 * in the same order, however the time is cut into steps.
 */
export class Life {
  /** What has gone wrong so far, in order. */
  readonly incidents: Incident[] = []
  readonly #agenda = new Agenda()
  readonly #cast: Cast
  readonly #reporters = new Map<string, Reporter>()
  readonly #random: Random
  readonly #quietMs: number
  readonly #rhythm: (usualMs: number) => number
  #out: Report[] = []

  constructor(city: City, { seed, start, multiplier = 1, rate, incidentsPerMinute = 2 }: LifeOptions) {
    const root = new Random(`life/${seed}`)
    this.#random = root.fork('incidents')
    this.#cast = castOf(city, start, root)
    this.#quietMs = incidentsPerMinute > 0 ? MINUTE / incidentsPerMinute : Number.POSITIVE_INFINITY
    for (const reporter of reportersOf(this.#cast)) this.#reporters.set(reporter.device, reporter)
    const devices = this.#reporters.size
    this.#rhythm = rate ? () => (devices * SECOND) / rate : (usualMs) => usualMs / multiplier
    const phase = root.fork('phase')
    for (const reporter of this.#reporters.values()) {
      const first = start + phase.next() * this.#rhythm(HEARTBEAT[reporter.kind === 'cover' ? 'cover' : reporter.kind === 'scene' ? 'camera' : 'truck'])
      this.#planTurn(reporter, Math.round(first))
    }
    if (incidentsPerMinute <= 0) return
    // Of itself no truck may be near enough for the first minute to show one inside.
    this.#cast.trucks[0]?.goToTheBrink()
    for (const { after, what, lasts } of SCRIPT) this.#agenda.plan(start + after, (at) => this.#happen(what, at, lasts))
    this.#planNextIncident(start + MINUTE)
  }

  /** Lives on until `to` (included) and returns what was reported on the way, in order of `at`. */
  step(to: Instant): Report[] {
    for (let entry = this.#agenda.take(to); entry; entry = this.#agenda.take(to)) entry.run(entry.at)
    const out = this.#out
    this.#out = []
    return out
  }

  #planTurn(reporter: Reporter, at: Instant): void {
    const turn = ++reporter.turn
    this.#agenda.plan(at, () => {
      if (reporter.turn !== turn) return
      const payload = reporter.report(at)
      this.#out.push({ kind: reporter.kind, device: reporter.device, payload })
      const wait = Math.min(this.#rhythm(reporter.usualMs(payload)), reporter.alarmMs(at))
      // A hundred thousand messages a second would still leave a device one millisecond between two of its own.
      this.#planTurn(reporter, at + Math.max(1, Math.round(wait)))
    })
  }

  #happen(what: Mishap, at: Instant, lasts?: number): void {
    const incident = happen(what, at, lasts, this.#cast, this.#random)
    const reporter = incident && this.#reporters.get(incident.device)
    if (!incident || !reporter) return
    this.incidents.push(incident)
    this.#planTurn(reporter, at + 1)
  }

  #planNextIncident(after: Instant): void {
    const at = Math.round(after + this.#random.exponential(this.#quietMs))
    this.#agenda.plan(at, () => {
      this.#happen(this.#random.pick(MISHAPS), at)
      this.#planNextIncident(at)
    })
  }
}

function castOf(city: City, start: Instant, root: Random): Cast {
  const traffic = new Traffic(city)
  return {
    covers: city.assets.filter(({ kind }) => kind === 'cover').map((asset) => new Cover(asset, start, root.fork(asset.id))),
    trucks: city.assets.filter(({ kind }) => kind === 'vehicle').map(({ id }) => new Truck(id, traffic, start, root.fork(id))),
    cameras: city.cameras.filter(({ id }) => !(id in CLIP_CAMERAS)).map((camera) => new Camera(camera, start, root.fork(camera.id))),
    traffic,
  }
}

function reportersOf({ covers, trucks, cameras }: Cast): Reporter[] {
  const never = Number.POSITIVE_INFINITY
  return [
    ...covers.map(
      (cover): Reporter => ({
        kind: 'cover',
        device: cover.id,
        turn: 0,
        report: (at) => cover.report(at),
        usualMs: () => HEARTBEAT.cover,
        alarmMs: (at) => (cover.alarmed(at) ? COVER_ALARM_MS : never),
      }),
    ),
    ...trucks.map(
      (truck): Reporter => ({
        kind: 'vehicle',
        device: truck.id,
        turn: 0,
        report: (at) => {
          truck.advance(at)
          return truck.report(at)
        },
        usualMs: ({ ignition }) => (ignition ? HEARTBEAT.truck : HEARTBEAT.parked),
        alarmMs: () => (truck.busy ? TRUCK_ALARM_MS : never),
      }),
    ),
    ...cameras.map(
      (camera): Reporter => ({
        kind: 'scene',
        device: camera.id,
        turn: 0,
        report: (at) => camera.report(at),
        usualMs: () => HEARTBEAT.camera,
        alarmMs: (at) => (camera.alarmed(at) ? CAMERA_WATCH_MS : never),
      }),
    ),
  ]
}
