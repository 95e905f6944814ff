import type { PictureZone } from '../domain/camera.ts'
import type { SceneObject } from '../domain/observation.ts'
import type { Instant } from '../domain/time.ts'
import type { TrackState } from './state.ts'

export type Tracked = SceneObject & { track: string }

/** What is known of a track after one more look at it, which showed it in `zones`. */
export function trackAfter(before: TrackState | undefined, { score, box }: Pick<SceneObject, 'score' | 'box'>, at: Instant, inert: Inert): TrackState {
  const inside = inert.length === 0 ? undefined : insideAfter(before?.inside, inert)
  return {
    lastSeen: at,
    bestScore: Math.max(before?.bestScore ?? 0, score),
    looks: (before?.looks ?? 0) + 1,
    scoreSum: (before?.scoreSum ?? 0) + score,
    box,
    ...(inside && { inside }),
  }
}

/** Ids of the zones with an inertia that a thing is in now. */
export type Inert = readonly string[]

export function inertZones(zones: readonly string[], drawn: readonly PictureZone[]): Inert {
  return zones.filter((id) => drawn.some((zone) => zone.id === id && (zone.inertia ?? 1) > 1))
}

/** Looks in each of the zones since the last that showed it outside; one that did not show it at all changes nothing. */
function insideAfter(before: TrackState['inside'], zones: Inert): Readonly<Record<string, number>> {
  return Object.fromEntries(zones.map((id) => [id, (before?.[id] ?? 0) + 1]))
}

/** Whether it has been in the zone for as many looks as the zone asks for. */
export function isSettledIn(track: TrackState, zone: string, drawn: readonly PictureZone[]): boolean {
  const inertia = drawn.find(({ id }) => id === zone)?.inertia ?? 1
  return inertia <= 1 || (track.inside?.[zone] ?? 0) >= inertia
}
