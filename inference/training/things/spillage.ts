import type { Random } from '../../../domain/random.ts'
import type { Decal } from '../decals.ts'
import { Mesh, type Rgb } from '../mesh.ts'
import { clouds, noise, speck } from '../noise.ts'
import { soilOf } from './lorry.ts'
import type { Part } from './parts.ts'

/** Loose earth on the road: a patch, or a trail along its heading. */
export function spillage(random: Random): Decal {
  const [a, b] = soilOf(random)
  const trail = random.chance(0.5)
  const [long, wide] = trail ? [random.between(2, 5.5), random.between(0.5, 1.1)] : [random.between(0.7, 1.8), random.between(0.6, 1.6)]
  const shift = random.between(0, 200)
  const ragged = random.between(1.1, 2)
  const [sx, sy] = [random.between(-0.12, 0.12), random.between(-0.12, 0.12)]
  return {
    half: [long * 1.25, wide * 1.4],
    paint(out, u, v, pixelM) {
      const [x, y] = [u + shift, v + shift]
      const cloud = clouds(x * 1.3, y * 1.3)
      const heart = 1 - (u / long) ** 2 - (v / wide) ** 2 + ragged * (cloud - 0.5)
      const fine = 1 / (1 + 400 * pixelM * pixelM)
      const grain = speck(x * 22, y * 22)
      const dense = heart > 0.35 ? 1 : heart > 0.15 ? (heart - 0.15) / 0.2 : 0
      const stray = heart > -0.45 && grain > 0.9 - 0.25 * (heart + 0.45) ? 0.85 * fine : 0
      out[3] = Math.min(0.97, Math.max(dense, stray))
      out[4] = dense > 0.5 ? 1 : 0
      if (out[3] === 0) return
      // Clods catch the light on one side.
      const relief = 2.2 * (noise(x * 9, y * 9) - noise((x + sx) * 9, (y + sy) * 9))
      const value = 0.85 + relief + fine * 0.5 * (grain - 0.5)
      const share = clouds(x * 3.1, y * 3.1)
      for (let i = 0; i < 3; i++) out[i] = Math.max(8, ((a[i] as number) + ((b[i] as number) - (a[i] as number)) * share) * value)
    },
  }
}

/** A low heap of it. */
export function mound(random: Random): Part[] {
  const [a, b] = soilOf(random)
  const mesh = new Mesh()
  const [long, wide, high] = [random.between(0.6, 1.6), random.between(0.5, 1.2), random.between(0.15, 0.6)]
  for (let i = 0; i < 2; i++) mesh.blob([random.between(-0.4, 0.4), 0, random.between(-0.3, 0.3)], [long, high, wide], { a, b, paint: 'soil', grain: 0.9 }, 0.35, random, [11, 6])
  return [{ label: 'spillage', mesh }]
}

/** What is not sought but might be taken for it, or for a hole. */
export function blemish(random: Random): Decal {
  const sort = random.pick(['puddle', 'patch', 'stain', 'gully', 'leaves', 'shade', 'arrow', 'pale', 'disc'] as const)
  const shift = random.between(0, 200)
  const [long, wide] = [random.between(0.4, 2.4), random.between(0.3, 1.6)]
  const tint = (r: number, g: number, b: number): Rgb => [r + random.between(-18, 18), g + random.between(-18, 18), b + random.between(-18, 18)]
  const soft = (u: number, v: number, ragged: number) => Math.min(1, Math.max(0, 2.5 * (1 - (u / long) ** 2 - (v / wide) ** 2 + ragged * (clouds(u * 0.9 + shift, v * 0.9) - 0.5))))
  const plain = (half: readonly [number, number], colour: Rgb, cover: (u: number, v: number) => number): Decal => ({
    half,
    paint(out, u, v) {
      out.set(colour)
      out[3] = cover(u, v)
    },
  })
  const edge: readonly [number, number] = [long * 1.3, wide * 1.3]
  if (sort === 'puddle') return plain(edge, tint(150, 160, 172), (u, v) => 0.65 * soft(u, v, 1) * (0.8 + 0.4 * noise(u * 2 + shift, v * 2)))
  if (sort === 'patch') return plain([long, wide], random.chance(0.6) ? tint(52, 52, 54) : tint(140, 138, 134), () => 0.75)
  if (sort === 'stain') return plain(edge, tint(34, 32, 30), (u, v) => 0.6 * soft(u, v, 1.4))
  if (sort === 'gully') return plain([0.35, 0.2], tint(48, 46, 44), (u, v) => (Math.abs(u) > 0.31 || Math.abs(v) > 0.17 ? 0.7 : part(u * 14) < 0.55 ? 0.95 : 0.25))
  if (sort === 'leaves')
    return plain(
      [long * 1.4, wide * 1.4],
      random.pick([
        [170, 130, 50],
        [120, 100, 50],
        [80, 105, 50],
      ] as const),
      (u, v) => (speck(u * 9 + shift, v * 9) > 0.88 ? 0.85 : 0),
    )
  if (sort === 'shade') return plain(edge, [20, 22, 28], (u, v) => 0.5 * soft(u, v, 0.4))
  if (sort === 'arrow') return plain([1.6, 0.5], [222, 222, 216], (u, v) => ((Math.abs(v) < 0.08 && u < 0.8) || (u > 0.6 && Math.abs(v) < (1.6 - u) * 0.45) ? 0.8 : 0))
  if (sort === 'pale') return plain(edge, tint(165, 145, 115), (u, v) => 0.35 * soft(u, v, 0.8))
  return plain([0.4, 0.4], random.chance(0.5) ? tint(30, 30, 32) : tint(215, 215, 210), (u, v) => (Math.hypot(u, v) < 0.36 ? 0.7 : 0))
}

function part(value: number): number {
  return value - Math.floor(value)
}
