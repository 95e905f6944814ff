import { hides, overlap } from '../domain/box.ts'
import { groupOf } from '../domain/labels.ts'
import type { Box } from '../domain/observation.ts'
import { type Instant, MINUTE, SECOND } from '../domain/time.ts'
import type { Course, VehicleState } from './state.ts'
import { type Inert, type Tracked, trackAfter } from './tracks.ts'

/** A vehicle whose place was seen without it for so long is gone. */
const GONE_MS = 30 * SECOND
/** One that was hidden, or that nobody looked at, for so long is another one when it is seen again: a rotation comes round in ten minutes. */
const LOST_MS = 15 * MINUTE
/** A box that overlaps that of a lost vehicle by as much stands in its place. */
const SAME_PLACE = 0.5

/**
 * Which vehicles the tracked objects of a look are, by track. A vehicle keeps the name that it got at its first look: its
 * plate if that was read, else its track. It is known again by its plate; else by its track; else by its sort and place,
 * unless both plates, or both colours, were read and differ. That it is not seen says something only where its place is seen: behind a bus,
 * and while nobody looks, it stays what it was for a quarter of an hour; a place that was seen empty for half a minute is.
 * `boxes`: everything that the look shows. `inert`: the zones with an inertia that each object is in.
 */
export function vehiclesIn(course: Course, objects: readonly Tracked[], boxes: readonly Box[], inert: (object: Tracked) => Inert, at: Instant): Map<string, string> {
  for (const [id, { lastSeen }] of course.vehicles) if (at - lastSeen > LOST_MS) course.vehicles.delete(id)
  const names = new Map<string, string>()
  const take = (object: Tracked, id: string): void => {
    names.set(object.track, id)
    course.vehicles.set(id, after(course.vehicles.get(id), object, at, inert(object)))
  }
  const byTrack = namesByTrack(course, at)
  const strangers: Tracked[] = []
  // Those that went on being tracked first: nobody else may stand in their places.
  for (const object of objects) {
    const known = byPlate(course, object, at) ?? byTrack.get(object.track)
    if (names.has(object.track)) continue
    if (known === undefined) strangers.push(object)
    else take(object, known)
  }
  for (const object of strangers) if (!names.has(object.track)) take(object, byPlace(course, object, at) ?? newName(course, object))
  for (const [id, vehicle] of course.vehicles) {
    if (vehicle.lastSeen < at && vehicle.missedAt === null && !boxes.some((box) => hides(box, vehicle.box))) course.vehicles.set(id, { ...vehicle, missedAt: at })
  }
  return names
}

/** Its place has been seen without it for long enough, or nobody can know any more. */
export function isGone({ lastSeen, missedAt }: VehicleState, at: Instant): boolean {
  return at - lastSeen > LOST_MS || (missedAt !== null && at - missedAt >= GONE_MS)
}

/** Of two vehicles that turned out to be one, both bear the track; the one that was seen last is meant. */
function namesByTrack({ vehicles }: Course, at: Instant): Map<string, string> {
  const names = new Map<string, string>()
  for (const [id, vehicle] of vehicles) {
    if (isGone(vehicle, at)) continue
    const other = vehicles.get(names.get(vehicle.track) ?? '')
    if (!other || other.lastSeen <= vehicle.lastSeen) names.set(vehicle.track, id)
  }
  return names
}

/** A vehicle of this plate; not one that stands elsewhere in this very look, where one of the two was misread. */
function byPlate({ vehicles }: Course, { plate }: Tracked, at: Instant): string | undefined {
  if (plate === undefined) return undefined
  for (const [id, vehicle] of vehicles) if (vehicle.plate === plate && vehicle.lastSeen < at) return id
  return undefined
}

function byPlace({ vehicles }: Course, object: Tracked, at: Instant): string | undefined {
  let best: string | undefined
  let most = SAME_PLACE
  for (const [id, vehicle] of vehicles) {
    if (vehicle.lastSeen === at || isGone(vehicle, at) || looksOther(vehicle, object)) continue
    const share = overlap(vehicle.box, object.box)
    if (share < most || (share === most && best !== undefined)) continue
    best = id
    most = share
  }
  return best
}

function looksOther(vehicle: VehicleState, { label, plate, colour }: Tracked): boolean {
  const differ = (known: string | null | undefined, seen: string | undefined): boolean => Boolean(known) && seen !== undefined && known !== seen
  return groupOf(vehicle.label) !== groupOf(label) || differ(vehicle.plate, plate) || differ(vehicle.colour, colour)
}

function newName({ vehicles }: Course, { plate, track }: Tracked): string {
  const name = plate ?? track
  let id = name
  for (let n = 2; vehicles.has(id); n++) id = `${name}.${n}`
  return id
}

function after(before: VehicleState | undefined, object: Tracked, at: Instant, inert: Inert): VehicleState {
  const { label, track, plate } = object
  const colour = object.colour ?? before?.colour
  return { ...trackAfter(before, object, at, inert), label, track, plate: before?.plate ?? plate ?? null, ...(colour !== undefined && { colour }), missedAt: null }
}
