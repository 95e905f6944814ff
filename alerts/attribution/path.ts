import type { Instant } from '../../domain/time.ts'
import type { Point } from './plane.ts'

/** Where a terminal said that its vehicle was, on the plane around the place in question; `at` corrected by the device's skew. */
export interface Fix extends Point {
  readonly at: Instant
  /** Velocity in m/s; null where the terminal gave no speed or no heading. */
  readonly v: Point | null
}

/** Where a vehicle probably was at a time. */
export interface Whereabouts extends Point {
  /** Variance of each coordinate in m², without the receiver's own error. */
  readonly variance: number
  /** Mean velocity in m/s, and how fast it drove: on a way that bends or stops faster than the mean. */
  readonly v: Point
  readonly speed: number
  /** Length of the gap between the fixes around it, ms. */
  readonly gapMs: number
}

/** Beyond a gap of this length nothing is said of where the vehicle was: its terminal counts as silent. */
export const SILENT_MS = 600_000
/** Beyond its last fix a path is known for so long: it may have turned anywhere. */
const BEYOND_MS = 90_000

/** Spectral density of what drivers do with wheel and brake, m²/s³; fitted to generated drives (calibration.test.ts). */
const UNREST = 0.9
/** In long gaps the way bends with the streets: it strays from the straight one by so much of the gap, m/s, and more the longer it lasts. */
const STRAY_MPS = 0.85
const STRAY_GROWS_S = 400
/** Of the velocity that a terminal reports, m/s. */
const VELOCITY_SD = 1.2
/** Heavy trucks do not drive faster in a city, m/s. */
const FASTEST = 27
/** How soon what a vehicle did at a fix says nothing any more of what it did between, s. */
const MEMORY_S = 40

/** Where a vehicle was at `at`; undefined where its fixes do not say. `fixes` in order of time. */
export function whereAt(fixes: readonly Fix[], at: Instant): Whereabouts | undefined {
  const next = indexAfter(fixes, at)
  const [a, b] = [fixes[next - 1], fixes[next]]
  if (a && b) return b.at - a.at > SILENT_MS ? undefined : between(a, b, at)
  const end = a ?? b
  return end && Math.abs(at - end.at) <= BEYOND_MS ? beyond(end, at) : undefined
}

/** Index of the first fix after `at`. */
function indexAfter(fixes: readonly Fix[], at: Instant): number {
  let [low, high] = [0, fixes.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((fixes[middle] as Fix).at <= at) low = middle + 1
    else high = middle
  }
  return low
}

/**
 * A cubic through both fixes with their velocities, the mean of a vehicle whose acceleration is noise; the longer the gap,
 * the more it is a straight line, because velocities are forgotten. The variance is that of the same vehicle, bounded by
 * what one can wander and by what one can drive at all.
 */
function between(a: Fix, b: Fix, at: Instant): Whereabouts {
  const gap = (b.at - a.at) / 1000
  const s = gap === 0 ? 0 : (at - a.at) / (b.at - a.at)
  const chord = gap === 0 ? { x: 0, y: 0 } : { x: (b.x - a.x) / gap, y: (b.y - a.y) / gap }
  const memory = Math.exp(-gap / MEMORY_S)
  const [va, vb] = [blend(chord, a.v, memory), blend(chord, b.v, memory)]
  const [ha, hb] = [gap * s * (1 - s) ** 2, -gap * s * s * (1 - s)]
  const along = (p: number, q: number, u: number, w: number): number => p + (q - p) * s * s * (3 - 2 * s) + ha * u + hb * w
  const slope = (c: number, u: number, w: number): number => 6 * s * (1 - s) * c + (1 - 4 * s + 3 * s * s) * u + (3 * s * s - 2 * s) * w
  const v = { x: slope(chord.x, va.x, vb.x), y: slope(chord.y, va.y, vb.y) }
  const variance = Math.min(unrest(gap, s, a.v !== null && b.v !== null ? memory : 0), stray(gap, s), slack(gap, s, chord))
  return { x: along(a.x, b.x, va.x, vb.x), y: along(a.y, b.y, va.y, vb.y), v, speed: Math.hypot(v.x, v.y, aside(variance, gap)), variance, gapMs: b.at - a.at }
}

/** Whoever strays so far must have driven there and back within the gap. */
function aside(variance: number, gap: number): number {
  return gap === 0 ? 0 : (4 * Math.sqrt(variance)) / gap
}

function blend(chord: Point, v: Point | null, memory: number): Point {
  return v === null ? chord : { x: chord.x + (v.x - chord.x) * memory, y: chord.y + (v.y - chord.y) * memory }
}

/** `memory`: how much of the velocities at both ends still counts. Without them the bridge is wider by what they may have been. */
function unrest(gap: number, s: number, memory: number): number {
  const r = s * (1 - s)
  const known = (UNREST * (gap * r) ** 3) / 3 + (VELOCITY_SD * gap * r) ** 2
  const unknown = (UNREST * gap ** 3 * r * r) / 3 + 4 * r
  return memory * known + (1 - memory) * unknown
}

function stray(gap: number, s: number): number {
  return 4 * s * (1 - s) * (STRAY_MPS * gap * (1 + gap / STRAY_GROWS_S)) ** 2
}

/**
 * Whoever had to come from one fix to the other in time was within an ellipse around both: half of its half width is as far
 * aside as one deviation may be.
 */
function slack(gap: number, s: number, chord: Point): number {
  const spare = Math.max(0, FASTEST ** 2 - chord.x ** 2 - chord.y ** 2)
  return (spare * gap ** 2 * s * (1 - s)) / 4
}

/** After the last fix (or before the first) it goes on as it did, less surely with every second. */
function beyond(end: Fix, at: Instant): Whereabouts {
  const t = (at - end.at) / 1000
  const far = MEMORY_S * (1 - Math.exp(-Math.abs(t) / MEMORY_S)) * Math.sign(t)
  const v = end.v ?? { x: 0, y: 0 }
  const unsure = (UNREST * Math.abs(t) ** 3) / 3 + ((end.v === null ? 8 : VELOCITY_SD) * t) ** 2
  const variance = Math.min(unsure, (FASTEST * t) ** 2)
  return { x: end.x + v.x * far, y: end.y + v.y * far, v, speed: Math.hypot(v.x, v.y, aside(variance, 2 * Math.abs(t))), variance, gapMs: 2 * Math.abs(at - end.at) }
}
