import type { Random } from '../../../domain/random.ts'
import { Mesh, quad, type Rgb, type Skin } from '../mesh.ts'
import { PLATES } from './car.ts'
import { anyColour, DARK, GLASS, type Part, paintwork, RUBBER, shifted, times } from './parts.ts'

const MUCK_COLOURS: readonly Rgb[] = [
  [40, 110, 60],
  [30, 80, 50],
  [200, 90, 30],
  [170, 35, 30],
  [205, 165, 40],
  [40, 70, 130],
  [215, 215, 210],
  [110, 112, 112],
]
const SOIL: readonly [Rgb, Rgb][] = [
  [
    [92, 66, 44],
    [150, 115, 80],
  ],
  [
    [110, 90, 66],
    [175, 150, 115],
  ],
  [
    [84, 80, 74],
    [150, 146, 138],
  ],
  [
    [70, 48, 36],
    [120, 86, 62],
  ],
]
const TARP: readonly Rgb[] = [
  [35, 70, 48],
  [38, 40, 44],
  [50, 62, 90],
  [120, 124, 126],
  [70, 100, 80],
]

/** Earth and rubble, two colours of it. */
export function soilOf(random: Random): readonly [Rgb, Rgb] {
  const [a, b] = random.pick(SOIL)
  return [shifted(a, random, 16), shifted(b, random, 20)]
}

interface Chassis {
  length: number
  half: number
  cab: number
  /** Ends and height of what is carried. */
  bed: { rear: number; front: number; floor: number }
}

function chassis(mesh: Mesh, random: Random, [short, long]: readonly [number, number], axles: number, colour: Rgb): Chassis {
  const length = random.between(short, long)
  const half = random.between(1.15, 1.28)
  const depth = random.between(1.6, 2.1)
  const cab = random.between(2.6, 3)
  const floor = random.between(1.05, 1.25)
  const radius = random.between(0.46, 0.52)
  mesh.box([-length / 2, length / 2 - 0.3], [0.6, floor], [-half * 0.75, half * 0.75], DARK)
  const wheels = Array.from({ length: axles }, (_, i) => (i === 0 ? length / 2 - depth * 0.6 : -length / 2 + 0.9 + (axles - 1 - i) * (2 * radius + 0.25)))
  for (const x of wheels) for (const side of [-1, 1]) mesh.wheel(x, side * (half - 0.2), radius, 0.34, RUBBER)
  drawCab(mesh, { front: length / 2, rear: length / 2 - depth, half, top: cab }, colour, random)
  return { length, half, cab, bed: { rear: -length / 2 - 0.1, front: length / 2 - depth - 0.12, floor } }
}

function drawCab(mesh: Mesh, { front, rear, half, top }: { front: number; rear: number; half: number; top: number }, colour: Rgb, random: Random): void {
  const skin: Skin = { a: colour, grain: 0.08 }
  const rake = random.between(0.05, 0.25)
  mesh.prism(
    [
      [rear, 0.7],
      [rear, top],
      [front - rake, top],
      [front, 1.6],
      [front, 0.45],
      [rear + 0.5, 0.45],
    ],
    () => half,
    skin,
  )
  mesh.panel(quad(front, 1.6, -half, front, 1.6, half, front - rake, top, half, front - rake, top, -half), [0.05, 0.95], [0.05, 0.8], GLASS)
  const nose = quad(front, 0.45, -half, front, 0.45, half, front, 1.6, half, front, 1.6, -half)
  mesh
    .panel(nose, [0.15, 0.85], [0.45, 0.95], { a: times(colour, 0.5), b: [40, 40, 42], paint: 'ribs' })
    .panel(nose, [0, 1], [0, 0.3], { a: random.chance(0.5) ? [60, 60, 62] : times(colour, 0.9) })
  mesh.panel(nose, [0.4, 0.6], [0.05, 0.2], { a: PLATES[3] as Rgb, b: [20, 20, 20], paint: 'script' }, 0.05)
  for (const [from, to] of [
    [0.03, 0.17],
    [0.83, 0.97],
  ] as const)
    mesh.panel(nose, [from, to], [0.1, 0.3], { a: [228, 228, 225], glow: random.chance(0.3) ? 1 : 0 }, 0.05)
  for (const side of [-1, 1]) {
    const z = side * half
    mesh.panel(quad(rear, 1.5, z, front - rake, 1.5, z, front - rake, top, z, rear, top, z), [0.3, 0.95], [0.1, 0.75], GLASS)
    mesh.box([front - 0.2, front - 0.05], [1.7, 2.3], [z, z + side * 0.22], { a: [30, 30, 32] })
  }
}

