import { centre, overlap } from '../../domain/box.ts'
import type { Box } from '../../domain/observation.ts'
import type { Instant } from '../../domain/time.ts'
import { corrected, type Motion, motionAt, predicted } from './kalman.ts'

/** One thing followed through the pictures of a camera. Immutable. */
export interface Track {
  readonly name: string
  readonly group: string
  /** Centre and size of the box, as fractions of the picture. */
  readonly motion: readonly [x: Motion, y: Motion, w: Motion, h: Motion]
  readonly box: Box
  /** Where it stands; null: it moves, or nobody knows yet. */
  readonly rest: Box | null
  /** Since when it may have stood. */
  readonly since: Instant
  readonly at: Instant
  /** The first look since then that did not show it; null: the newest one did. */
  readonly missedAt: Instant | null
  /** It was seen by a box that the model means. */
  readonly meant: boolean
}

// Noise in sizes of the box itself: what is far away trembles and moves less in the picture.
const BOX_STD = 0.06
const FIRST_SPEED = 1.5
const PUSH = 0.6

/** A course is trusted so far ahead: nobody drives straight on for a minute. */
const FORESIGHT_S = 5
/** Boxes that overlap at least so much may be one thing in two pictures. */
const OVERLAP = 0.1
/** Boxes that do not overlap may be, if their centres are less than this many box diagonals apart … */
const REACH = 1.5
/** … and within so many deviations of what the course foretells … */
const GATE = 3
/** … or, where a stuttering source makes things jump, less than this many … */
const JERK = 0.9
/** … and their areas differ by less than this factor. */
const GROWTH = 3
/**
 * What has moved by less than `speed` of its sizes per second for so long stands. From then on a box is it only if it has
 * so much in common with where it stands. What is larger by `growth` covers it; what is a smaller part is something else.
 */
const STANDS = { ms: 2000, speed: 0.08, overlap: 0.25, growth: 1.8, part: 0.25 }
/** What has become smaller than this share is partly hidden. */
const WHOLE = 0.8
/** What a likeness to a lost track counts. */
const LOST = 0.6
/** What drives does not stay where it is for so long. */
const SLOW_S = 1.5
/** After so long without a sight only the same place speaks for the same thing. */
const BLIND_S = 15
const SAME_PLACE = 0.5

export interface Seen {
  readonly label: string
  readonly score: number
  readonly box: Box
}

export function begin(name: string, group: string, { box }: Pick<Seen, 'box'>, at: Instant, meant: boolean): Track {
  const [x, y] = centre(box)
  const [, , w, h] = box
  const first = (value: number, size: number): Motion => motionAt(value, BOX_STD * size, FIRST_SPEED * size)
  return { name, group, motion: [first(x, w), first(y, h), first(w, w), first(h, h)], box, rest: null, since: at, at, missedAt: null, meant }
}

/** The track with one more box. */
export function follow(track: Track, box: Box, at: Instant, meant: boolean): Track {
  const [x, y, w, h] = motionsAt(track, at)
  const [cx, cy] = centre(box)
  const [, , width, height] = box
  // Of what is half hidden the middle is doubtful by half of what is hidden.
  const std = (size: number, expected: number): number => Math.hypot(BOX_STD * size, (size - expected) / 2)
  const motion = [corrected(x, cx, std(width, w.at)), corrected(y, cy, std(height, h.at)), corrected(w, width, BOX_STD * width), corrected(h, height, BOX_STD * height)] as const
  const leaves = track.rest !== null && standing(track.rest, box) === 0
  const followed = { ...track, motion, box, at, since: leaves ? at : track.since, missedAt: null, meant: track.meant || meant }
  return { ...followed, rest: leaves ? null : restOf(followed) }
}

