import type { Position } from '../../domain/geo.ts'
import { type Box, effectiveAt, type Observation, type SceneObject } from '../../domain/observation.ts'
import type { Attribute } from '../../domain/rule.ts'
import { type Instant, SECOND } from '../../domain/time.ts'
import { type Point, toPlane } from './plane.ts'
import type { Sighting } from './weigh.ts'

/** The looks of the alert's camera around its beginning, and what the rule says of them. */
export interface Seen {
  scenes: readonly Observation[]
  attribute: Pick<Attribute, 'objects' | 'left'>
  openedAt: Instant
  withinMs: number
  /** Where the alert is: the origin of the plane. */
  origin: Position
  /** Objects below this score count for nothing. */
  score: number
}

interface Look {
  at: Instant
  box: Box
  plate: string | undefined
  place: Point | undefined
  errorM: number
}

/** What a camera sees lies around its own place, as far as nobody has calibrated it. */
const VIEW_SD_M = 25
/** An object's place is never better known than the register's. */
const LEAST_ERROR_M = 3
/** A track that ends and another that begins so soon after it in the same part of the picture, never both in one look, are one vehicle. */
const SPLIT_MS = 3 * SECOND
/** A look proves only its own instant; the thing was there a little before and after. */
const LOOK_MS = 0.5 * SECOND
/** So much of the way a track must be seen to know where it was going. */
const WAY_M = 8
/** More passers than these say nothing any more; the last before the event stay. */
const MOST = 8

/**
 * What passed before the alert began: the objects that may have done it, one sighting per vehicle, each as likely as the
 * others; without any, only the stretch of time. It ends with the first look that showed what was left, if the rule names it.
 */
export function sightingsOf(seen: Seen): Sighting[] {
  const to = leftAt(seen)
  const from = to - seen.withinMs
  const passed = joined(tracksIn(seen, from, to))
    .sort((a, b) => lastOf(a).at - lastOf(b).at)
    .slice(-MOST)
  if (passed.length === 0) return [{ from, to, place: { x: 0, y: 0 }, sdM: VIEW_SD_M, headingDeg: null, share: 1, plates: [] }]
  return passed.map((looks) => ({ ...passingOf(looks), share: 1 / passed.length, plates: [...new Set(looks.flatMap(({ plate }) => plate ?? []))] }))
}

/** The first look of the last stretch of looks that showed it, up to when the alert began. */
function leftAt({ scenes, attribute: { left }, openedAt, withinMs, score }: Seen): Instant {
  if (!left) return openedAt
  let first = openedAt
  for (const scene of scenes.toSorted(byTime)) {
    const at = effectiveAt(scene)
    if (at > openedAt || at < openedAt - withinMs) continue
    if (objectsOf(scene).some((object) => left.includes(object.label) && object.score >= score)) {
      first = at
      break
    }
  }
  return first
}

function tracksIn({ scenes, attribute: { objects }, origin, score }: Seen, from: Instant, to: Instant): Look[][] {
  const tracks = new Map<string, Look[]>()
  for (const scene of scenes.toSorted(byTime)) {
    const at = effectiveAt(scene)
    if (at < from || at > to) continue
    objectsOf(scene).forEach((object, index) => {
      if (!objects?.includes(object.label) || object.score < score) return
      const track = object.track ?? `${scene.offset}-${index}`
      tracks.set(track, [...(tracks.get(track) ?? []), lookOf(object, at, origin)])
    })
  }
  return [...tracks.values()]
}

function lookOf({ plate, box, ...object }: SceneObject, at: Instant, origin: Position): Look {
  const { lon, lat, errorM } = object as { lon?: number; lat?: number; errorM?: number }
  const placed = lon !== undefined && lat !== undefined
  return { at, box, plate, place: placed ? toPlane(origin, [lon, lat]) : undefined, errorM: Math.max(LEAST_ERROR_M, errorM ?? LEAST_ERROR_M) }
}

/** Tracks that follow each other closely are one vehicle that the tracker lost for a moment. */
function joined(tracks: readonly Look[][]): Look[][] {
  const whole: Look[][] = []
  for (const looks of tracks.toSorted((a, b) => firstOf(a).at - firstOf(b).at)) {
    const before = whole.find((each) => lastOf(each).at < firstOf(looks).at && firstOf(looks).at - lastOf(each).at <= SPLIT_MS && touch(lastOf(each).box, firstOf(looks).box))
    if (before) before.push(...looks)
    else whole.push([...looks])
  }
  return whole
}

function touch([ax, ay, aw, ah]: Box, [bx, by, bw, bh]: Box): boolean {
  return ax < bx + bw && bx < ax + aw && ay < by + bh && by < ay + ah
}

function passingOf(looks: readonly Look[]): Omit<Sighting, 'share' | 'plates'> {
  const placed = looks.filter(({ place }) => place !== undefined)
  const middle = placed[placed.length >> 1]
  if (!middle?.place) return { from: firstOf(looks).at - LOOK_MS, to: lastOf(looks).at + LOOK_MS, place: { x: 0, y: 0 }, sdM: VIEW_SD_M, headingDeg: null }
  return { from: middle.at - LOOK_MS, to: middle.at + LOOK_MS, place: middle.place, sdM: middle.errorM, headingDeg: headingOf(placed) }
}

function headingOf(placed: readonly Look[]): number | null {
  const [first, last] = [placed[0], placed.at(-1)]
  if (!first?.place || !last?.place) return null
  const [x, y] = [last.place.x - first.place.x, last.place.y - first.place.y]
  if (Math.hypot(x, y) < Math.max(WAY_M, first.errorM + last.errorM)) return null
  return ((Math.atan2(x, y) * 180) / Math.PI + 360) % 360
}

function objectsOf({ payload }: Observation): readonly SceneObject[] {
  return (payload.objects as SceneObject[] | undefined) ?? []
}

function byTime(a: Observation, b: Observation): number {
  return effectiveAt(a) - effectiveAt(b) || a.offset - b.offset
}

function firstOf(looks: readonly Look[]): Look {
  return looks[0] as Look
}

function lastOf(looks: readonly Look[]): Look {
  return looks.at(-1) as Look
}
