import type { SceneObject } from '../../domain/observation.ts'

/** A scene observation as `GET observations` gives it, as far as drawing needs it. */
export interface SeenScene {
  at: number
  objects: readonly SceneObject[]
}

function isObject(value: unknown): value is SceneObject {
  const candidate = value as Partial<SceneObject> | null
  return typeof candidate === 'object' && candidate !== null && typeof candidate.label === 'string' && Array.isArray(candidate.box) && candidate.box.length === 4
}

/** The scene nearest to a moment (ms) among observations, undefined when none of them holds objects. */
export function nearestScene(observations: readonly Record<string, unknown>[], at: number): SeenScene | undefined {
  let best: SeenScene | undefined
  for (const observation of observations) {
    const time = typeof observation.at === 'number' ? observation.at : Date.parse(String(observation.at))
    if (!Array.isArray(observation.objects) || Number.isNaN(time)) continue
    if (best === undefined || Math.abs(time - at) < Math.abs(best.at - at)) best = { at: time, objects: observation.objects.filter(isObject) }
  }
  return best
}

/** Is this the object that the alert is about? Keys of object rules end in the object's track (`asset/zone/track`). */
export function isSubject(object: SceneObject, key: string): boolean {
  return object.track !== undefined && key.split('/').slice(1).includes(object.track)
}
