import type { Asset } from '../../domain/asset.ts'
import type { Payload } from '../../domain/observation.ts'
import { HOUR, type Instant, MINUTE, SECOND } from '../../domain/time.ts'
import type { Random } from '../../fixtures/city/random.ts'

/** Covers over water (rain, sewage) measure its level; those over gas and sewage measure methane. */
const WET = new Set(['01002', '01003'])
const GASSY = new Set(['01002', '01011'])
/** A cover in trouble reports every few seconds instead of by heartbeat. */
export const COVER_ALARM_MS = 5 * SECOND
const RAIN_PERIOD = 50 * MINUTE

/** One smart cover: tilt switch, water probe, gas probe, battery. */
export class Cover {
  readonly id: string
  readonly wet: boolean
  readonly #gassy: boolean
  readonly #random: Random
  readonly #lon: number
  readonly #began: Instant
  readonly #seat: number
  readonly #level: number
  readonly #thirst: number
  #battery: number
  #open: { until: Instant; tiltDeg: number } | undefined
  #floodAt: Instant | undefined

  constructor(asset: Asset, began: Instant, random: Random) {
    const code = asset.matter?.code ?? ''
    this.id = asset.id
    this.wet = WET.has(code)
    this.#gassy = GASSY.has(code)
    this.#random = random
    this.#lon = asset.lon ?? 0
    this.#began = began
    this.#seat = random.between(0.2, 2.2)
    this.#level = random.between(60, 200)
    this.#thirst = random.between(0.3, 1)
    this.#battery = random.between(46, 100)
  }

  /** Somebody lifts it or a wheel moves it; at `until` it is put back. */
  open(until: Instant): void {
    this.#open = { until, tiltDeg: this.#random.between(24, 68) }
  }
  flood(at: Instant): void {
    this.#floodAt = at
  }
  drain(): void {
    this.#battery = Math.min(this.#battery, this.#random.between(12, 18))
  }
  /** True while it should report at short intervals. */
  alarmed(at: Instant): boolean {
    return (this.#open !== undefined && at <= this.#open.until + 5 * SECOND) || (this.#floodAt !== undefined && at - this.#floodAt < 7 * MINUTE)
  }

  report(at: Instant): Payload {
    const random = this.#random
    const open = this.#open !== undefined && at < this.#open.until
    const battery = this.#battery - (at - this.#began) / (6 * HOUR)
    return {
      at,
      tiltDeg: round(open ? (this.#open?.tiltDeg ?? 0) + random.between(-0.4, 0.4) : this.#seat + random.between(0, 0.4), 1),
      displaced: open,
      ...(this.wet && { waterMm: Math.round(this.#waterMm(at)) }),
      ...(this.#gassy && { ch4Lel: round(random.between(0, 2.5), 1), h2sPpm: round(random.between(0, 1.5), 1) }),
      tempC: round(11 + random.between(-0.5, 0.5), 1),
      batteryPct: Math.max(1, Math.floor(battery)),
      rssiDbm: Math.round(-88 + 6 * random.gauss()),
    }
  }

  #waterMm(at: Instant): number {
    // A front of rain crosses the city from west to east; it begins dry.
    const rain = Math.max(0, Math.sin((2 * Math.PI * (at - this.#began)) / RAIN_PERIOD - (this.#lon - 121.29) * 12)) ** 2
    const level = this.#level + 130 * rain * this.#thirst + this.#random.between(-3, 3)
    return this.#floodAt === undefined ? level : Math.max(level, flood((at - this.#floodAt) / SECOND))
  }
}

/** Level in mm, seconds after the drain clogged: up within a minute, then to and fro about one metre, then away. */
function flood(s: number): number {
  if (s < 60) return 150 + 1300 * (s / 60) ** 1.5
  if (s < 220) return 1050 + 400 * Math.cos(((s - 60) / 160) * 3 * Math.PI) * Math.exp(-(s - 60) / 240)
  return 650 * Math.exp(-(s - 220) / 70)
}

function round(value: number, digits: number): number {
  return Math.round(value * 10 ** digits) / 10 ** digits
}
