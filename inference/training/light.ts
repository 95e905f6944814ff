import type { Random } from '../../domain/random.ts'
import type { Rgb } from './mesh.ts'
import type { Point3 } from './view.ts'

export interface Lamp {
  x: number
  z: number
  /** Metres at which half of its light is left. */
  reach: number
  strength: number
}

/** What lights a street; 1 is plain day. */
export interface Light {
  /** Towards the sun, 1 long. */
  sun: Point3
  direct: number
  ambient: number
  sky: Rgb
  lamps: readonly Lamp[]
}

/** Sun, cloud, dusk or lamps. */
export function anyLight(random: Random): Light {
  const sort = random.next()
  const [azimuth, high] = [random.between(0, 2 * Math.PI), random.between(0.35, 1.3)]
  const sun: Point3 = [Math.cos(high) * Math.cos(azimuth), Math.sin(high), Math.cos(high) * Math.sin(azimuth)]
  if (sort < 0.42)
    return {
      sun,
      direct: random.between(0.4, 0.85),
      ambient: random.between(0.35, 0.6),
      sky: [random.between(120, 190), random.between(165, 215), random.between(215, 250)],
      lamps: [],
    }
  if (sort < 0.8) {
    const grey = random.between(150, 235)
    return { sun: [0.05, 0.99, 0.1], direct: random.between(0.05, 0.25), ambient: random.between(0.55, 0.9), sky: [grey, grey, grey + 6], lamps: [] }
  }
  const dusk = random.between(0, 1)
  const lamps = Array.from({ length: 1 + random.int(4) }, (_, i) => ({
    x: random.between(-9, 9),
    z: 4 + i * random.between(8, 18),
    reach: random.between(4, 10),
    strength: random.between(0.35, 0.95),
  }))
  return { sun: [0.1, 0.99, 0], direct: 0.02, ambient: 0.1 + 0.35 * dusk, sky: [20 + 70 * dusk, 24 + 70 * dusk, 36 + 90 * dusk], lamps }
}

/** Light of the lamps at a place on the ground. */
export function lampLight(lamps: readonly Lamp[], x: number, z: number): number {
  let sum = 0
  for (const lamp of lamps) {
    const [dx, dz] = [x - lamp.x, z - lamp.z]
    sum += lamp.strength / (1 + (dx * dx + dz * dz) / (lamp.reach * lamp.reach))
  }
  return sum
}
