import { hides } from '../../domain/box.ts'
import { groupOf } from '../../domain/labels.ts'
import type { SceneObject } from '../../domain/observation.ts'
import { type Instant, MINUTE } from '../../domain/time.ts'
import { assign } from './assignment.ts'
import { originalsOf } from './originals.ts'
import { affinityOf, begin, follow, hasLeft, missed, type Seen, type Track } from './track.ts'

/** What stands has first claim on a box that is so much in its place, however faint it is. */
const IN_PLACE = 0.5
/** Nobody may have looked for so long, and what stands where it stood is still the same thing. */
const UNSEEN_MS = 5 * MINUTE

export interface TrackOptions {
  /** The score from which the model means a box. */
  strong: number
  /** A track that looks have not shown for so long is over. */
  maxAgeMs: number
}

/** A look as the journal has it: what a tracker said before its process ended. */
export interface PastLook {
  at: Instant
  objects: readonly Pick<SceneObject, 'label' | 'score' | 'box' | 'track' | 'zones'>[]
}

/**
 * Gives the things in the pictures of one camera names that last, after ByteTrack (Zhang et al. 2022): a Kalman filter
 * says where each track should be now, and boxes are paired with tracks so that the sum of their likeness is greatest: first
 * what stands with what is in its place, then the boxes that the model means, then faint ones with the tracks that are left, so that a faint box can continue a track
 * but not steal it, and last whatever is left with tracks that were never more than faint. It steps by the time between
 * looks, whatever that is. Given the same pictures it gives the same names, and keeps nothing that the scenes do not
 * hold: `restore` makes it from them again.
 */
export class Tracker {
  readonly #run: string
  #tracks: Track[] = []
  #count = 0

  /** `run` sets the names that this run of the platform gives apart from those of the last. */
  constructor(run: string) {
    this.#run = run
  }

  /** Names for the things of one picture, in their order. Time in which nobody looked, or something hid it, ages no track, up to five minutes. */
  update(at: Instant, seen: readonly Seen[], options: TrackOptions): string[] {
    this.#age(at, options)
    const originals = originalsOf(seen)
    const own = [...seen.keys()].filter((index) => originals[index] === index)
    const meant = (index: number): boolean => (seen[index] as Seen).score >= options.strong
    const taken = new Map<number, Track>()
    const left = (tracks: readonly Track[]): Track[] => tracks.filter((track) => ![...taken.values()].includes(track))
    const free = (wanted: (index: number) => boolean): number[] => own.filter((index) => !taken.has(index) && wanted(index))
    const established = this.#tracks.filter((track) => track.meant)
    const faint = this.#tracks.filter((track) => !track.meant)
    const standing = established.filter(({ rest }) => rest !== null)
    match(
      standing,
      free(() => true),
      seen,
      at,
      taken,
      IN_PLACE,
    )
    match(left(established), free(meant), seen, at, taken)
    match(
      left(established),
      free((index) => !meant(index)),
      seen,
      at,
      taken,
    )
    match(
      left(faint),
      free(() => true),
      seen,
      at,
      taken,
    )

    const names = new Map<number, string>()
    const next: Track[] = left(this.#tracks).map((track) => (isHidden(track, seen) ? track : missed(track, at)))
    for (const index of own) {
      const [thing, before] = [seen[index] as Seen, taken.get(index)]
      const track = before ? follow(before, thing.box, at, meant(index)) : begin(this.#name(), groupOf(thing.label), thing, at, meant(index))
      names.set(index, track.name)
      next.push(track)
    }
    this.#tracks = next
    return originals.map((original) => names.get(original) as string)
  }

  /** Goes on where the run before stopped: takes its last looks at this camera, in order of time. */
  restore(looks: readonly PastLook[], options: TrackOptions): void {
    for (const { at, objects } of looks) {
      this.#age(at, options)
      const known = new Map(this.#tracks.map((track) => [track.name, track]))
      const shown = new Set<string>()
      for (const { track: name, label, score, box } of [...objects].sort((a, b) => b.score - a.score)) {
        if (name === undefined || shown.has(name)) continue
        shown.add(name)
        const [before, meant] = [known.get(name), score >= options.strong]
        known.set(name, before ? follow(before, box, at, meant) : begin(name, groupOf(label), { box }, at, meant))
      }
      this.#tracks = [...known.values()].map((track) => (shown.has(track.name) || isHidden(track, objects) ? track : missed(track, at)))
    }
  }

  /** The camera looks elsewhere now: nothing goes on. */
  forget(): void {
    this.#tracks = []
  }

  /** Where the time goes back, as in a file that is played again, everything is over. */
  #age(at: Instant, { maxAgeMs }: TrackOptions): void {
    const unseenMs = Math.max(UNSEEN_MS, maxAgeMs)
    this.#tracks = this.#tracks.filter((track) => at >= track.at && at - track.at <= unseenMs && (track.missedAt === null || at - track.missedAt < maxAgeMs) && !hasLeft(track, at))
  }

  #name(): string {
    return `${this.#run}-t${++this.#count}`
  }
}

/** Something stands before the place where it stood: that it is not seen says nothing. */
function isHidden({ rest }: Track, seen: readonly Pick<Seen, 'box'>[]): boolean {
  return rest !== null && seen.some(({ box }) => hides(box, rest))
}

/** Pairs tracks with things, group by group; notes in `taken` which track a thing continues. */
function match(tracks: readonly Track[], things: readonly number[], seen: readonly Seen[], at: Instant, taken: Map<number, Track>, least = 0): void {
  for (const group of new Set(tracks.map((track) => track.group))) {
    const rows = tracks.filter((track) => track.group === group)
    const columns = things.filter((index) => groupOf((seen[index] as Seen).label) === group)
    if (columns.length === 0) continue
    const pairs = assign(rows.length, columns.length, (row, column) => {
      const worth = affinityOf(rows[row] as Track, (seen[columns[column] as number] as Seen).box, at)
      return worth >= least ? worth : 0
    })
    pairs.forEach((column, row) => {
      if (column >= 0) taken.set(columns[column] as number, rows[row] as Track)
    })
  }
}
