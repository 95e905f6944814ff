import type { Random } from '../../domain/random.ts'
import type { Canvas } from './canvas.ts'
import { type Light, lampLight } from './light.ts'
import type { Rgb } from './mesh.ts'
import { clouds, noise, speck } from './noise.ts'
import { shifted } from './things/parts.ts'
import type { Projection } from './view.ts'

/** How the ground beside and under the road looks. */
export interface Ground {
  /** Half the width of the road, metres. */
  half: number
  asphalt: Rgb
  /** How stained it is, 0–1. */
  dirt: number
  verge: 'paved' | 'grass' | 'earth'
  paving: Rgb
  tileM: number
  middle: 'double' | 'single' | 'dashed' | 'none'
  paint: Rgb
  laneM: number
  /** Where a crossing begins; null: none. */
  crossing: number | null
  /** Where on the endless noise this street lies. */
  shift: readonly [number, number]
}

export function anyGround(random: Random): Ground {
  const grey = random.between(70, 165)
  const verge = random.pick(['paved', 'paved', 'paved', 'grass', 'earth'] as const)
  const paving: Rgb = verge === 'grass' ? shifted([88, 104, 62], random, 25) : verge === 'earth' ? shifted([134, 116, 92], random, 30) : shifted(random.pick(PAVINGS), random, 25)
  return {
    half: random.chance(0.12) ? random.between(14, 40) : random.chance(0.06) ? 0.5 : random.between(3, 10.5),
    asphalt: [grey + random.between(-6, 8), grey + random.between(-4, 4), grey + random.between(-8, 8)],
    dirt: random.between(0.05, 0.7),
    verge,
    paving,
    tileM: random.between(0.2, 0.8),
    middle: random.pick(['double', 'single', 'dashed', 'none'] as const),
    paint: random.chance(0.5) ? [222, 184, 70] : [222, 222, 216],
    laneM: random.between(3, 3.75),
    crossing: random.chance(0.25) ? random.between(5, 25) : null,
    shift: [random.between(0, 200), random.between(0, 200)],
  }
}
const PAVINGS: readonly Rgb[] = [
  [168, 162, 154],
  [176, 130, 112],
  [140, 140, 142],
  [190, 176, 140],
]

/** Paints sky and ground over the whole canvas. */
export function paintGround(canvas: Canvas, projection: Projection, ground: Ground, light: Light): void {
  const { width, height, rgb, near } = canvas
  const colour = new Float32Array(3)
  const full = light.ambient + light.direct * light.sun[1]
  for (let y = 0; y < height; y++) {
    const [rx, ry, rz] = projection.ray(0.5, y + 0.5)
    const [ex, ey, ez] = projection.ray(1.5, y + 0.5)
    for (let x = 0, pixel = y * width; x < width; x++, pixel++) {
      const fall = -(ry + (ey - ry) * x)
      if (fall < 1e-3) {
        paintSky(colour, light, rx + (ex - rx) * x, -fall)
        canvas.light[pixel] = 1
      } else {
        const depth = projection.view.height / fall
        const wx = projection.view.x + depth * (rx + (ex - rx) * x)
        const wz = depth * (rz + (ez - rz) * x)
        groundAt(colour, ground, wx, wz, depth / projection.focal)
        const lit = light.lamps.length > 0 ? full + lampLight(light.lamps, wx, wz) : full
        canvas.light[pixel] = lit
        near[pixel] = 0.998 / depth
        colour[0] = (colour[0] as number) * lit
        colour[1] = (colour[1] as number) * lit
        colour[2] = (colour[2] as number) * lit
      }
      rgb[pixel * 3] = colour[0] as number
      rgb[pixel * 3 + 1] = colour[1] as number
      rgb[pixel * 3 + 2] = colour[2] as number
    }
  }
}

function paintSky(colour: Float32Array, { sky, ambient }: Light, across: number, up: number): void {
  const cloud = clouds(across * 3 + 50, up * 9 + 20)
  const pale = Math.max(0, 1 - up * 2.2) * 0.5 + Math.max(0, cloud - 0.5) * 0.9
  const white = ambient < 0.45 ? 90 : 238
  for (let i = 0; i < 3; i++) colour[i] = (sky[i] as number) + (white - (sky[i] as number)) * Math.min(0.8, pale)
}

