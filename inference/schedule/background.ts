import type { Instant } from '../../domain/time.ts'
import type { Luma } from './luma.ts'

/** What does not change is learnt within so many ms of event time … */
const STILL_MS = 20_000
/** … and what stands where it did not stand before becomes background as slowly as this. */
const CHANGED_MS = 10_000
/** How many times its usual unrest a cell must change. */
const UNREST = 4
/** When this share of the picture changes at once, the light changed, or the camera turned: everything is new. */
const EVERYWHERE = 0.6

/**
 * What a camera usually shows: mean and unrest of each cell. Cells whose change exceeds both the floor and their own unrest
 * (leaves, water, a noisy sensor at night) have changed.
 */
export class Background {
  readonly #floor: number
  #mean: Float32Array | undefined
  #unrest = new Float32Array(0)
  #changed = new Uint8Array(0)
  #at = 0

  /** `floor`: smallest change of brightness that counts, of 255. */
  constructor(floor: number) {
    this.#floor = floor
  }

  /** 1 for each cell that changed, valid until the next call; `everywhere` for a first picture and one that is quite another. */
  compare(at: Instant, { values }: Luma): Uint8Array | 'everywhere' {
    const elapsed = Math.max(0, at - this.#at)
    this.#at = at
    if (this.#mean?.length !== values.length) return this.#begin(values)
    const changed = this.#mark(values)
    if (changed > EVERYWHERE * values.length) return this.#begin(values)
    this.#learn(values, 1 - Math.exp(-elapsed / STILL_MS), 1 - Math.exp(-elapsed / CHANGED_MS))
    return this.#changed
  }

  #begin(values: Uint8Array): 'everywhere' {
    if (this.#unrest.length !== values.length) this.#unrest = new Float32Array(values.length)
    this.#mean = Float32Array.from(values)
    this.#changed = new Uint8Array(values.length)
    return 'everywhere'
  }

  #mark(values: Uint8Array): number {
    const mean = this.#mean as Float32Array
    let count = 0
    for (let i = 0; i < values.length; i++) {
      const limit = Math.max(this.#floor, UNREST * (this.#unrest[i] as number))
      const differs = Math.abs((values[i] as number) - (mean[i] as number)) > limit ? 1 : 0
      this.#changed[i] = differs
      count += differs
    }
    return count
  }

  #learn(values: Uint8Array, still: number, changed: number): void {
    const mean = this.#mean as Float32Array
    for (let i = 0; i < values.length; i++) {
      const difference = (values[i] as number) - (mean[i] as number)
      const share = this.#changed[i] === 1 ? changed : still
      mean[i] = (mean[i] as number) + share * difference
      // A thing that passes is no unrest of the place; leaves that never rest come in below the limit, little by little.
      const seen = Math.min(Math.abs(difference), 2 * this.#floor)
      this.#unrest[i] = (this.#unrest[i] as number) + (still / 2) * (seen - (this.#unrest[i] as number))
    }
  }
}
