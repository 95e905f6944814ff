import type { Random } from '../../../domain/random.ts'
import type { Label } from '../labels.ts'
import type { Mesh, Rgb, Skin } from '../mesh.ts'

/** What can be seen of a thing as one: its own label, or null for what the detector must leave alone. */
export interface Part {
  label: Label | null
  mesh: Mesh
}

export const GLASS: Skin = { a: [28, 34, 40], b: [120, 140, 155], paint: 'glass' }
export const RUBBER: Skin = { a: [24, 24, 26], b: [120, 122, 125], paint: 'wheel', grain: 0.2 }
export const DARK: Skin = { a: [38, 38, 40], grain: 0.4 }

const PAINTWORK: readonly Rgb[] = [
  [235, 236, 238],
  [225, 226, 226],
  [195, 198, 202],
  [120, 124, 130],
  [60, 63, 68],
  [25, 26, 30],
  [150, 25, 28],
  [30, 55, 110],
  [70, 95, 140],
  [95, 70, 50],
  [190, 170, 130],
  [40, 90, 60],
  [200, 160, 40],
]

/** A colour that cars have, a little off. */
export function paintwork(random: Random): Rgb {
  return shifted(random.pick(PAINTWORK), random, 14)
}

/** Any colour that people wear or paint things with. */
export function anyColour(random: Random, low = 20, high = 235): Rgb {
  const grey = random.between(low, high)
  const spread = random.between(0, 90)
  const channel = () => Math.max(8, Math.min(245, grey + random.between(-spread, spread)))
  return [channel(), channel(), channel()]
}

export function shifted([r, g, b]: Rgb, random: Random, by: number): Rgb {
  const all = random.between(-by, by)
  const one = () => all + random.between(-by / 3, by / 3)
  return [r + one(), g + one(), b + one()]
}

export function times([r, g, b]: Rgb, factor: number): Rgb {
  return [r * factor, g * factor, b * factor]
}