/** A tipper of a building site. `state`: its load heaped and open, under a lid or tarpaulin, or gone (then it is a truck as any other). */
export function muckTruck(random: Random, state: 'open' | 'covered' | 'empty'): Part[] {
  const mesh = new Mesh()
  const colour = shifted(random.pick(MUCK_COLOURS), random, 14)
  const bedColour = random.chance(0.7) ? colour : shifted(random.pick(MUCK_COLOURS), random, 14)
  const { half, bed } = chassis(mesh, random, [6.8, 9.4], random.chance(0.6) ? 4 : 3, random.chance(0.75) ? colour : paintwork(random))
  const rim = bed.floor + random.between(1, 1.6)
  const wall: Skin = { a: bedColour, b: times(bedColour, random.between(0.55, 0.8)), paint: 'ribs', grain: 0.25 }
  for (const side of [-1, 1]) mesh.box([bed.rear, bed.front], [bed.floor, rim], [side * half, side * (half - 0.09)], wall)
  mesh.box([bed.front - 0.09, bed.front], [bed.floor, rim + random.between(0, 0.35)], [-half, half], wall)
  mesh.box([bed.rear, bed.rear + 0.09], [bed.floor, rim - 0.05], [-half, half], wall)
  mesh.panel(
    quad(bed.rear, 0.7, -half, bed.rear, 0.7, half, bed.rear, rim, half, bed.rear, rim, -half),
    [0.2, 0.8],
    [0.35, 0.7],
    { a: bedColour, b: [245, 245, 240], paint: 'script' },
    0.03,
  )
  mesh.box([bed.rear, bed.front], [bed.floor, bed.floor + 0.05], [-half, half], { a: times(bedColour, 0.5), grain: 0.5 })
  if (state === 'open') heap(mesh, bed, half - 0.09, rim, random)
  if (state === 'covered') lid(mesh, bed, half, rim, random, bedColour)
  return [{ label: state === 'open' ? 'muck-truck-loaded-open' : state === 'covered' ? 'muck-truck-covered' : 'truck', mesh }]
}

function heap(mesh: Mesh, { rear, front }: Chassis['bed'], half: number, rim: number, random: Random): void {
  const [a, b] = soilOf(random)
  const skin: Skin = { a, b, paint: 'soil', grain: 0.7 }
  const [across, along, rise] = [5, 8, random.between(0.15, 0.95)]
  const seams = random.between(0, 100)
  const heights = Array.from({ length: (along + 1) * (across + 1) }, (_, k) => {
    const [i, j] = [Math.floor(k / (across + 1)) / along, (k % (across + 1)) / across]
    const hump = Math.sin(Math.PI * Math.min(1, Math.max(0, i * 1.1 - 0.05))) * Math.sin(Math.PI * j)
    return rim - 0.22 + rise * hump * (0.75 + 0.5 * Math.abs(Math.sin(seams + i * 7 + j * 3))) + random.between(0, 0.14)
  })
  const at = (i: number, j: number) => [rear + ((front - rear) * i) / along, heights[i * (across + 1) + j] as number, -half + (2 * half * j) / across] as const
  for (let i = 0; i < along; i++) for (let j = 0; j < across; j++) mesh.polygon([at(i, j), at(i + 1, j), at(i + 1, j + 1), at(i, j + 1)], skin)
}

