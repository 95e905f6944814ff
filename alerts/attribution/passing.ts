import { type Instant, SECOND } from '../../domain/time.ts'
import { type Fix, type Whereabouts, whereAt } from './path.ts'
import type { Point } from './plane.ts'

/** What one terminal said around the time in question. */
export interface Track {
  readonly fixes: readonly Fix[]
  /** How far its corrected clock may still be wrong, ms (one standard deviation). */
  readonly skewSdMs: number
}

/** Something that passed: where and when, as far as anybody knows. */
export interface Passing {
  readonly from: Instant
  readonly to: Instant
  readonly place: Point
  /** How far from `place` it may have been, m (one standard deviation). */
  readonly sdM: number
  /** Where it was going, degrees; null if nobody knows. */
  readonly headingDeg: number | null
}

/** How well a track fits a passing. */
export interface Fit {
  /** Density of this vehicle's passing there and then, 1/(s · m): comparable with that of any other. */
  readonly density: number
  /** When it most probably passed, and how far from the place its path was then, m. */
  readonly at: Instant
  readonly distanceM: number
  readonly gapMs: number
}

/** Receivers are good to some metres under the open sky, and now and then, between houses, much worse. */
const NOISE = [
  { share: 0.85, sdM: 6 },
  { share: 0.15, sdM: 26 },
] as const
/** Of the camera's own clock, and of the look at which a thing was first seen. */
const EDGE_MS = SECOND
const STEP_MS = SECOND
/** One of the ways that a truck may have taken lies so far from the next, m: a square kilometre of city has about nine kilometres of them. */
const ROADS_APART_M = 110
/** Who stands still does not pass; below this a receiver's speed says nothing, m/s. */
const CREEP_MPS = 0.7
/** How sharply two directions must agree: headings of receivers and of tracks in pictures are good to some 25 degrees. */
const AGREEMENT = 5
/** A direction may be wrong altogether. */
const ASTRAY = 0.03

/** How well the track fits; undefined where its fixes say nothing of that time. */
export function fitOf({ fixes, skewSdMs }: Track, passing: Passing): Fit | undefined {
  const sdMs = Math.hypot(EDGE_MS, skewSdMs)
  let best: { density: number; at: Instant; where: Whereabouts } | undefined
  let sum = 0
  for (let at = passing.from - 4 * sdMs; at <= passing.to + 4 * sdMs; at += STEP_MS) {
    const where = whereAt(fixes, at)
    if (!where) continue
    const density = timeDensity(passing, at, sdMs) * densityAt(where, passing)
    sum += density * (STEP_MS / SECOND)
    if (!best || density > best.density) best = { density, at, where }
  }
  if (!best) return undefined
  return { density: sum, at: best.at, distanceM: Math.hypot(best.where.x - passing.place.x, best.where.y - passing.place.y), gapMs: best.where.gapMs }
}

/** The density of a vehicle that is known to pass there once, at some time of the passing: what a track is measured against. */
export function certainDensity({ sdM }: Passing): number {
  return 1 / (Math.sqrt(2 * Math.PI) * Math.hypot(sdM, LANE_M))
}

/** Lanes lie so far from the place that stands for the road, m. */
const LANE_M = 5

/** How often a track passed the place between two times, as far as its fixes say. */
export function passesOf({ fixes }: Track, place: Point, from: Instant, to: Instant): number {
  const passing: Passing = { from, to, place, sdM: 15, headingDeg: null }
  let sum = 0
  for (let at = from; at < to; at += 2 * STEP_MS) {
    const where = whereAt(fixes, at)
    if (where) sum += densityAt(where, passing) * 2 * (STEP_MS / SECOND)
  }
  return sum / certainDensity(passing)
}

/** Metres driven per second times the density of being there, 1/(s · m). */
function densityAt({ x, y, v, speed, variance }: Whereabouts, { place, sdM, headingDeg }: Passing): number {
  const squared = (x - place.x) ** 2 + (y - place.y) ** 2
  let there = 0
  for (const { share, sdM: noise } of NOISE) {
    const seen = noise ** 2 + sdM ** 2
    const spread = variance + seen
    there += (share * onRoads(variance, seen) * Math.exp(-squared / (2 * spread))) / (2 * Math.PI * spread)
  }
  return there * Math.max(0, speed - CREEP_MPS) * (headingDeg === null ? 1 : agreement(v, headingDeg))
}

/**
 * Where nobody knows the way, a vehicle was still on some road, and the place in question lies on one: of those within its
 * reach it took this one, rather than any strip of ground of the same width.
 */
function onRoads(variance: number, seen: number): number {
  return Math.max(1, Math.min(1, ROADS_APART_M / Math.sqrt(2 * Math.PI * variance)) * Math.sqrt(1 + variance / seen))
}

/** Against a vehicle of which nothing is known and which goes one way or the other: twice as probable when it agrees. */
function agreement(v: Point, headingDeg: number): number {
  if (Math.hypot(v.x, v.y) < 2) return 1
  const cosine = Math.cos(Math.atan2(v.x, v.y) - (headingDeg * Math.PI) / 180)
  return ASTRAY + (2 - 2 * ASTRAY) * Math.exp(AGREEMENT * (cosine - 1))
}

/** The passing happened at one time between `from` and `to`, whose edges are soft; 1/s. */
function timeDensity({ from, to }: Passing, at: Instant, sdMs: number): number {
  if (to - from < sdMs / 4) return (SECOND * Math.exp(-(((at - (from + to) / 2) / sdMs) ** 2) / 2)) / (Math.sqrt(2 * Math.PI) * sdMs)
  return (SECOND * (below((at - from) / sdMs) - below((at - to) / sdMs))) / (to - from)
}

/** The normal distribution, good to 1e-7 (Abramowitz and Stegun 26.2.17). */
function below(z: number): number {
  const t = 1 / (1 + 0.2316419 * Math.abs(z))
  const tail = (Math.exp(-(z * z) / 2) / Math.sqrt(2 * Math.PI)) * t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))))
  return z > 0 ? 1 - tail : tail
}
