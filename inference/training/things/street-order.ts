import type { Random } from '../../../domain/random.ts'
import { Mesh, type Rgb, type Skin } from '../mesh.ts'
import { anyColour, type Part, RUBBER, times } from './parts.ts'
import { figure } from './people.ts'

const BAGS: readonly Rgb[] = [
  [22, 22, 25],
  [30, 30, 34],
  [225, 226, 228],
  [205, 208, 205],
  [45, 90, 160],
  [40, 120, 80],
  [200, 60, 60],
  [225, 195, 70],
]

/** Bags, boxes and loose rubbish in one heap. */
export function garbage(random: Random): Part[] {
  const mesh = new Mesh()
  const bags = random.chance(0.45) ? 1 : 1 + random.int(6)
  const same = random.chance(0.6) ? random.pick(BAGS) : undefined
  for (let i = 0; i < bags; i++) {
    const size = random.between(0.2, 0.45)
    const [x, z] = bags === 1 ? [0, 0] : [random.between(-0.3, 0.3) * Math.sqrt(bags), random.between(-0.3, 0.3) * Math.sqrt(bags)]
    const y = size * 0.75 + (i > 2 ? random.between(0.1, 0.35) : 0)
    const colour = same ?? random.pick(BAGS)
    mesh.blob(
      [x, y, z],
      [size * random.between(0.8, 1.3), size, size * random.between(0.8, 1.3)],
      { a: colour, b: bright(colour), paint: 'glass', grain: 0.8 },
      0.32,
      random,
      [9, 6],
    )
    mesh.blob([x + random.between(-0.08, 0.08), y + size * 1.02, z], [0.07, 0.12, 0.07], { a: times(colour, 0.9), grain: 0.5 }, 0.4, random, [5, 3])
  }
  for (let i = random.int(4); i > 0; i--) litter(mesh, random)
  return [{ label: 'garbage', mesh }]
}

function bright([r, g, b]: Rgb): Rgb {
  return [Math.min(250, r * 1.3 + 60), Math.min(250, g * 1.3 + 60), Math.min(250, b * 1.3 + 60)]
}

function litter(mesh: Mesh, random: Random): void {
  const [x, z, size] = [random.between(-0.6, 0.6), random.between(-0.6, 0.6), random.between(0.08, 0.3)]
  mesh.box([x, x + size], [0, size * random.between(0.2, 0.9)], [z, z + size], { a: random.chance(0.5) ? [170, 135, 95] : anyColour(random), grain: 0.4 })
}

/** A table, barrow or mat with goods, mostly under an umbrella or tent. */
export function stall(random: Random): Part[] {
  const mesh = new Mesh()
  const [length, half, high] = [random.between(0.7, 1.4), random.between(0.35, 0.7), random.chance(0.2) ? 0.12 : random.between(0.65, 0.95)]
  const cloth: Skin = { a: anyColour(random), b: anyColour(random), paint: random.chance(0.3) ? 'panes' : 'plain', grain: 0.2 }
  mesh.box([-length, length], [high > 0.5 ? random.pick([0.02, 0.35]) : 0, high], [-half, half], cloth)
  if (high > 0.5) for (const x of [-length, length]) for (const z of [-half, half]) mesh.tube([x, 0, z], [x, high, z], 0.03, 0.03, { a: [90, 90, 92] })
  for (let i = 0; i < 7; i++) {
    const x = -length + (2 * length * (i + 0.1)) / 7
    mesh.box([x, x + (length / 7) * 1.7], [high, high + random.between(0.05, 0.32)], [-half * 0.9, half * 0.9], {
      a: anyColour(random, 50, 220),
      b: anyColour(random, 50, 220),
      paint: 'goods',
    })
  }
  if (random.chance(0.3)) for (const side of [-1, 1]) mesh.wheel(-length * 0.4, side * half, 0.3, 0.1, RUBBER)
  const roof = random.next()
  if (roof < 0.6) sunshade(mesh, random)
  else if (roof < 0.85) tent(mesh, random, length, half)
  const parts: Part[] = [{ label: 'stall', mesh }]
  if (random.chance(0.4)) {
    const vendor = new Mesh()
    figure(vendor, random, { tall: random.between(1.5, 1.75), seat: 0, lean: 0 })
    parts.push({ label: 'person', mesh: moved(vendor, random.between(-0.5, 0.5), half + 0.4) })
  }
  return parts
}

function moved(mesh: Mesh, dx: number, dz: number): Mesh {
  const out = new Mesh()
  for (const { points, uv, skin } of mesh.faces)
    out.polygon(
      points.map(([x, y, z]) => [x + dx, y, z + dz] as const),
      skin,
      uv,
    )
  return out
}

function sunshade(mesh: Mesh, random: Random): void {
  const [a, high, radius] = [anyColour(random, 60, 210), random.between(2, 2.5), random.between(1, 1.6)]
  const b = random.chance(0.5) ? ([235, 235, 232] as Rgb) : times(a, 0.8)
  mesh.tube([0, 0, 0], [0, high + 0.4, 0], 0.03, 0.025, { a: [200, 200, 200] }).cone([0, high, 0], radius, random.between(0.3, 0.6), random.pick([4, 8, 8]), [{ a }, { a: b }])
}

function tent(mesh: Mesh, random: Random, length: number, half: number): void {
  const colour = anyColour(random, 60, 210)
  const [high, l, w] = [random.between(1.9, 2.3), length + 0.3, half + 0.4]
  for (const x of [-l, l]) for (const z of [-w, w]) mesh.tube([x, 0, z], [x, high, z], 0.025, 0.025, { a: [190, 190, 192] })
  mesh.prism(
    [
      [-l, high],
      [-l * 0.2, high + 0.5],
      [l * 0.2, high + 0.5],
      [l, high],
    ],
    () => w,
    { a: colour, b: times(colour, 0.75), paint: random.chance(0.5) ? 'ribs' : 'plain', grain: 0.1 },
  )
}
