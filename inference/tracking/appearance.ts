import type { Placement, Size } from '../letterbox.ts'

/** What a picture looks like, cell by cell: four numbers each, red, green, blue (0–255), and how rough the brightness is. */
export interface Appearance extends Size {
  /** Row by row; valid until the next call of the sampler that made it. */
  values: Float32Array
}

/** Numbers of one cell. */
export const CHANNELS = 4

const COLUMNS = 96
/** Roughness is measured over neighbours at this distance in pixels. */
const STEP = 2

/** About square cells, at most 96 in a row. */
export function cellsOf({ width, height }: Size): Size {
  const columns = Math.min(COLUMNS, Math.ceil(width / STEP))
  return { width: columns, height: Math.max(1, Math.min(Math.ceil(height / STEP), Math.round((columns * height) / width))) }
}

/**
 * Compiles the reduction of a frame (red, green, blue side by side, `width` pixels in a row) to cells; the padding around
 * the picture is left out. Roughness is the mean step of brightness from pixel to pixel as a share of the cell's brightness:
 * light and shade scale it away.
 */
export function appearanceSampler(width: number, at: Placement): (rgb: Uint8Array) => Appearance {
  const grid = cellsOf(at)
  const values = new Float32Array(grid.width * grid.height * CHANNELS)
  const counts = new Uint32Array(grid.width * grid.height)
  return (rgb) => {
    values.fill(0)
    counts.fill(0)
    for (let y = 0; y + STEP < at.height; y += STEP) {
      const row = Math.floor((y * grid.height) / at.height) * grid.width
      for (let x = 0; x + STEP < at.width; x += STEP) {
        const cell = row + Math.floor((x * grid.width) / at.width)
        const from = ((at.y + y) * width + at.x + x) * 3
        const light = brightness(rgb, from)
        const to = cell * CHANNELS
        values[to] = (values[to] as number) + (rgb[from] as number)
        values[to + 1] = (values[to + 1] as number) + (rgb[from + 1] as number)
        values[to + 2] = (values[to + 2] as number) + (rgb[from + 2] as number)
        const rough = Math.abs(brightness(rgb, from + 3 * STEP) - light) + Math.abs(brightness(rgb, from + 3 * STEP * width) - light)
        values[to + 3] = (values[to + 3] as number) + rough
        counts[cell] = (counts[cell] as number) + 1
      }
    }
    for (let cell = 0; cell < counts.length; cell++) {
      const [to, count] = [cell * CHANNELS, Math.max(1, counts[cell] as number)]
      for (let channel = 0; channel < CHANNELS; channel++) values[to + channel] = (values[to + channel] as number) / count
      const light = (values[to] as number) + (values[to + 1] as number) + (values[to + 2] as number)
      values[to + 3] = (values[to + 3] as number) / (2 * Math.max(DARK, light))
    }
    return { ...grid, values }
  }
}

/** Below this sum of colours there is no telling noise from roughness. */
const DARK = 30

function brightness(rgb: Uint8Array, from: number): number {
  return (rgb[from] as number) + (rgb[from + 1] as number) + (rgb[from + 2] as number)
}
