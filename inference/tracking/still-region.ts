import type { PictureZone } from '../../domain/camera.ts'
import type { Box } from '../../domain/observation.ts'
import { type Instant, MINUTE, SECOND } from '../../domain/time.ts'
import { cellsIn } from '../schedule/gate.ts'
import { type Appearance, CHANNELS } from './appearance.ts'
import { isSteady, surfaceDifference } from './difference.ts'
import { type Region, regionsOf } from './region.ts'

/** What is reported: something lies there that did not lie there before, and no model says what it is. */
export const NEW_OBJECT = 'new-object'
/** Zones of this type are watched for it. */
export const ROAD = 'road'

/** So many looks must show it as it is, over at least so long: what passes, or stops for a moment, does not. */
const CONFIRM = { looks: 3, ms: 3 * SECOND }
/** The road as it was is remembered as a mean over about so long. */
const MEMORY_MS = MINUTE
/** What has lain there for so long is part of the road. */
const ABSORBED_MS = 120 * MINUTE
/** When more of the road than this is different, the camera has moved, or it has begun to snow: the road is learnt anew. */
const EVERYWHERE = 0.5
/** Nor do more things than this come to lie there at once. */
const MOST_AT_ONCE = 4
/** So much of a region must have stayed as it is: what creeps is still at its tail only. */
const STILL = 0.6
/** Boxes of what is seen are taken larger by this share: shadows and edges. */
const MARGIN = 0.1
/** What is not masked and calm: enough of it tells how the light of the whole picture changed. */
const LEAST_CELLS = 12

interface Found {
  label: typeof NEW_OBJECT
  score: number
  box: Box
}

/**
 * Finds what has come to lie on the road: cells whose surface is not that of the road as it was, and that stay as they are
 * for some looks. Light, shade and a trembling camera change no surface; cells under the boxes of what the model sees wait.
 * What lay there at the first look is road. Its state is a function of the looks that it was given.
 */
export class StillRegions {
  #grid = { width: 0, height: 0 }
  #zones: readonly PictureZone[] | undefined
  #cells = new Uint32Array()
  /** The road as it was; the first of its channels is NaN where it was never seen. */
  #road = new Float32Array()
  /** The look before. */
  #last = new Float32Array()
  #looks = new Uint16Array()
  #since = new Float64Array()
  #at: Instant | undefined
  #upheaval = 0

