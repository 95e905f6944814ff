import type { Random } from '../../../domain/random.ts'
import { Mesh, type Rgb, type Skin } from '../mesh.ts'
import { anyColour, type Part, times } from './parts.ts'

const SKIN: readonly Rgb[] = [
  [214, 172, 140],
  [196, 150, 118],
  [232, 194, 164],
  [150, 105, 78],
]

/** A walking or standing person; sometimes in a safety vest, with a bag or an umbrella. */
export function person(random: Random): Part[] {
  const mesh = new Mesh()
  figure(mesh, random, { tall: random.between(1.5, 1.85), seat: 0, lean: 0 })
  if (random.chance(0.12)) umbrella(mesh, random)
  return [{ label: 'person', mesh }]
}

/** `seat`: height of what it sits on, 0 when it stands. */
export function figure(mesh: Mesh, random: Random, { tall, seat, lean }: { tall: number; seat: number; lean: number }): void {
  const vest = random.chance(0.2)
  const shirt: Skin = { a: vest ? ([230, 110, 30] as Rgb) : anyColour(random), grain: 0.2 }
  const trousers: Skin = { a: random.chance(0.6) ? anyColour(random, 20, 80) : anyColour(random), grain: 0.2 }
  const flesh: Skin = { a: random.pick(SKIN) }
  const hip = seat > 0 ? seat + 0.1 : tall * 0.5
  const neck = hip + tall * 0.33
  const stride = random.between(-0.3, 0.3)
  for (const side of [-1, 1]) {
    const z = side * 0.1
    if (seat > 0) {
      mesh.tube([0, hip, z], [0.38, hip - 0.05, z * 1.6], 0.1, 0.09, trousers).tube([0.38, hip - 0.05, z * 1.6], [0.3, Math.max(0.15, hip - 0.5), z * 1.6], 0.08, 0.07, trousers)
    } else mesh.tube([0, hip, z], [side * stride, 0, z * 1.2], 0.11, 0.07, trousers)
    const hand = seat > 0 ? ([0.45, hip + 0.35, side * 0.26] as const) : ([-side * stride * 0.8, hip - 0.02, side * 0.3] as const)
    mesh.tube([lean, neck - 0.06, side * 0.2], hand, 0.07, 0.05, shirt)
  }
  mesh.tube([0, hip - 0.06, 0], [lean, neck, 0], 0.2, 0.22, shirt)
  if (vest) mesh.tube([lean * 0.5, hip + 0.2, 0], [lean * 0.6, hip + 0.28, 0], 0.225, 0.225, { a: [225, 228, 215] })
  const head = neck + tall * 0.085
  mesh.blob([lean, head, 0], [0.1, tall * 0.075, 0.09], flesh, 0, random, [6, 4])
  const hair: Skin = { a: random.chance(0.25) ? anyColour(random) : [28, 24, 22] }
  mesh.blob([lean - 0.02, head + 0.04, 0], [0.12, tall * 0.065, 0.11], hair, 0, random, [6, 4])
  if (seat === 0 && random.chance(0.2)) mesh.box([-0.1, 0.12], [hip - 0.25, hip + 0.15], [0.25, 0.4], { a: anyColour(random) })
}

function umbrella(mesh: Mesh, random: Random): void {
  const colour = anyColour(random)
  mesh.tube([0.1, 1, 0.1], [0.1, 2, 0.1], 0.015, 0.015, { a: [60, 60, 60] }).cone([0.1, 1.85, 0.1], 0.55, 0.25, 8, [{ a: colour }, { a: times(colour, 0.8) }])
}

/** A bicycle, electric scooter or motorcycle, mostly with its rider, who is a person of their own. */
export function twoWheeler(random: Random): Part[] {
  const mesh = new Mesh()
  const sort = random.pick(['bicycle', 'scooter', 'scooter', 'motorcycle'] as const)
  const reach = sort === 'bicycle' ? random.between(0.5, 0.56) : random.between(0.52, 0.66)
  const radius = sort === 'bicycle' ? random.between(0.3, 0.35) : random.between(0.21, 0.3)
  const colour: Skin = { a: anyColour(random), grain: 0.1 }
  const dark: Skin = { a: [32, 32, 34] }
  for (const x of [-reach, reach]) {
    if (sort === 'bicycle') mesh.disc([x, radius, 0], radius, { a: [25, 25, 27], b: [150, 150, 150], paint: 'rim' }, 14)
    else mesh.wheel(x, 0, radius, 0.12, { a: [25, 25, 27], b: [130, 130, 130], paint: 'wheel' })
  }
  const seat = random.between(0.72, 0.85)
  if (sort === 'bicycle') {
    for (const [from, to] of [
      [
        [-reach, radius, 0],
        [-0.1, seat, 0],
      ],
      [
        [-0.1, seat, 0],
        [0.35, 0.8, 0],
      ],
      [
        [0, 0.3, 0],
        [0.35, 0.75, 0],
      ],
      [
        [0, 0.3, 0],
        [-0.1, seat, 0],
      ],
      [
        [reach, radius, 0],
        [0.38, 0.95, 0],
      ],
    ] as const)
      mesh.tube(from, to, 0.025, 0.025, colour)
    if (random.chance(0.5)) mesh.box([0.4, 0.7], [0.7, 0.95], [-0.18, 0.18], { a: [70, 70, 72], b: [130, 130, 130], paint: 'goods' })
  } else {
    mesh.box([-reach - 0.1, 0.05], [0.35, seat - 0.05], [-0.14, 0.14], colour).box([-0.05, 0.35], [0.22, 0.32], [-0.14, 0.14], dark)
    mesh.prism(
      [
        [0.28, 0.25],
        [0.4, 0.95],
        [0.5, 0.95],
        [reach - 0.05, 0.25],
      ],
      () => 0.17,
      colour,
    )
    if (random.chance(0.35)) mesh.box([-reach - 0.35, -reach + 0.1], [seat, seat + 0.42], [-0.22, 0.22], { a: anyColour(random) })
  }
  mesh.box([-0.35, 0.08], [seat - 0.06, seat + 0.04], [-0.12, 0.12], dark).tube([0.36, 1.02, -0.3], [0.36, 1.02, 0.3], 0.025, 0.025, dark)
  const parts: Part[] = [{ label: 'two-wheeler', mesh }]
  if (random.chance(0.6)) {
    const rider = new Mesh()
    figure(rider, random, { tall: random.between(1.55, 1.8), seat, lean: random.between(0.05, 0.2) })
    parts.push({ label: 'person', mesh: rider })
  }
  return parts
}