/** Where the track stands, if it does; of what is partly hidden, where it stood when it was seen whole. */
function restOf({ rest, since, at, motion: [x, y, w, h], box }: Track): Box | null {
  if (at - since < STANDS.ms || Math.abs(x.speed) > STANDS.speed * box[2] || Math.abs(y.speed) > STANDS.speed * box[3]) return rest
  return rest && w.at * h.at < WHOLE * rest[2] * rest[3] ? rest : [x.at - w.at / 2, y.at - h.at / 2, w.at, h.at]
}

export function missed(track: Track, at: Instant): Track {
  return track.missedAt === null ? { ...track, missedAt: at } : track
}

/** Where its course would have taken the thing by then. */
function expectedBox(track: Track, at: Instant): Box {
  const [x, y, w, h] = motionsAt(track, at)
  // A size that shrinks evenly would come to nothing.
  const [width, height] = [Math.max(w.at, track.box[2] / 2), Math.max(h.at, track.box[3] / 2)]
  return [x.at - width / 2, y.at - height / 2, width, height]
}

function motionsAt({ motion: [x, y, w, h], box: [, , width, height], at: seenAt }: Track, at: Instant): Track['motion'] {
  const seconds = Math.min(FORESIGHT_S, (at - seenAt) / 1000)
  const [across, down] = [PUSH * width, PUSH * height]
  return [predicted(x, seconds, across), predicted(y, seconds, down), predicted(w, seconds, across), predicted(h, seconds, down)]
}

/** Its course has taken the whole of it out of the picture. */
export function hasLeft(track: Track, at: Instant): boolean {
  if (track.missedAt === null || track.rest) return false
  const [x, y, w, h] = expectedBox(track, at)
  return x + w <= 0 || x >= 1 || y + h <= 0 || y >= 1
}

/**
 * How well a box continues a track, 0 to 1: the share that it has in common with where the track should be, or, where there
 * is none, a tenth of how near it comes. 0: not at all.
 */
export function affinityOf(track: Track, box: Box, at: Instant): number {
  // Of two that come to lie there, the one that was just seen is the likelier.
  const trust = track.missedAt === null ? 1 : LOST
  const [stayed, gapS] = [overlap(track.box, box), (at - track.at) / 1000]
  if (track.rest) return trust * Math.max(standing(track.rest, box), stayed >= STANDS.overlap ? stayed : 0)
  if (gapS > BLIND_S) return stayed >= SAME_PLACE ? stayed : 0
  const expected = expectedBox(track, at)
  const common = Math.max(overlap(expected, box), gapS >= SLOW_S && stayed >= SAME_PLACE ? stayed : 0)
  return trust * (common >= OVERLAP ? common : nearness(track, expected, box, at) / 10)
}

/** How well a box is what stands at `rest`: it neither swells, nor turns into a small part of something, nor jumps. */
function standing(rest: Box, box: Box): number {
  const growth = (box[2] * box[3]) / (rest[2] * rest[3])
  if (growth > STANDS.growth || growth < STANDS.part) return 0
  const common = overlap(rest, box)
  return common >= STANDS.overlap ? common : 0
}

/** 1 where the course led, 0 where it can hardly lead: a few deviations away, or lengths of the thing itself, or to another size; little for a short jump. */
function nearness(track: Track, expected: Box, box: Box, at: Instant): number {
  const growth = (box[2] * box[3]) / (track.box[2] * track.box[3])
  if (growth > GROWTH || growth < 1 / GROWTH) return 0
  const [ax, ay] = centre(expected)
  const [bx, by] = centre(box)
  const [x, y] = motionsAt(track, at)
  const doubt = Math.hypot((bx - ax) / Math.sqrt(x.varAt), (by - ay) / Math.sqrt(y.varAt)) / GATE
  const lengths = Math.hypot(bx - ax, by - ay) / ((Math.hypot(expected[2], expected[3]) + Math.hypot(box[2], box[3])) / 2)
  return Math.max(0, 1 - Math.max(doubt, lengths / REACH), track.missedAt === null ? (1 - lengths / JERK) / 10 : 0)
}
