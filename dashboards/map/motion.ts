import { bearingDeg, distanceM, type Position } from '../../domain/geo.ts'

/** One vehicle on its way between its last two fixes, so that it glides instead of jumping. Times in ms, degrees. */
export interface Glide {
  from: Position
  to: Position
  fromHeading: number
  toHeading: number
  start: number
  end: number
  /** Time of the newest fix, to measure the usual interval; NaN where the register alone says where it is. */
  fixAt: number
}

export interface Fix {
  position: Position
  headingDeg: number | undefined
  /** Event time of the fix. */
  at: number
}

const SHORTEST_MS = 250
const LONGEST_MS = 10_000
/** Farther than this between two fixes is no drive but a correction or a gap: the vehicle is put there. */
const JUMP_M = 2000
/** Nearer than this the course between two fixes is noise of the receiver. */
const STILL_M = 3

/** The glide after a new fix, beginning where the vehicle is drawn now and lasting as long as fixes are apart. */
export function glideTo(before: Glide | undefined, fix: Fix, now: number): Glide {
  if (before === undefined) return resting(fix, fix.headingDeg ?? 0, now)
  const here = placeAt(before, now)
  const far = distanceM(here.position, fix.position)
  if (far > JUMP_M) return resting(fix, fix.headingDeg ?? here.headingDeg, now)
  const heading = fix.headingDeg ?? (far > STILL_M ? bearingDeg(here.position, fix.position) : here.headingDeg)
  const between = Number.isNaN(before.fixAt) ? 0 : fix.at - before.fixAt
  const length = Math.max(SHORTEST_MS, Math.min(LONGEST_MS, between))
  return { from: here.position, to: fix.position, fromHeading: here.headingDeg, toHeading: heading, start: now, end: now + length, fixAt: fix.at }
}

function resting(fix: Fix, heading: number, now: number): Glide {
  return { from: fix.position, to: fix.position, fromHeading: heading, toHeading: heading, start: now, end: now, fixAt: fix.at }
}

/** Where a vehicle is drawn at `now`; it turns the short way round. */
export function placeAt(glide: Glide, now: number): { position: Position; headingDeg: number } {
  const share = glide.end <= glide.start ? 1 : Math.max(0, Math.min(1, (now - glide.start) / (glide.end - glide.start)))
  const turn = ((glide.toHeading - glide.fromHeading + 540) % 360) - 180
  // The truck has turned before it is half way: wheels first, then the road.
  const heading = (glide.fromHeading + turn * Math.min(1, share * 2) + 360) % 360
  const position: Position = [glide.from[0] + (glide.to[0] - glide.from[0]) * share, glide.from[1] + (glide.to[1] - glide.from[1]) * share]
  return { position, headingDeg: heading }
}