function lid(mesh: Mesh, { rear, front }: Chassis['bed'], half: number, rim: number, random: Random, bedColour: Rgb): void {
  const steel = random.chance(0.5)
  const colour = steel ? times(bedColour, random.between(0.7, 1.1)) : shifted(random.pick(TARP), random, 10)
  const rise = steel ? random.between(0.02, 0.25) : random.between(0.1, 0.55)
  const skin: Skin = { a: colour, b: times(colour, steel ? 0.75 : 0.6), paint: steel ? 'ribs' : 'bows', grain: steel ? 0.1 : 0.35 }
  const steps = 6
  const at = (j: number) => [rim + 0.03 + rise * Math.sin((Math.PI * j) / steps), -half - 0.04 + ((2 * half + 0.08) * j) / steps] as const
  for (let j = 0; j < steps; j++) {
    const [[y0, z0], [y1, z1]] = [at(j), at(j + 1)]
    mesh.polygon(quad(rear - 0.03, y0, z0, front, y0, z0, front, y1, z1, rear - 0.03, y1, z1), skin)
    mesh.polygon(quad(rear - 0.03, rim - 0.1, z0, rear - 0.03, rim - 0.1, z1, rear - 0.03, y1, z1, rear - 0.03, y0, z0), skin)
    mesh.polygon(quad(front, rim - 0.1, z0, front, rim - 0.1, z1, front, y1, z1, front, y0, z0), skin)
  }
  if (!steel)
    for (const side of [-1, 1])
      mesh.polygon(
        quad(
          rear,
          rim - random.between(0.1, 0.4),
          side * (half + 0.03),
          front,
          rim - 0.15,
          side * (half + 0.03),
          front,
          rim + 0.04,
          side * (half + 0.03),
          rear,
          rim + 0.04,
          side * (half + 0.03),
        ),
        skin,
      )
}

/** A box lorry, a flat bed with goods, a mixer, a tanker, or an empty tipper. */
export function truck(random: Random): Part[] {
  const sort = random.pick(['box', 'box', 'bed', 'mixer', 'tanker', 'empty'] as const)
  if (sort === 'empty') return muckTruck(random, 'empty')
  const mesh = new Mesh()
  const { half, bed, cab } = chassis(mesh, random, [5.2, 9.5], random.chance(0.5) ? 2 : 3, paintwork(random))
  const colour = random.chance(0.5) ? ([222, 224, 226] as Rgb) : anyColour(random, 60, 220)
  if (sort === 'box')
    mesh.box([bed.rear, bed.front], [bed.floor, cab + random.between(0.1, 0.8)], [-half, half], {
      a: colour,
      b: anyColour(random),
      paint: random.chance(0.3) ? 'script' : 'ribs',
      grain: 0.08,
    })
  else if (sort === 'bed') flatBed(mesh, bed, half, random)
  else if (sort === 'tanker') barrel(mesh, bed, [half, half], colour)
  else barrel(mesh, bed, [half * 0.75, half * 1.05], colour)
  return [{ label: 'truck', mesh }]
}

function flatBed(mesh: Mesh, { rear, front, floor }: Chassis['bed'], half: number, random: Random): void {
  const wall: Skin = { a: anyColour(random, 40, 180), b: [60, 60, 60], paint: 'ribs' }
  for (const side of [-1, 1]) mesh.box([rear, front], [floor, floor + 0.5], [side * half, side * (half - 0.06)], wall)
  mesh.box([rear, rear + 0.06], [floor, floor + 0.5], [-half, half], wall)
  for (let x = rear + 0.1; x < front - 0.8; x += random.between(0.9, 1.8))
    mesh.box([x, x + random.between(0.6, 1.1)], [floor, floor + random.between(0.4, 1.6)], [-half * 0.9, half * random.between(0.2, 0.9)], {
      a: anyColour(random),
      b: anyColour(random),
      paint: 'goods',
    })
}

