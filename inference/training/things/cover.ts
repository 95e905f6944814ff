import type { Random } from '../../../domain/random.ts'
import type { Decal } from '../decals.ts'
import type { Rgb } from '../mesh.ts'
import { clouds, noise, speck } from '../noise.ts'
import { shifted, times } from './parts.ts'

const IRON: readonly Rgb[] = [
  [88, 84, 80],
  [62, 60, 58],
  [118, 106, 92],
  [104, 82, 66],
  [140, 140, 138],
  [52, 54, 58],
]

type Pattern = (u: number, v: number) => number
const PATTERNS: readonly Pattern[] = [
  (u, v) => (Math.hypot(u, v) * 5) % 1,
  (u, v) => (part(u * 5) < 0.3 || part(v * 5) < 0.3 ? 0 : 1),
  (u, v) => (Math.hypot(part(u * 6) - 0.5, part(v * 6) - 0.5) < 0.3 ? 1 : 0.2),
  (u, v) => (part((Math.atan2(v, u) / Math.PI) * 8) < 0.4 ? 1 : 0.1),
  (u, v) => (part(u * 4 + Math.floor(v * 8) * 0.5) < 0.2 || part(v * 8) < 0.25 ? 0 : 1),
  (u, v) => (Math.abs(u) < 0.5 && Math.abs(v) < 0.16 ? speck(u * 9, v * 9) : 0.4),
]

interface Lid {
  radius: number
  square: boolean
  iron: Rgb
  frame: Rgb
  pattern: Pattern
  relief: number
  shift: number
}

function lidOf(random: Random): Lid {
  const iron = shifted(random.pick(IRON), random, 22)
  return {
    radius: random.chance(0.15) ? random.between(0.15, 0.25) : random.between(0.32, 0.46),
    square: random.chance(0.18),
    iron,
    frame: random.chance(0.3) ? [150, 146, 138] : times(iron, random.between(0.7, 1.35)),
    pattern: random.pick(PATTERNS),
    relief: random.between(0.15, 0.7),
    shift: random.between(0, 200),
  }
}

function lidColour(out: Float32Array, lid: Lid, u: number, v: number, pixelM: number): void {
  const sharp = 1 / (1 + (60 * pixelM * pixelM) / (lid.radius * lid.radius))
  const worn = 1 + 0.5 * (clouds(u * 3 + lid.shift, v * 3) - 0.5)
  const value = worn * (1 + sharp * lid.relief * (lid.pattern(u, v) - 0.5))
  for (let i = 0; i < 3; i++) out[i] = (lid.iron[i] as number) * value
}

/** A cover with its lid in place. */
export function coverClosed(random: Random): Decal {
  const lid = lidOf(random)
  const reach = lid.radius * 1.3
  const collar = random.chance(0.4) ? random.between(0.15, 0.5) : 0
  return {
    half: [reach, reach],
    paint(out, u, v, pixelM) {
      const [a, b] = [u / lid.radius, v / lid.radius]
      const r = lid.square ? Math.max(Math.abs(a), Math.abs(b)) : Math.hypot(a, b)
      out[3] = 1
      out[4] = r <= 1 ? 1 : 0
      if (r > 1) {
        // The patch of other asphalt around the frame.
        out.fill(70, 0, 3)
        out[3] = collar * (r < 1.25 ? 1 : 0)
      } else if (r > 0.87) {
        const value = r < 0.9 ? 0.35 : 0.9 + 0.25 * noise(a * 9, b * 9)
        for (let i = 0; i < 3; i++) out[i] = (lid.frame[i] as number) * value
      } else lidColour(out, lid, a, b, pixelM)
    },
  }
}

/** A hole: its lid missing, beside it, or half over it. `from`: where the camera stands, seen from the cover: ahead, right, up. */
export function coverOpen(random: Random, from: readonly [number, number, number]): Decal {
  const lid = lidOf(random)
  const away = random.pick([0, 0.5, 0.8, 1.1, 1.6, 2.1])
  const turn = random.between(0, 2 * Math.PI)
  const [ox, oy] = [away * Math.cos(turn), away * Math.sin(turn)]
  const ground = Math.hypot(from[0], from[1]) || 1e-6
  const [cu, cv, steep] = [from[0] / ground, from[1] / ground, from[2] / ground]
  const wall = shifted([120, 108, 96], random, 25)
  const reach = lid.radius * (away > 0 ? 1.15 + away + 1 : 1.15)
  const depth = random.between(0.15, 0.6)
  return {
    half: [reach, reach],
    paint(out, u, v, pixelM) {
      const [a, b] = [u / lid.radius, v / lid.radius]
      const r = lid.square ? Math.max(Math.abs(a), Math.abs(b)) : Math.hypot(a, b)
      const toLid = lid.square ? Math.max(Math.abs(a - ox), Math.abs(b - oy)) : Math.hypot(a - ox, b - oy)
      out[3] = 1
      out[4] = r <= 1 || (toLid <= 0.97 && away < 1.3) ? 1 : 0
      if (away > 0 && toLid <= 0.97) {
        lidColour(out, lid, a - ox, b - oy, pixelM)
        if (toLid > 0.88) for (let i = 0; i < 3; i++) out[i] = (out[i] as number) * 1.25
      } else if (r > 1) {
        // The shadow of the lid that lies there.
        out.fill(25, 0, 3)
        out[3] = away > 0 && toLid < 1.12 ? 0.55 : 0
      } else if (r > 0.86) {
        const value = 0.75 + 0.5 * noise(a * 9, b * 9)
        for (let i = 0; i < 3; i++) out[i] = (lid.frame[i] as number) * value
      } else {
        // The sight goes on under the ground until it meets the far wall of the shaft.
        const along = a * cu + b * cv
        const across2 = Math.max(0, 0.74 - (r * r - along * along))
        const below = lid.radius * (along + Math.sqrt(across2)) * steep
        const value = Math.exp(-below / depth) * (0.55 + 0.4 * noise(a * 6, below * 14)) * (below < 0.05 ? 0.6 : 1)
        for (let i = 0; i < 3; i++) out[i] = 5 + (wall[i] as number) * value
      }
    },
  }
}

function part(value: number): number {
  return value - Math.floor(value)
}
