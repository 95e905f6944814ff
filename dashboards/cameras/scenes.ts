import type { SceneObject } from '../../domain/observation.ts'
import { nearestScene } from '../alerts/scene.ts'
import { msOf } from '../i18n/times.ts'

/** What a camera saw at one time; `at` in ms. */
export interface Look {
  at: number
  objects: readonly SceneObject[]
}

/** Stored scenes as the API gives them → looks that hold objects, oldest first. */
export function looksOf(observations: readonly Record<string, unknown>[]): Look[] {
  return observations
    .flatMap((observation): Look[] => {
      const scene = nearestScene([observation], msOf(observation.at as string))
      return scene && scene.objects.length > 0 ? [scene] : []
    })
    .sort((a, b) => a.at - b.at)
}
