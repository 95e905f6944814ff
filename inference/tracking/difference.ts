import { CHANNELS } from './appearance.ts'

/** A colour share that differs by so much is another colour: the camera's noise is a tenth of it. */
const COLOUR = 0.02
/** What lies in the shade is bluer, what lies in the sun redder, by up to so much. */
const SKY = 0.045
/** Roughness that differs by so much is another surface. */
const ROUGH = 0.035
/** Brightness that differs by more than shade and sun can make. */
const LIGHT: readonly [least: number, most: number] = [0.25, 3]
/** A cell that is so dark or so bright in one colour tells nothing about colour. */
const BLIND: readonly [dark: number, bright: number] = [24, 250]

/**
 * How different the surface of a cell is from that of another, in multiples of what noise, shade and sun can make: below 1
 * it may be the same surface in another light. `gains`: by how much the whole picture became brighter, by colour.
 */
export function surfaceDifference(a: Float32Array, cellA: number, b: Float32Array, cellB: number, gains: readonly number[]): number {
  const from = cellA * CHANNELS
  const to = cellB * CHANNELS
  // No lists here: it runs for every cell of every look.
  const r = a[from] as number
  const g = a[from + 1] as number
  const bl = a[from + 2] as number
  const r0 = (b[to] as number) * (gains[0] as number)
  const g0 = (b[to + 1] as number) * (gains[1] as number)
  const b0 = (b[to + 2] as number) * (gains[2] as number)
  const sum = r + g + bl
  const sum0 = r0 + g0 + b0
  if (Math.min(sum, sum0) < BLIND[0] * 3 || Math.max(r, g, bl) > BLIND[1]) return 0
  const light = sum / sum0
  if (light < LIGHT[0] || light > LIGHT[1]) return 1.5
  const red = r / sum - r0 / sum0
  const green = g / sum - g0 / sum0
  const blue = bl / sum - b0 / sum0
  // The sky's light in the shade, the sun's where it comes back.
  const sky = (light < 0.97 && blue > 0 && red < 0) || (light > 1.03 && blue < 0 && red > 0)
  const colour = Math.max(Math.abs(red), Math.abs(green), Math.abs(blue)) / (sky ? SKY : COLOUR)
  const rough = Math.abs((a[from + 3] as number) - (b[to + 3] as number)) / ROUGH
  return Math.max(colour, rough)
}

/** Whether a cell is as it was at the look before, light and all. */
export function isSteady(a: Float32Array, b: Float32Array, cell: number): boolean {
  const from = cell * CHANNELS
  let change = 0
  for (let channel = 0; channel < 3; channel++) change = Math.max(change, Math.abs((a[from + channel] as number) - (b[from + channel] as number)))
  const [rough, before] = [a[from + 3] as number, b[from + 3] as number]
  return change <= STEADY.light && Math.abs(rough - before) <= STEADY.rough + STEADY.share * Math.max(rough, before)
}

/** A trembling camera samples the grain of a rough surface elsewhere each time. */
const STEADY = { light: 20, rough: 0.04, share: 0.5 }
