import type { Paint } from './mesh.ts'
import { clouds, noise, speck } from './noise.ts'

/** This pixel of the face is a hole. */
export const HOLE = -1

/**
 * Share of a face's second colour at a place on it, 0–1, or HOLE. `pixelM`: metres per pixel there, so that a pattern
 * finer than pixels fades instead of flickering.
 */
export const PAINTS: Record<Paint, (u: number, v: number, pixelM: number) => number> = {
  plain: () => 0,
  panes: (u, _v, pixelM) => faded(part(u / 1.3) < 0.1 ? 1 : 0, 0.1, 1.3, pixelM),
  facade: (u, v, pixelM) => {
    const [x, y] = [part(u / 3.2), part(v / 3.1)]
    return faded(x > 0.22 && x < 0.74 && y > 0.3 && y < 0.78 ? 0.5 + 0.5 * speck(u / 3.2, v / 3.1) : 0, 0.2, 3, pixelM)
  },
  ribs: (u, _v, pixelM) => faded(part(u / 0.7) < 0.22 ? 1 : 0, 0.22, 0.7, pixelM),
  bows: (u, v, pixelM) => 0.5 * noise(u * 1.7, v * 1.7) + faded(part(u / 0.9) < 0.12 ? 0.5 : 0, 0.06, 0.9, pixelM),
  soil: (u, v) => clamp(1.6 * clouds(u * 2.3, v * 2.3) - 0.3 + 0.4 * (speck(u * 14, v * 14) - 0.5)),
  leaves: (u, v) => {
    const density = clouds(u * 2.2, v * 2.2) + 0.25 * speck(u * 9, v * 9)
    return density > 0.84 ? HOLE : clamp(1.5 * noise(u * 5, v * 5) - 0.2)
  },
  wheel: (u, v) => {
    const r = u * u + v * v
    return r < 0.36 && r > 0.02 ? (part((Math.atan2(v, u) / Math.PI) * 2.5) < 0.75 ? 1 : 0.3) : 0
  },
  rim: (u, v) => {
    const r = u * u + v * v
    return r > 0.66 ? 0 : r < 0.03 ? 1 : part((Math.atan2(v, u) / Math.PI) * 5) < 0.12 ? 0.8 : HOLE
  },
  goods: (u, v) => speck(u * 7, v * 7),
  script: (u, v, pixelM) => faded(part(v / 0.5) > 0.3 && speck(u * 5, v / 0.5) > 0.35 ? 1 : 0, 0.45, 0.4, pixelM),
  bars: (u, v) => (part(u / 0.25) < 0.25 || part(v / 0.9) < 0.1 ? 0 : HOLE),
  glass: (u, v) => clamp(0.35 * v + 0.5 * noise(u * 0.9 + 31, v * 0.9 + 7)),
}

function part(value: number): number {
  return value - Math.floor(value)
}

function clamp(value: number): number {
  return value < 0 ? 0 : value > 1 ? 1 : value
}

/** A pattern of this period seen with pixels of this size tends to its mean. */
function faded(value: number, mean: number, periodM: number, pixelM: number): number {
  const sharp = 1 / (1 + (3 * pixelM * pixelM) / (periodM * periodM))
  return mean + (value - mean) * sharp
}