function groundAt(colour: Float32Array, ground: Ground, x: number, z: number, pixelM: number): void {
  const { half, asphalt, dirt, paving } = ground
  const u = x + ground.shift[0]
  const v = z + ground.shift[1]
  // Seen along the ground a pixel covers much more of it than across.
  const fine = 1 / (1 + 900 * pixelM * pixelM)
  const side = Math.abs(x)
  const cloud = clouds(u * 0.35, v * 0.22)
  if (side < half) {
    const grain = fine * 0.22 * (speck(u * 40, v * 40) - 0.5) + 0.1 * (noise(u * 4, v * 4) - 0.5)
    const wheels = 0.05 * Math.cos((x / ground.laneM) * 4 * Math.PI)
    const value = 1 + grain + dirt * 0.55 * (cloud - 0.5) - wheels * dirt - crack(u, v, fine) * dirt
    const fresh = marked(ground, x, z, pixelM)
    const mark = fresh === 0 ? 0 : fresh * (0.55 + 0.45 * Math.min(1, Math.max(0, 2.2 * noise(u * 3, v * 3) + 0.4 - dirt)))
    const { paint } = ground
    colour[0] = (asphalt[0] * (1 - mark) + paint[0] * mark) * value
    colour[1] = (asphalt[1] * (1 - mark) + paint[1] * mark) * value
    colour[2] = (asphalt[2] * (1 - mark) + paint[2] * mark) * value
    return
  }
  if (side < half + 0.22) {
    const value = (side > half + 0.17 || side < half + 0.04 ? 0.62 : 1.05) + 0.2 * (noise(u * 5, v * 5) - 0.5)
    for (let i = 0; i < 3; i++) colour[i] = 172 * value
    return
  }
  const tiles = ground.verge === 'paved' ? paved(u, v, ground.tileM, pixelM) : 0.5 * (noise(u * 7, v * 7) - 0.5) + fine * 0.5 * (speck(u * 30, v * 30) - 0.5)
  const value = 1 + tiles + 0.4 * (cloud - 0.5)
  for (let i = 0; i < 3; i++) colour[i] = (paving[i] as number) * value
}

function paved(u: number, v: number, tileM: number, pixelM: number): number {
  const sharp = 1 / (1 + (40 * pixelM * pixelM) / (tileM * tileM))
  const i = Math.floor(u / tileM)
  const j = Math.floor(v / tileM)
  const joint = u / tileM - i < 0.06 || v / tileM - j < 0.06 ? -0.25 : 0
  return sharp * (joint + 0.14 * (speck(i * 3, j * 7) - 0.5)) + 0.1 * (noise(u * 5, v * 5) - 0.5)
}

function crack(u: number, v: number, fine: number): number {
  const ridge = Math.abs(noise(u * 0.6 + 91, v * 0.6) - 0.5)
  return ridge < 0.008 && noise(u * 0.15, v * 0.15 + 60) > 0.5 ? 0.8 * fine : 0
}

/** Share of road paint, 0–1. */
function marked(ground: Ground, x: number, z: number, pixelM: number): number {
  const { half, laneM, middle, crossing } = ground
  if (crossing !== null && z > crossing && z < crossing + 3.5) return Math.abs(x) < half - 0.4 && (x / 0.9) % 1 < 0.5 && (x / 0.9) % 1 > -0.5 ? 0.85 : 0
  const wide = Math.max(0.15, pixelM)
  const strength = Math.min(1, 0.15 / wide)
  const side = Math.abs(x)
  if (side < 0.4 && middle !== 'none') {
    const on = middle === 'double' ? Math.abs(side - 0.16) < wide / 2 : side < wide / 2 && (middle === 'single' || dash(z))
    return on ? strength * 0.9 : 0
  }
  const lane = side / laneM
  const off = Math.abs(lane - Math.round(lane)) * laneM
  if (lane > 0.5 && side < half - 0.5 && off < wide / 2 && dash(z)) return strength * 0.85
  return Math.abs(side - half + 0.3) < wide / 2 && half > 5 ? strength * 0.7 : 0
}

function dash(z: number): boolean {
  return z / 6 - Math.floor(z / 6) < 0.45
}
