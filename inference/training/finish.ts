import { Random } from '../../domain/random.ts'
import type { Canvas } from './canvas.ts'
import { speck } from './noise.ts'

/** What a camera adds: its exposure, lens, sensor, caption and encoder. */
export interface Finish {
  gain: number
  gamma: number
  /** Factors for red, green and blue. */
  cast: readonly [number, number, number]
  /** Deviation, grey levels. */
  noise: number
  /** Of the lens, pixels of the finished picture; 0: sharp. */
  blur: number
  vignette: number
  grey: boolean
  /** Rain streaks in the picture. */
  streaks: number
  caption: boolean
  /** JPEG, 1–100. */
  quality: number
}

export function anyFinish(random: Random): Finish {
  const cast = () => random.between(0.92, 1.08)
  return {
    gain: random.between(0.75, 1.3),
    gamma: random.between(0.75, 1.3),
    cast: [cast(), cast(), cast()],
    noise: random.chance(0.5) ? random.between(0, 4) : random.between(2, 16),
    blur: random.chance(0.55) ? 0 : random.between(0.35, 1.3),
    vignette: random.chance(0.3) ? random.between(0.1, 0.5) : 0,
    grey: random.chance(0.1),
    streaks: random.chance(0.1) ? random.int(260) : 0,
    caption: random.chance(0.35),
    quality: 25 + random.int(70),
  }
}

/** The finished bytes, red first. `seed` of rain and noise: another for each picture of a sequence. */
export function develop(canvas: Canvas, finish: Finish, seed: string): Uint8Array<ArrayBuffer> {
  const { width, height, rgb } = canvas
  const clamped = new Uint8ClampedArray(width * height * 3)
  const out = new Uint8Array(clamped.buffer)
  const random = new Random(`finish/${seed}`)
  streak(canvas, finish.streaks, random)
  const curve = curveOf(finish)
  const dice = Float32Array.from({ length: 4096 }, () => random.gauss() * finish.noise)
  let die = random.int(4096)
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++, at += 3) {
      const corner = ((x / width - 0.5) ** 2 + (y / height - 0.5) ** 2) * 2
      const shade = 1 - finish.vignette * corner
      let r = rgb[at] as number
      let g = rgb[at + 1] as number
      let b = rgb[at + 2] as number
      if (finish.grey) r = g = b = 0.3 * r + 0.59 * g + 0.11 * b
      die = (die * 5 + 1 + (x & 7)) & 4095
      const noise = dice[die] as number
      clamped[at] = level(curve, r * shade * finish.cast[0]) + noise
      clamped[at + 1] = level(curve, g * shade * finish.cast[1]) + noise
      clamped[at + 2] = level(curve, b * shade * finish.cast[2]) + noise
    }
  }
  if (finish.caption) caption(out, width, height, random)
  return out
}

function curveOf({ gain, gamma }: Finish): Float32Array {
  return Float32Array.from({ length: 512 }, (_, i) => Math.min(1, (i * gain) / 255) ** gamma * 255)
}

function level(curve: Float32Array, value: number): number {
  return curve[value < 0 ? 0 : value > 511 ? 511 : value | 0] as number
}

function streak({ width, height, rgb }: Canvas, count: number, random: Random): void {
  const lean = random.between(-0.3, 0.3)
  for (let i = 0; i < count; i++) {
    const [x0, y0, long] = [random.int(width), random.int(height), 6 + random.int(22)]
    for (let k = 0; k < long; k++) {
      const [x, y] = [Math.round(x0 + lean * k), y0 + k]
      if (x < 0 || x >= width || y >= height) continue
      for (let c = 0; c < 3; c++) rgb[(y * width + x) * 3 + c] = (rgb[(y * width + x) * 3 + c] as number) * 0.75 + 50
    }
  }
}

/** Something like the date and the camera's name, as recorders write them into the picture. */
function caption(out: Uint8Array, width: number, height: number, random: Random): void {
  const size = 2 + random.int(2)
  const letter = random.int(200)
  const write = (left: number, top: number, letters: number) => {
    for (let n = 0; n < letters; n++)
      for (let v = 0; v < 5 * size; v++)
        for (let u = 0; u < 3 * size; u++) {
          if (speck(letter + n * 7 + Math.floor(u / size), n * 13 + Math.floor(v / size)) < 0.42) continue
          const [x, y] = [left + n * 4 * size + u, top + v]
          if (x < width && y < height) out.fill(245, (y * width + x) * 3, (y * width + x) * 3 + 3)
        }
  }
  write(8, 8, 12 + random.int(8))
  if (random.chance(0.7)) write(Math.round(width * 0.6), height - 8 - 5 * size, 6 + random.int(8))
}
