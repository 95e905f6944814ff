import { centre } from '../../domain/box.ts'
import type { Box } from '../../domain/observation.ts'
import { type Appearance, CHANNELS } from './appearance.ts'
import { surfaceDifference } from './difference.ts'

/** Around a place so many of its sizes are looked at, and two cells at least. */
const AROUND = 1
const LEAST_CELLS = 2
/** When so much of what is around it looks as it usually does, nothing large stands there that no model knows. */
const SEEN = 0.6
/** Below this sum of colours nothing is seen. */
const DARK = 72
/** Share of a look in what is usual. */
const NEWEST = 0.05

/** How a picture usually looks, to tell whether a part of it is seen: not behind something, not in fog, not in the dark. */
export class Surroundings {
  #usual = new Float32Array()
  #grid = { width: 0, height: 0 }

  /** The picture is as it usually is. */
  learn({ values, width, height }: Appearance): void {
    if (width !== this.#grid.width || height !== this.#grid.height) {
      this.#grid = { width, height }
      this.#usual = values.slice()
    } else for (let i = 0; i < values.length; i++) this.#usual[i] = (this.#usual[i] as number) + NEWEST * ((values[i] as number) - (this.#usual[i] as number))
  }

  /** Whether what lies around the box looks as usual, in whatever light. */
  areSeen({ values, width, height }: Appearance, box: Box): boolean {
    if (width !== this.#grid.width || height !== this.#grid.height) return false
    const gains = this.#gains(values)
    const cells = cellsAround(box, this.#grid)
    const seen = cells.filter((cell) => light(values, cell) >= DARK && surfaceDifference(values, cell, this.#usual, cell, gains) < 1)
    return cells.length > 0 && seen.length >= SEEN * cells.length
  }

  /** By how much the light of the whole changed, by colour: the middle one of all cells. */
  #gains(values: Float32Array): number[] {
    return [0, 1, 2].map((channel) => {
      const ratios = Float64Array.from(
        { length: values.length / CHANNELS },
        (_, cell) => (values[cell * CHANNELS + channel] as number) / Math.max(1, this.#usual[cell * CHANNELS + channel] as number),
      )
      return ratios.sort()[ratios.length >> 1] as number
    })
  }
}

function light(values: Float32Array, cell: number): number {
  const at = cell * CHANNELS
  return (values[at] as number) + (values[at + 1] as number) + (values[at + 2] as number)
}

/** Cells whose middle is outside of the box, but no farther than its own size. */
function cellsAround(box: Box, { width, height }: { width: number; height: number }): number[] {
  const [x, y] = centre(box)
  const [w, h] = [box[2] / 2, box[3] / 2]
  const [outW, outH] = [w + Math.max(AROUND * box[2], LEAST_CELLS / width), h + Math.max(AROUND * box[3], LEAST_CELLS / height)]
  const cells: number[] = []
  for (let row = 0; row < height; row++)
    for (let column = 0; column < width; column++) {
      const [dx, dy] = [Math.abs((column + 0.5) / width - x), Math.abs((row + 0.5) / height - y)]
      if ((dx > w || dy > h) && dx <= outW && dy <= outH) cells.push(row * width + column)
    }
  return cells
}
