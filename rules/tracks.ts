import type { SceneObject } from '../domain/observation.ts'
import { type Instant, SECOND } from '../domain/time.ts'
import type { TrackState } from './state.ts'

/** A track that was not seen for so long, while the camera looked, is gone. */
export const TRACK_LOST_MS = 10 * SECOND

export type Tracked = SceneObject & { track: string }

/** What is known of a track after one more look at it. */
export function trackAfter(before: TrackState | undefined, { score, box }: Pick<SceneObject, 'score' | 'box'>, at: Instant): TrackState {
  return {
    lastSeen: at,
    bestScore: Math.max(before?.bestScore ?? 0, score),
    looks: (before?.looks ?? 0) + 1,
    scoreSum: (before?.scoreSum ?? 0) + score,
    box,
  }
}
