import { Random } from '../../domain/random.ts'

const SIZE = 256
const MASK = SIZE - 1
const LATTICE = latticeOf(new Random('street/noise'))

function latticeOf(random: Random): Float32Array {
  return Float32Array.from({ length: SIZE * SIZE }, () => random.next())
}

/** Smooth value noise in [0, 1) with one bump per unit; repeats every 256 units. */
export function noise(x: number, y: number): number {
  const column = Math.floor(x)
  const line = Math.floor(y)
  const fx = x - column
  const fy = y - line
  const sx = fx * fx * (3 - 2 * fx)
  const sy = fy * fy * (3 - 2 * fy)
  const left = column & MASK
  const right = (column + 1) & MASK
  const upper = (line & MASK) * SIZE
  const lower = ((line + 1) & MASK) * SIZE
  const a = LATTICE[upper + left] as number
  const b = LATTICE[upper + right] as number
  const c = LATTICE[lower + left] as number
  const d = LATTICE[lower + right] as number
  const top = a + (b - a) * sx
  return top + (c + (d - c) * sx - top) * sy
}

/** Noise of three scales, about 0.5 on average: clouds, dirt, soil. */
export function clouds(x: number, y: number): number {
  return 0.55 * noise(x, y) + 0.3 * noise(2.1 * x + 17.3, 2.1 * y + 5.1) + 0.15 * noise(4.7 * x + 3.9, 4.7 * y + 41.7)
}

/** One unconnected value in [0, 1) per cell of a grid. */
export function speck(x: number, y: number): number {
  return LATTICE[(Math.floor(y) & MASK) * SIZE + (Math.floor(x) & MASK)] as number
}
