import { areaShare, zonesOf } from '../../domain/box.ts'
import type { PictureZone } from '../../domain/camera.ts'
import { type SceneObject, TRACK_LOST_MS } from '../../domain/observation.ts'
import type { RuleFile } from '../../domain/rule.ts'
import type { RuleRow } from '../api/client.ts'
import type { Look } from './scenes.ts'

/** An object of a stored scene, as far as it matters here; best and mean score of its track up to then. */
export type Seen = Pick<SceneObject, 'label' | 'score' | 'box' | 'track' | 'zones'> & { bestScore: number; meanScore: number }

/** What an algorithm asks of an object in a picture: a label in a zone, a score. */
export interface Ask {
  asks: readonly { label: string; zones: readonly PictureZone[] | null; name: string | null; share: number }[]
  /** Whose score is compared; null: none is. */
  of: RuleRow['sees']['score']
  /** Objects below it do not count; null: the rule has no such param. */
  score: number | null
  /** Objects are judged one by one along their tracks: what has none is never judged. */
  tracked: boolean
}

/**
 * What a rule bound to a camera asks, with the camera's own params. Zones that the camera binds it to stand for those that
 * the rule names: for each call those of them that it names, or all where it names none of them.
 */
export function askOf(
  { file, sees }: { file: Pick<RuleFile, 'each' | 'params'>; sees: RuleRow['sees'] },
  binding: { zones: readonly string[]; params: Readonly<Record<string, unknown>> },
  drawn: readonly PictureZone[],
): Ask {
  const bound = binding.zones.length === 0 ? null : drawn.filter(({ id }) => binding.zones.includes(id))
  const value = (param: string): unknown => binding.params[param] ?? file.params[param]?.value
  const score = value('score')
  const zonesFor = (zone: string | null): readonly PictureZone[] | null => {
    if (zone === null || (bound && file.each === 'object')) return bound
    const named = (bound ?? drawn).filter(({ id, type }) => id === zone || type === zone)
    return bound && named.length === 0 ? bound : named
  }
  return {
    asks: sees.asks.map(({ label, zone, share }) => {
      const least = typeof share === 'string' ? value(share) : share
      return { label, name: zone, zones: zonesFor(zone), share: typeof least === 'number' ? least : 0 }
    }),
    of: sees.score,
    score: typeof score === 'number' && sees.score !== null ? score : null,
    tracked: file.each === 'object',
  }
}

/** The score that the rule looks at. */
export function scoreOf(object: Seen, { of }: Pick<Ask, 'of'>): number {
  return of === 'best' ? object.bestScore : of === 'mean' ? object.meanScore : object.score
}

/** Why an object does or does not count, by name. */
export type Count = 'counts' | 'otherLabel' | 'outside' | 'tooSmall' | 'tooWeak'

export function countOf(object: Seen, ask: Ask): Count {
  const wanted = ask.asks.filter(({ label }) => label === object.label)
  if (wanted.length === 0 || (ask.tracked && object.track === undefined)) return 'otherLabel'
  const here = wanted.filter((one) => standsIn(object, one))
  if (here.length === 0) return 'outside'
  if (!here.some(({ share }) => areaShare(object.box) >= share)) return 'tooSmall'
  return ask.score !== null && scoreOf(object, ask) < ask.score ? 'tooWeak' : 'counts'
}

/** By the zones as they are drawn now; a scene may also name a zone that nobody drew. */
function standsIn({ box, zones: named }: Seen, { zones, name }: Ask['asks'][number]): boolean {
  if (zones === null) return true
  return zonesOf(box, zones).length > 0 || (zones.length === 0 && name !== null && named?.includes(name) === true)
}

/** Looks, oldest first and one in `everyMs` at most, with what each track has shown up to each of them, as rules see it. */
export function withTracks(looks: readonly Look[], everyMs = 0): { at: number; objects: Seen[] }[] {
  const lostMs = Math.max(TRACK_LOST_MS, 2 * everyMs)
  const tracks = new Map<string, { at: number; best: number; sum: number; looks: number }>()
  return looks.map(({ at, objects }) => ({
    at,
    objects: objects.map((object) => {
      const { track, score } = object
      if (track === undefined) return { ...object, bestScore: score, meanScore: score }
      const known = tracks.get(track)
      const before = known && at - known.at <= lostMs ? known : { best: 0, sum: 0, looks: 0 }
      const now = { at, best: Math.max(before.best, score), sum: before.sum + score, looks: before.looks + 1 }
      tracks.set(track, now)
      return { ...object, bestScore: now.best, meanScore: now.sum / now.looks }
    }),
  }))
}

export interface Tally {
  counts: number
  tooWeak: number
  tooSmall: number
  outside: number
  otherLabel: number
}

export function tallyOf(objects: readonly Seen[], ask: Ask): Tally {
  const tally: Tally = { counts: 0, tooWeak: 0, tooSmall: 0, outside: 0, otherLabel: 0 }
  for (const object of objects) tally[countOf(object, ask)]++
  return tally
}

/** How many objects with the right label in the right place there are at each score, in `bins` steps from 0 to 1. */
export function scoreBins(objects: readonly Seen[], ask: Ask, bins = 20): number[] {
  const heights = Array.from({ length: bins }, () => 0)
  for (const object of objects) {
    if (countOf(object, { ...ask, score: null }) !== 'counts') continue
    const bin = Math.min(bins - 1, Math.floor(scoreOf(object, ask) * bins))
    heights[bin] = (heights[bin] ?? 0) + 1
  }
  return heights
}
