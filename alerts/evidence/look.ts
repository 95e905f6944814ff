import type { Offset } from '../../domain/ids.ts'
import type { SceneObject } from '../../domain/observation.ts'
import type { Instant } from '../../domain/time.ts'

/** A scene as evidence keeps it: what a model saw in one picture. */
export interface Look {
  at: Instant
  receivedAt: Instant
  offset: Offset
  model: string | null
  objects: readonly SceneObject[]
}

/** The look nearest to a time, undefined when none is within `withinMs`. */
export function lookNear(looks: readonly Look[], at: Instant, withinMs: number): Look | undefined {
  let best: Look | undefined
  for (const look of looks) if (best === undefined || Math.abs(look.at - at) < Math.abs(best.at - at)) best = look
  return best && Math.abs(best.at - at) <= withinMs ? best : undefined
}

/** Is this the object that the alert is about? Keys of object rules end in its track, or in the plate of a vehicle. */
export function isSubject({ track, plate }: SceneObject, key: string): boolean {
  const name = key.split('/').slice(1).at(-1)
  return name !== undefined && (name === track || name === plate)
}
