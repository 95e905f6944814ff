import type { Scalar } from '../domain/alert.ts'
import { areaShare, zonesOf } from '../domain/box.ts'
import type { PictureZone } from '../domain/camera.ts'
import { type Box, type Observation, type SceneObject, TRACK_LOST_MS } from '../domain/observation.ts'
import type { Instant } from '../domain/time.ts'
import type { SeenObject } from './language/values.ts'
import type { CompiledRule } from './rule.ts'
import type { AssetState, Course, EngineState } from './state.ts'
import { inertZones, isSettledIn, type Tracked, trackAfter } from './tracks.ts'
import { isGone, vehiclesIn } from './vehicles.ts'

/**
 * The objects of a scene, once per zone that they stand in, with what their tracks have shown so far. `vehicles`: some
 * rule wants to know which vehicles they are.
 */
export function seenObjects(state: EngineState, course: Course, observation: Observation, at: Instant, vehicles: boolean): SeenObject[] {
  const drawn = state.cameras.get(observation.device)?.zones ?? NO_ZONES
  const shown = (observation.payload.objects as SceneObject[] | undefined) ?? []
  const tracked = shown.filter((object) => object.track !== undefined) as Tracked[]
  const zonesFor = (object: SceneObject): readonly string[] => object.zones ?? zonesOf(object.box, drawn)
  const names = vehicles
    ? vehiclesIn(
        course,
        tracked,
        shown.map(({ box }) => box as Box),
        (object) => inertZones(zonesFor(object), drawn),
        at,
      )
    : undefined
  const objects: SeenObject[] = []
  for (const object of tracked) {
    const before = course.tracks.get(object.track)
    const zones = zonesFor(object)
    const track = trackAfter(before, object, at, inertZones(zones, drawn))
    course.tracks.set(object.track, track)
    const vehicle = course.vehicles.get(names?.get(object.track) ?? '')
    for (const zone of zones) {
      objects.push({
        label: object.label,
        score: object.score,
        bestScore: track.bestScore,
        meanScore: track.scoreSum / track.looks,
        looks: track.looks,
        box: object.box,
        before: before?.box ?? null,
        areaShare: areaShare(object.box),
        track: object.track,
        zone,
        plate: object.plate,
        colour: object.colour,
        vehicle: names?.get(object.track),
        place: object.lon === undefined || object.lat === undefined ? undefined : [object.lon, object.lat],
        errorM: object.errorM,
        settled: isSettledIn(vehicle ?? track, zone, drawn),
      })
    }
  }
  return objects
}

const NO_ZONES: readonly PictureZone[] = []

/** The object with what its vehicle has shown so far, under whatever tracks. */
export function asVehicle(course: Course, object: SeenObject): SeenObject {
  const vehicle = object.vehicle === undefined ? undefined : course.vehicles.get(object.vehicle)
  if (!vehicle) return object
  const { bestScore, scoreSum, looks, plate } = vehicle
  return { ...object, bestScore, looks, meanScore: scoreSum / looks, plate: object.plate ?? plate ?? undefined }
}

/** What an alert shows of its object. */
export function shownOf({ label, score, bestScore, track, zone, plate, colour, errorM }: SeenObject): Record<string, Scalar> {
  return { label, score, bestScore, track, zone, ...(plate !== undefined && { plate }), ...(colour !== undefined && { colour }), ...(errorM !== undefined && { errorM }) }
}

/**
 * Name of the key of one object in one zone; the alert's key is the asset and what follows the bar. Ids come from outside:
 * what would make names ambiguous in them is escaped.
 */
export function objectName(rule: CompiledRule, object: Pick<SeenObject, 'zone' | 'track' | 'vehicle'>): string {
  const id = rule.file.identity === 'vehicle' ? (object.vehicle ?? object.track) : object.track
  return `${rule.name}|${escaped(object.zone)}/${escaped(id)}`
}

/** The zone in the name of an object's key; empty for other keys. */
export function zoneOf(name: string): string {
  const bar = name.indexOf('|')
  return bar < 0 ? '' : unescaped(name.slice(bar + 1, name.lastIndexOf('/')))
}

function escaped(id: string): string {
  return /[%|/]/.test(id) ? id.replaceAll('%', '%25').replaceAll('|', '%7C').replaceAll('/', '%2F') : id
}

function unescaped(text: string): string {
  return text.includes('%') ? text.replaceAll('%2F', '/').replaceAll('%7C', '|').replaceAll('%25', '%') : text
}

/** Whether the object of this key is merely missing from this look at `at`: seen a short while ago, or as a vehicle not gone yet. */
export function isMissing(course: Course, rule: CompiledRule, name: string, at: Instant): boolean {
  const id = unescaped(name.slice(name.lastIndexOf('/') + 1))
  if (rule.file.identity === 'vehicle') {
    const vehicle = course.vehicles.get(id)
    return vehicle !== undefined && vehicle.lastSeen !== at && !isGone(vehicle, at)
  }
  const track = course.tracks.get(id)
  return track !== undefined && track.lastSeen !== at && at - track.lastSeen <= TRACK_LOST_MS
}

export function forgetLostTracks(course: Course, at: Instant): void {
  for (const [track, seen] of course.tracks) if (at - seen.lastSeen > TRACK_LOST_MS) course.tracks.delete(track)
}

/** Whether the rule looks where the object stands: in the zones that its camera binds it to, else in all of its type. */
export function looksWhere(state: EngineState, asset: AssetState, { zones, file }: CompiledRule, object: SeenObject): boolean {
  if (zones) return zones.includes(object.zone)
  const type = file.objects?.zone
  return object.zone === type || asset.devices.some((device) => state.cameras.get(device)?.zones.some((zone) => zone.id === object.zone && zone.type === type))
}
