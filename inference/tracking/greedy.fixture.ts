import { centre, overlap } from '../../domain/box.ts'
import { groupOf } from '../../domain/labels.ts'
import type { Box } from '../../domain/observation.ts'
import type { Instant } from '../../domain/time.ts'
import { originalsOf } from './originals.ts'

/** Boxes that overlap at least so much may be one thing in two pictures. */
const OVERLAP = 0.1
/** Boxes that do not overlap may be, if their centres are less than this many box diagonals apart … */
const REACH = 1
/** … and their areas differ by less than this factor. */
const GROWTH = 3
/** A track's course is trusted so far ahead. */
const FORESIGHT_MS = 5000

interface Track {
  number: number
  group: string
  box: Box
  at: Instant
  /** Fractions of the picture per ms. */
  speed: readonly [number, number]
}

interface Seen {
  label: string
  score: number
  box: Box
}

/**
 * Gives the things in the pictures of one camera names that last: what overlaps, or comes close, where the track was
 * going, is the same thing. Strong boxes choose first, so that faint ones can continue a track but not steal it.
 * Given the same pictures it gives the same names.
 */
export class GreedyTracker {
  readonly #run: string
  #tracks: Track[] = []
  #count = 0

  /** `run` sets the names of this run of the platform apart from those of the last. */
  constructor(run: string) {
    this.#run = run
  }

  /** Names for the things of one picture, in their order. A track not seen for `maxAgeMs` of event time is over. */
  update(at: Instant, seen: readonly Seen[], { strong, maxAgeMs }: { strong: number; maxAgeMs: number }): string[] {
    this.#tracks = this.#tracks.filter((track) => at >= track.at && at - track.at <= maxAgeMs)
    const numbers = new Array<number | undefined>(seen.length)
    const originals = originalsOf(seen)
    const own = [...seen.keys()].filter((index) => originals[index] === index)
    const taken = new Set<Track>()
    this.#assign(at, seen, numbers, taken, (index) => own.includes(index) && (seen[index] as Seen).score >= strong)
    this.#assign(at, seen, numbers, taken, (index) => own.includes(index) && numbers[index] === undefined)
    for (const index of own) numbers[index] ??= this.#begin(at, seen[index] as Seen)
    return originals.map((original) => `${this.#run}-t${numbers[original]}`)
  }

  /** The camera looks elsewhere now: nothing goes on. */
  forget(): void {
    this.#tracks = []
  }

  #assign(at: Instant, seen: readonly Seen[], numbers: (number | undefined)[], taken: Set<Track>, eligible: (index: number) => boolean): void {
    const pairs: { track: Track; index: number; affinity: number }[] = []
    for (const track of this.#tracks) {
      if (taken.has(track)) continue
      for (const [index, thing] of seen.entries()) {
        const affinity = eligible(index) && groupOf(thing.label) === track.group ? affinityOf(track, thing.box, at) : 0
        if (affinity > 0) pairs.push({ track, index, affinity })
      }
    }
    pairs.sort((a, b) => b.affinity - a.affinity || a.track.number - b.track.number || a.index - b.index)
    for (const { track, index } of pairs) {
      if (taken.has(track) || numbers[index] !== undefined) continue
      taken.add(track)
      numbers[index] = track.number
      follow(track, (seen[index] as Seen).box, at)
    }
  }

  #begin(at: Instant, { label, box }: Seen): number {
    const number = ++this.#count
    this.#tracks.push({ number, group: groupOf(label), box, at, speed: [0, 0] })
    return number
  }
}

/** How well a box continues a track: over 1 by overlap, below by nearness, 0 not at all. */
function affinityOf(track: Track, box: Box, at: Instant): number {
  const ms = Math.min(FORESIGHT_MS, at - track.at)
  const [x, y, w, h] = track.box
  const expected: Box = [x + track.speed[0] * ms, y + track.speed[1] * ms, w, h]
  const common = overlap(expected, box)
  if (common >= OVERLAP) return 1 + common
  const growth = (box[2] * box[3]) / (w * h)
  if (growth > GROWTH || growth < 1 / GROWTH) return 0
  const [ax, ay] = centre(expected)
  const [bx, by] = centre(box)
  const distance = Math.hypot(ax - bx, ay - by) / ((Math.hypot(w, h) + Math.hypot(box[2], box[3])) / 2)
  return distance < REACH ? 1 - distance : 0
}

function follow(track: Track, box: Box, at: Instant): void {
  const ms = at - track.at
  if (ms > 0) {
    const [ax, ay] = centre(track.box)
    const [bx, by] = centre(box)
    const fresh = [(bx - ax) / ms, (by - ay) / ms] as const
    const known = track.speed[0] !== 0 || track.speed[1] !== 0
    track.speed = known ? [(track.speed[0] + fresh[0]) / 2, (track.speed[1] + fresh[1]) / 2] : fresh
  }
  track.box = box
  track.at = at
}