  /** New things in zones of type `road`; `boxes` are those of what the model means in this look. */
  update(at: Instant, picture: Appearance, zones: readonly PictureZone[], boxes: readonly Box[]): Found[] {
    if (this.#zones !== zones || picture.width !== this.#grid.width || picture.height !== this.#grid.height) this.#begin(picture, zones)
    if (this.#cells.length === 0) return []
    const open = this.#openCells(boxes)
    const gains = this.#gains(picture.values, open)
    const different = new Float32Array(picture.width * picture.height)
    for (const cell of open) this.#note(at, cell, this.#differenceAt(picture, cell, gains), picture.values, different)
    const alpha = this.#at === undefined ? 1 : 1 - Math.exp(-Math.max(0, at - this.#at) / MEMORY_MS)
    this.#at = at
    this.#learn(open, picture.values, Math.max(alpha, 0.02), different)
    const confirmed = this.#confirmed(at)
    const regions = regionsOf(
      confirmed.map((each, cell) => (each || different[cell] ? 1 : 0)),
      picture,
    )
    const still = regions.filter(({ cells }) => cells.filter((cell) => confirmed[cell]).length >= STILL * cells.length)
    if (still.length > MOST_AT_ONCE || open.filter((cell) => different[cell]).length > EVERYWHERE * open.length) return this.#upheave(picture.values)
    this.#upheaval = 0
    return still.flatMap((region) => (region.cells.every((cell) => different[cell]) && this.#wasTakenAway(region, picture.values) ? [] : [foundAt(region, picture, different)]))
  }

  #isKnown(cell: number): boolean {
    return !Number.isNaN(this.#road[cell * CHANNELS] as number)
  }

  #begin({ width, height }: Appearance, zones: readonly PictureZone[]): void {
    const size = width * height
    const same = width === this.#grid.width && height === this.#grid.height
    this.#zones = zones
    this.#grid = { width, height }
    this.#cells = Uint32Array.from(new Set(zones.filter(({ type }) => type === ROAD).flatMap((zone) => [...cellsIn(zone, this.#grid)])))
    if (same) return
    this.#road = new Float32Array(size * CHANNELS).fill(Number.NaN)
    this.#last = new Float32Array(size * CHANNELS)
    this.#looks = new Uint16Array(size)
    this.#since = new Float64Array(size)
    this.#at = undefined
  }

  #openCells(boxes: readonly Box[]): number[] {
    const { width, height } = this.#grid
    const masks = boxes.map(([x, y, w, h]) => [x - MARGIN * w, y - MARGIN * h, x + (1 + MARGIN) * w, y + (1 + MARGIN) * h] as const)
    return [...this.#cells].filter((cell) => {
      const [x, y] = [((cell % width) + 0.5) / width, (Math.floor(cell / width) + 0.5) / height]
      return !masks.some(([left, top, right, bottom]) => x >= left && x <= right && y >= top && y <= bottom)
    })
  }

  /** By how much the light of the whole changed, by colour: the middle one of all cells, which what lies there does not move. */
  #gains(values: Float32Array, open: readonly number[]): number[] {
    const known = open.filter((cell) => this.#isKnown(cell))
    if (known.length < LEAST_CELLS) return [1, 1, 1]
    return [0, 1, 2].map((channel) => {
      const ratios = Float64Array.from(known, (cell) => (values[cell * CHANNELS + channel] as number) / Math.max(1, this.#road[cell * CHANNELS + channel] as number)).sort()
      return ratios[ratios.length >> 1] as number
    })
  }

  /** From the road around: a camera that trembles shows a neighbour's surface. */
  #differenceAt({ values, width, height }: Appearance, cell: number, gains: readonly number[]): number {
    const [column, row] = [cell % width, Math.floor(cell / width)]
    // Nearly always it is what it was, where it was.
    let least = this.#isKnown(cell) ? surfaceDifference(values, cell, this.#road, cell, gains) : Infinity
    if (least < 1) return least
    for (let y = Math.max(0, row - 1); y <= Math.min(height - 1, row + 1); y++)
      for (let x = Math.max(0, column - 1); x <= Math.min(width - 1, column + 1); x++) {
        const other = y * width + x
        if (!this.#isKnown(other)) continue
        least = Math.min(least, surfaceDifference(values, cell, this.#road, other, gains))
        if (least < 1) return least
      }
    return least
  }

  /** Counts for how many looks a cell has been another surface. */
  #note(at: Instant, cell: number, difference: number, values: Float32Array, different: Float32Array): void {
    if (difference < 1 || difference === Infinity) {
      this.#looks[cell] = 0
      return
    }
    different[cell] = difference
    if (this.#looks[cell] === 0 || !isSteady(values, this.#last, cell)) {
      this.#looks[cell] = 0
      this.#since[cell] = at
    }
    this.#looks[cell] = Math.min(65_535, (this.#looks[cell] as number) + 1)
  }

  #upheave(values: Float32Array): Found[] {
    if (++this.#upheaval >= CONFIRM.looks) {
      this.#road.set(values)
      this.#looks.fill(0)
      this.#upheaval = 0
    }
    this.#last.set(values)
    return []
  }

  #learn(open: readonly number[], values: Float32Array, alpha: number, different: Float32Array): void {
    for (const cell of open) {
      const from = cell * CHANNELS
      const unseen = Number.isNaN(this.#road[from] as number)
      for (let i = from; i < from + CHANNELS; i++) {
        const value = values[i] as number
        this.#last[i] = value
        if (unseen) this.#road[i] = value
        else if (different[cell] === 0) this.#road[i] = (this.#road[i] as number) * (1 - alpha) + value * alpha
      }
    }
  }

  #confirmed(at: Instant): Uint8Array {
    const confirmed = new Uint8Array(this.#looks.length)
    for (const cell of this.#cells) {
      if ((this.#looks[cell] as number) < CONFIRM.looks || at - (this.#since[cell] as number) < CONFIRM.ms) continue
      if (at - (this.#since[cell] as number) > ABSORBED_MS) this.#forget(cell)
      else confirmed[cell] = 1
    }
    return confirmed
  }

  /** What is there now is the road. */
  #forget(cell: number): void {
    this.#looks[cell] = 0
    for (let i = cell * CHANNELS; i < (cell + 1) * CHANNELS; i++) this.#road[i] = this.#last[i] as number
  }

  /** Something that lay there from the beginning is gone: the road now looks like the road around, and did not before. */
  #wasTakenAway({ cells, around }: Region, values: Float32Array): boolean {
    const ring = around.filter((cell) => this.#isKnown(cell))
    if (ring.length === 0) return false
    const [now, before] = [meanOf(values, cells), meanOf(this.#road, cells)]
    const [ringNow, ringBefore] = [meanOf(values, ring), meanOf(this.#road, ring)]
    const gone = surfaceDifference(now, 0, ringNow, 0, ONES) < surfaceDifference(before, 0, ringBefore, 0, ONES)
    if (gone) for (const cell of cells) this.#forget(cell)
    return gone
  }
}

const ONES = [1, 1, 1]

function meanOf(values: Float32Array, cells: readonly number[]): Float32Array {
  const mean = new Float32Array(CHANNELS)
  for (const cell of cells)
    for (let channel = 0; channel < CHANNELS; channel++) mean[channel] = (mean[channel] as number) + (values[cell * CHANNELS + channel] as number) / cells.length
  return mean
}

/** The score says how clearly it is another surface: a half where it hardly is, towards one where there is no doubt. */
function foundAt({ cells, box }: Region, { width, height }: Appearance, different: Float32Array): Found {
  // What something hides for a moment is as clear as the threshold.
  const clear = cells.reduce((sum, cell) => sum + Math.max(1, different[cell] as number), 0) / cells.length
  const [left, top, right, bottom] = box
  const fraction = (value: number, of: number): number => Math.round((value / of) * 10_000) / 10_000
  return {
    label: NEW_OBJECT,
    score: Math.round(100 * Math.min(0.99, 1 - 0.5 / clear)) / 100,
    box: [fraction(left, width), fraction(top, height), fraction(right - left, width), fraction(bottom - top, height)],
  }
}
