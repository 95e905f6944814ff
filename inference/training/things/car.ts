import type { Random } from '../../../domain/random.ts'
import { Mesh, quad, type Rgb, type Skin } from '../mesh.ts'
import { DARK, GLASS, type Part, paintwork, RUBBER, times } from './parts.ts'

type Flat = readonly [number, number]

interface Body {
  length: number
  half: number
  hood: number
  roof: number
  /** Where the cabin begins and ends at its foot and at the roof, as shares of the length from the rear. */
  cabin: readonly [rearFoot: number, rearRoof: number, frontRoof: number, frontFoot: number]
}

const BODIES: readonly ((random: Random) => Body)[] = [
  (r) => ({ length: r.between(4.3, 5), half: r.between(0.86, 0.93), hood: r.between(0.9, 1), roof: r.between(1.38, 1.5), cabin: [0.08, 0.24, 0.55, 0.74] }),
  (r) => ({ length: r.between(3.6, 4.3), half: r.between(0.8, 0.88), hood: r.between(0.95, 1.05), roof: r.between(1.45, 1.6), cabin: [0.01, 0.1, 0.58, 0.78] }),
  (r) => ({ length: r.between(4.4, 5.1), half: r.between(0.9, 1), hood: r.between(1.05, 1.2), roof: r.between(1.65, 1.9), cabin: [0.01, 0.08, 0.6, 0.76] }),
  (r) => ({ length: r.between(3.8, 5.1), half: r.between(0.8, 0.98), hood: r.between(1.1, 1.25), roof: r.between(1.8, 2.1), cabin: [0, 0.02, 0.78, 0.97] }),
]

/** A saloon, hatchback, SUV or van. */
export function car(random: Random): Part[] {
  const body = (BODIES[random.int(BODIES.length)] as (random: Random) => Body)(random)
  const colour = paintwork(random)
  const mesh = new Mesh()
  shell(mesh, body, colour)
  glazing(mesh, body, random)
  front(mesh, body, random)
  const radius = random.between(0.29, 0.36)
  for (const x of [-0.3, 0.31]) for (const side of [-1, 1]) mesh.wheel(x * body.length, side * (body.half - 0.08), radius, 0.22, RUBBER)
  return [{ label: 'car', mesh }]
}

function shell(mesh: Mesh, { length, half, hood }: Body, colour: Rgb): void {
  const skin: Skin = { a: colour, grain: 0.06 }
  const at = (share: number) => (share - 0.5) * length
  const profile: Flat[] = [
    [at(0), 0.3],
    [at(0), hood * 0.75],
    [at(0.02), hood],
    [at(0.74), hood],
    [at(0.96), hood * 0.84],
    [at(1), hood * 0.66],
    [at(1), 0.3],
  ]
  mesh.prism(profile, () => half, skin)
  mesh.box([at(0.03), at(0.97)], [0.16, 0.32], [-half * 0.94, half * 0.94], DARK)
  for (const side of [-1, 1]) mesh.box([at(0.69), at(0.72)], [hood, hood + 0.16], [side * half, side * (half + 0.16)], { a: times(colour, 0.8) })
}

function glazing(mesh: Mesh, { length, half, hood, roof, cabin }: Body, random: Random): void {
  const [rearFoot, rearRoof, frontRoof, frontFoot] = cabin.map((share) => (share - 0.5) * length) as [number, number, number, number]
  const width = (y: number) => half * (1 - (0.2 * (y - hood)) / Math.max(0.1, roof - hood))
  const colour = (mesh.faces[0] as { skin: Skin }).skin
  mesh.prism(
    [
      [rearFoot, hood],
      [rearRoof, roof],
      [frontRoof, roof],
      [frontFoot, hood],
    ],
    width,
    random.chance(0.15) ? { a: [30, 30, 33] } : colour,
  )
  for (const side of [-1, 1]) {
    const [low, high] = [side * width(hood), side * width(roof)]
    const face = quad(rearFoot, hood, low, frontFoot, hood, low, frontRoof, roof, high, rearRoof, roof, high)
    mesh.panel(face, [0.08, 0.49], [0.12, 0.86], GLASS).panel(face, [0.53, 0.92], [0.12, 0.86], GLASS)
  }
  const slope = (foot: number, top: number) => quad(foot, hood, -width(hood), foot, hood, width(hood), top, roof, width(roof), top, roof, -width(roof))
  mesh.panel(slope(frontFoot, frontRoof), [0.06, 0.94], [0.08, 0.92], GLASS).panel(slope(rearFoot, rearRoof), [0.1, 0.9], [0.3, 0.9], GLASS)
}

function front(mesh: Mesh, { length, half, hood }: Body, random: Random): void {
  const x = length / 2
  const face = (at: number) => quad(at, 0.3, -half, at, 0.3, half, at, hood * 0.66, half, at, hood * 0.66, -half)
  const lit = random.chance(0.3) ? 1 : 0
  mesh.panel(face(x), [0.25, 0.75], [0.25, 0.85], { a: [35, 35, 38], b: [90, 90, 92], paint: 'ribs' })
  mesh.panel(face(x), [0.38, 0.62], [0.05, 0.3], { a: random.pick(PLATES), b: [250, 250, 250], paint: 'script' }, 0.04)
  mesh.panel(face(-x), [0.38, 0.62], [0.3, 0.6], { a: random.pick(PLATES), b: [250, 250, 250], paint: 'script' }, 0.03)
  for (const [from, to] of [
    [0.02, 0.2],
    [0.8, 0.98],
  ] as const) {
    mesh.panel(face(x), [from, to], [0.65, 0.98], { a: [225, 228, 230], glow: lit })
    mesh.panel(face(-x), [from, to], [0.7, 1], { a: [170, 20, 22], glow: lit * 0.6 })
  }
}
/** Of combustion cars, electric cars, and lorries. */
export const PLATES: readonly Rgb[] = [
  [20, 60, 160],
  [20, 60, 160],
  [80, 190, 130],
  [220, 180, 40],
]
