import { zonesOf } from '../domain/box.ts'
import type { Observation, SceneObject } from '../domain/observation.ts'
import { type Instant, SECOND } from '../domain/time.ts'
import type { SeenObject } from './language/values.ts'
import type { CompiledRule } from './rule.ts'
import type { AssetState, Course, EngineState } from './state.ts'

/** A track that was not seen for so long, while the camera looked, is gone. */
export const TRACK_LOST_MS = 10 * SECOND

/** The objects of a scene, once per zone that they stand in, with what their tracks have shown so far. */
export function seenObjects(state: EngineState, course: Course, observation: Observation, at: Instant): SeenObject[] {
  const drawn = state.cameras.get(observation.device)?.zones ?? []
  const objects: SeenObject[] = []
  for (const object of (observation.payload.objects as SceneObject[] | undefined) ?? []) {
    if (object.track === undefined) continue
    const bestScore = Math.max(course.tracks.get(object.track)?.bestScore ?? 0, object.score)
    course.tracks.set(object.track, { lastSeen: at, bestScore })
    for (const zone of object.zones ?? zonesOf(object.box, drawn)) objects.push({ label: object.label, score: object.score, bestScore, box: object.box, track: object.track, zone })
  }
  return objects
}

/** The zone in the name of an object's key; empty for other keys. */
export function zoneOf(name: string): string {
  const bar = name.indexOf('|')
  return bar < 0 ? '' : name.slice(bar + 1, name.lastIndexOf('/'))
}

/** Name of the key of one object in one zone; the alert's key is the asset and what follows the bar. */
export function objectName(rule: CompiledRule, object: Pick<SeenObject, 'zone' | 'track'>): string {
  return `${rule.name}|${object.zone}/${object.track}`
}

export function forgetLostTracks(course: Course, at: Instant): void {
  for (const [track, seen] of course.tracks) if (at - seen.lastSeen > TRACK_LOST_MS) course.tracks.delete(track)
}

export function inZoneOfType(state: EngineState, asset: AssetState, object: SeenObject, type: string): boolean {
  return object.zone === type || asset.devices.some((device) => state.cameras.get(device)?.zones.some((zone) => zone.id === object.zone && zone.type === type))
}
