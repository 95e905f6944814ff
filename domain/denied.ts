import type { Doubtful } from './certainty.ts'
import { distanceM, type Position } from './geo.ts'
import { effectiveAt, type Observation, type SceneObject } from './observation.ts'
import type { Doubt } from './rule.ts'
import { formatInstant } from './time.ts'

/** One camera's looks since the alert began, and which of its zones show the alert's asset. */
export interface Witness {
  camera: string
  looks: readonly Observation[]
  zones: ReadonlySet<string>
}

/** What an alert says, and where. */
export interface Denied {
  rule: Doubt
  place: Position
  /** Another thing of the same sort stands so near that a place alone does not tell which one was seen. */
  crowded: boolean
}

/** Beyond so many looks nobody needs to go back. */
const NEWEST = 5

/**
 * What a camera saw that the alert denies: `seen` at its place in enough of the newest looks, and `unless` in none of them.
 * It must be at the very place, by a calibrated position or by a zone that shows the asset: a cover that lies open and is
 * taken for a broken sensor is the worst mistake of all, so what is not clear counts against the doubt.
 */
export function deniedBy({ rule, place, crowded }: Denied, { camera, looks, zones }: Witness): Doubtful | undefined {
  const newest = looks.toSorted((a, b) => effectiveAt(b) - effectiveAt(a) || b.offset - a.offset).slice(0, NEWEST)
  const there = (object: SceneObject): boolean => (object.zones ?? []).some((zone) => zones.has(zone)) || (!crowded && isAt(object, place, rule.withinM))
  const seen = newest.filter((look) => strong(look, rule).some((object) => rule.seen.includes(object.label) && there(object)))
  const [last] = seen
  if (!last || seen.length < rule.looks) return undefined
  if (newest.some((look) => objectsOf(look).some((object) => rule.unless.includes(object.label) && mayBeAt(object, place, rule.withinM)))) return undefined
  const label = strong(last, rule).find((object) => rule.seen.includes(object.label))?.label ?? ''
  return { camera, label, looks: seen.length, of: newest.length, at: formatInstant(effectiveAt(last)) }
}

function objectsOf({ payload }: Observation): readonly SceneObject[] {
  return (payload.objects as SceneObject[] | undefined) ?? []
}

function strong(look: Observation, { score }: Doubt): SceneObject[] {
  return objectsOf(look).filter((object) => object.score >= score)
}

interface Placed {
  lon?: number
  lat?: number
  errorM?: number
}

function isAt(object: SceneObject, place: Position, withinM: number): boolean {
  const { lon, lat, errorM } = object as Placed
  return lon !== undefined && lat !== undefined && (errorM ?? 0) <= withinM && distanceM([lon, lat], place) <= withinM
}

/** Of an object without a place nobody can say that it is elsewhere. */
function mayBeAt(object: SceneObject, place: Position, withinM: number): boolean {
  const { lon, lat, errorM } = object as Placed
  return lon === undefined || lat === undefined || distanceM([lon, lat], place) <= withinM + (errorM ?? 0)
}