function barrel(mesh: Mesh, { rear, front, floor }: Chassis['bed'], [r0, r1]: readonly [number, number], colour: Rgb): void {
  const at = (x: number, r: number, i: number) => [x, floor + 1 + r * 0.9 * Math.sin((i * Math.PI) / 5), r * Math.cos((i * Math.PI) / 5)] as const
  const middle = rear + (front - rear) * 0.6
  const skin: Skin = { a: colour, b: times(colour, 0.7), paint: 'ribs' }
  for (let i = 0; i < 10; i++) {
    mesh.polygon([at(rear, r0 * 0.8, i), at(middle, r1, i), at(middle, r1, i + 1), at(rear, r0 * 0.8, i + 1)], skin)
    mesh.polygon([at(middle, r1, i), at(front, r0, i), at(front, r0, i + 1), at(middle, r1, i + 1)], skin)
  }
  for (const [x, r] of [
    [rear, r0 * 0.8],
    [front, r0],
  ] as const)
    mesh.polygon(
      Array.from({ length: 10 }, (_, i) => at(x, r, i)),
      { a: times(colour, 0.8) },
    )
}

/** A city bus or coach. */
export function bus(random: Random): Part[] {
  const mesh = new Mesh()
  const [length, half, roof] = [random.between(7.5, 12.5), random.between(1.2, 1.28), random.between(2.9, 3.3)]
  const body: Skin = { a: random.chance(0.4) ? paintwork(random) : anyColour(random, 60, 220), grain: 0.05 }
  mesh.box([-length / 2, length / 2], [0.35, roof], [-half, half], body, { a: times(body.a, 1.1), b: [120, 120, 120], paint: 'ribs' })
  mesh.box([-length * 0.3, length * 0.1], [roof, roof + 0.25], [-half * 0.7, half * 0.7], { a: [205, 206, 206] })
  const stripe = anyColour(random)
  const panes: Skin = { a: [36, 42, 48], b: times(body.a, 0.8), paint: 'panes' }
  for (const side of [-1, 1]) {
    const face = quad(-length / 2, 0.35, side * half, length / 2, 0.35, side * half, length / 2, roof, side * half, -length / 2, roof, side * half)
    mesh.panel(face, [0.02, 0.98], [0.42, 0.85], panes).panel(face, [0, 1], [0.08, random.between(0.15, 0.35)], { a: stripe })
    if (side === 1) for (const at of [0.4, 0.86]) mesh.panel(face, [at, at + 0.09], [0.05, 0.85], { a: [45, 50, 55], b: times(body.a, 0.7), paint: 'panes' }, 0.03)
  }
  const end = (x: number) => quad(x, 0.35, -half, x, 0.35, half, x, roof, half, x, roof, -half)
  mesh
    .panel(end(length / 2), [0.05, 0.95], [0.35, 0.83], GLASS)
    .panel(end(length / 2), [0.2, 0.8], [0.86, 0.97], { a: [25, 25, 25], b: [240, 140, 30], paint: 'script', glow: 0.6 })
  mesh.panel(end(-length / 2), [0.12, 0.88], [0.5, 0.85], GLASS).panel(end(-length / 2), [0.2, 0.8], [0.08, 0.3], { a: stripe, b: [40, 40, 40], paint: 'ribs' })
  for (const [from, to] of [
    [0.04, 0.16],
    [0.84, 0.96],
  ] as const)
    mesh
      .panel(end(length / 2), [from, to], [0.1, 0.2], { a: [235, 235, 230], glow: random.chance(0.3) ? 1 : 0 })
      .panel(end(-length / 2), [from, to], [0.1, 0.25], { a: [160, 24, 24] })
  for (const x of [-0.28, 0.33]) for (const side of [-1, 1]) mesh.wheel(x * length, side * (half - 0.14), 0.48, 0.3, RUBBER)
  return [{ label: 'bus', mesh }]
}
