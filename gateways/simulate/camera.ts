import { insideRing, type Ring } from '../../domain/geo.ts'
import type { Payload, SceneObject } from '../../domain/observation.ts'
import { type Instant, SECOND } from '../../domain/time.ts'
import type { Random } from '../../fixtures/city/random.ts'
import type { CityCamera } from '../../fixtures/city/register.ts'

/** How often edge AI reports while something stands where it should not. */
export const CAMERA_WATCH_MS = 2 * SECOND
const MODEL = 'edge-yolox-nano@demo'
const STREET = ['car', 'car', 'car', 'person', 'person', 'motorcycle', 'truck', 'bicycle', 'bus'] as const
const SIZE: Record<(typeof STREET)[number], [number, number]> = {
  car: [0.14, 0.12],
  person: [0.03, 0.1],
  motorcycle: [0.06, 0.08],
  truck: [0.2, 0.19],
  bicycle: [0.05, 0.08],
  bus: [0.24, 0.2],
}

/** A camera with a model at the edge: it sends scenes, not pictures. */
export class Camera {
  readonly id: string
  /** It has a zone where nobody may park. */
  readonly guards: boolean
  readonly #zones: CityCamera['config']['zones']
  readonly #random: Random
  /** Tracks of another run are other things, even if their number is the same. */
  readonly #epoch: string
  #tracks = 0
  #parked: { until: Instant; track: string; box: [number, number, number, number] } | undefined

  constructor({ id, config }: CityCamera, began: Instant, random: Random) {
    this.id = id
    this.#epoch = Math.floor(began / SECOND).toString(36)
    this.#zones = config.zones
    this.guards = config.zones.some(({ type }) => type === 'no-parking')
    this.#random = random
  }

  /** A car stops in the no-parking zone until then. */
  park(until: Instant): void {
    this.#parked = { until, track: this.#track(), box: [this.#random.between(0.2, 0.34), this.#random.between(0.56, 0.64), 0.17, 0.15] }
  }
  alarmed(at: Instant): boolean {
    return this.#parked !== undefined && at <= this.#parked.until + 6 * SECOND
  }

  report(at: Instant): Payload {
    const passing = Array.from({ length: this.#random.int(6) }, () => this.#passer())
    const parked = this.#parked && at < this.#parked.until ? [this.#still(this.#parked)] : []
    return { at, camera: this.id, model: MODEL, objects: [...parked, ...passing] }
  }

  #still({ track, box: [x, y, w, h] }: { track: string; box: [number, number, number, number] }): SceneObject {
    // A detector's box of a standing car trembles by a few thousandths.
    const shake = () => this.#random.between(-0.002, 0.002)
    return this.#object('car', this.#random.between(0.78, 0.93), [x + shake(), y + shake(), w + shake(), h + shake()], track)
  }

  #passer(): SceneObject {
    const label = this.#random.pick(STREET)
    const [w, h] = SIZE[label]
    const box: [number, number, number, number] = [this.#random.between(0, 1 - w), this.#random.between(0.3, 0.98 - h), w, h]
    // Some are seen badly: objects below the threshold are reported too.
    return this.#object(label, this.#random.chance(0.2) ? this.#random.between(0.1, 0.35) : this.#random.between(0.5, 0.95), box, this.#track())
  }

  #object(label: string, score: number, [x, y, w, h]: [number, number, number, number], track: string): SceneObject {
    const zones = this.#zones.filter(({ polygon }) => insideRing([x + w / 2, y + h], polygon as Ring)).map(({ id }) => id)
    return { label, score: round(score, 3), box: [round(x, 4), round(y, 4), round(w, 4), round(h, 4)], track, ...(zones.length > 0 && { zones }) }
  }

  #track(): string {
    return `${this.#epoch}-${++this.#tracks}`
  }
}

function round(value: number, digits: number): number {
  return Math.round(value * 10 ** digits) / 10 ** digits
}
