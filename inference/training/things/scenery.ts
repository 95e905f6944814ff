import type { Random } from '../../../domain/random.ts'
import { Mesh, type Rgb } from '../mesh.ts'
import { anyColour, type Part, shifted, times } from './parts.ts'

const WALLS: readonly Rgb[] = [
  [176, 166, 150],
  [150, 146, 142],
  [196, 190, 180],
  [140, 110, 95],
  [120, 128, 136],
  [205, 200, 190],
]

const as = (mesh: Mesh): Part[] => [{ label: null, mesh }]

/** Its length is along the road. */
export function building(random: Random): Part[] {
  const mesh = new Mesh()
  const [length, half, high] = [random.between(5, 14), random.between(4, 8), random.between(3.5, 24)]
  const colour = shifted(random.pick(WALLS), random, 25)
  mesh.box(
    [-length, length],
    [0, high],
    [-half, half],
    { a: colour, b: random.chance(0.7) ? [58, 66, 76] : [190, 200, 210], paint: 'facade', grain: 0.15 },
    { a: times(colour, 0.8), grain: 0.4 },
  )
  if (random.chance(0.6)) {
    mesh.box([-length, length], [0, 2.9], [-half - 0.1, half + 0.1], { a: anyColour(random, 40, 160), b: [60, 60, 64], paint: 'panes' })
    mesh.box([-length, length], [2.7, 3.5], [-half - 0.25, half + 0.25], { a: anyColour(random), b: anyColour(random), paint: 'script' })
  }
  return as(mesh)
}

export function tree(random: Random): Part[] {
  const mesh = new Mesh()
  const trunk = random.between(1.6, 3.2)
  const green: Rgb = shifted(random.chance(0.85) ? [52, 84, 40] : [150, 110, 50], random, 22)
  mesh.tube([0, 0, 0], [random.between(-0.2, 0.2), trunk + 0.6, 0], random.between(0.1, 0.2), 0.08, { a: [84, 70, 58], grain: 0.6 })
  for (let i = 2 + random.int(3); i > 0; i--) {
    const r = random.between(0.9, 1.9)
    const at = [random.between(-0.8, 0.8), trunk + r * 0.7 + random.between(0, 1.2), random.between(-0.8, 0.8)] as const
    mesh.blob(at, [r, r * 0.85, r], { a: times(green, 0.55), b: times(green, 1.35), paint: 'leaves', grain: 0.5 }, 0.25, random, [8, 5])
  }
  return as(mesh)
}

export function bush(random: Random): Part[] {
  const green: Rgb = shifted([58, 88, 46], random, 22)
  const mesh = new Mesh()
  for (let i = 0; i < 3; i++)
    mesh.blob(
      [random.between(-0.8, 0.8), 0.45, random.between(-0.3, 0.3)],
      [0.7, 0.6, 0.6],
      { a: times(green, 0.6), b: times(green, 1.3), paint: 'leaves', grain: 0.5 },
      0.3,
      random,
      [7, 4],
    )
  return as(mesh)
}

export function pole(random: Random): Part[] {
  const mesh = new Mesh()
  const high = random.between(2.4, 7)
  const grey: Rgb = shifted([130, 132, 134], random, 40)
  mesh.tube([0, 0, 0], [0, high, 0], 0.09, 0.06, { a: grey })
  if (random.chance(0.4)) mesh.tube([0, high - 0.1, 0], [0, high + 0.4, random.between(-2, 2)], 0.05, 0.04, { a: grey })
  if (random.chance(0.5)) {
    const [w, h] = [random.between(0.3, 0.9), random.between(0.3, 0.7)]
    mesh.box([-0.03, 0.03], [high - h - 0.1, high - 0.1], [-w, w], {
      a: random.pick([
        [30, 70, 160],
        [40, 110, 70],
        [235, 235, 230],
        [200, 40, 40],
      ] as const),
      b: [245, 245, 245],
      paint: 'script',
    })
  }
  return as(mesh)
}

/** Cones, bollards, bins, benches, boards, crates: none of what is sought. */
export function furniture(random: Random): Part[] {
  const mesh = new Mesh()
  const draw = random.int(6)
  if (draw === 0) mesh.cone([0, 0, 0], 0.18, 0.7, 8, [{ a: [220, 80, 30] }]).tube([0, 0.28, 0], [0, 0.42, 0], 0.13, 0.09, { a: [235, 235, 230] })
  else if (draw === 1)
    mesh.tube([0, 0, 0], [0, random.between(0.6, 1), 0], 0.08, 0.08, {
      a: random.pick([
        [220, 90, 30],
        [60, 60, 62],
        [200, 170, 40],
      ] as const),
    })
  else if (draw === 2) {
    const green = random.pick([
      [40, 100, 70],
      [60, 64, 70],
      [40, 70, 130],
      [120, 122, 122],
    ] as const)
    mesh
      .prism(
        [
          [-0.25, 0.05],
          [-0.32, 1],
          [0.32, 1],
          [0.25, 0.05],
        ],
        () => 0.28,
        { a: green, grain: 0.1 },
      )
      .box([-0.35, 0.35], [1, 1.08], [-0.32, 0.32], { a: times(green, 0.8) })
  } else if (draw === 3)
    mesh
      .box([-0.8, 0.8], [0.38, 0.45], [-0.2, 0.2], { a: [120, 90, 60] })
      .box([-0.7, -0.6], [0, 0.4], [-0.2, 0.2], { a: [60, 60, 60] })
      .box([0.6, 0.7], [0, 0.4], [-0.2, 0.2], { a: [60, 60, 60] })
  else if (draw === 4) mesh.box([-0.6, 0.6], [0.1, 1.1], [-0.03, 0.03], { a: anyColour(random), b: [240, 240, 240], paint: 'script' })
  else mesh.box([-0.3, 0.3], [0, random.between(0.3, 0.7)], [-0.25, 0.25], { a: shifted([165, 130, 90], random, 20), grain: 0.2 })
  return as(mesh)
}

/** A railing of a few metres along the road. */
export function fence(random: Random): Part[] {
  const mesh = new Mesh()
  const [long, high] = [random.between(3, 9), random.between(0.7, 1.2)]
  const colour: Rgb = random.pick([
    [225, 226, 226],
    [60, 90, 70],
    [200, 170, 50],
    [70, 72, 75],
  ] as const)
  if (random.chance(0.5))
    mesh.polygon(
      [
        [-long, 0.1, 0],
        [long, 0.1, 0],
        [long, high, 0],
        [-long, high, 0],
      ],
      { a: colour, paint: 'bars', b: colour },
    )
  else mesh.box([-long, long], [0, high * 1.6], [-0.05, 0.05], { a: shifted([70, 110, 150], random, 50), b: [200, 200, 200], paint: 'ribs' })
  return as(mesh)
}
