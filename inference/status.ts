import type { BlindCause } from '../domain/coverage.ts'
import type { Instant } from '../domain/time.ts'

/**
 * `off`: it has no source or no model. `waiting`: it failed and will be tried again. `ended`: its file is over.
 * `failed`: its file broke in the middle; it is not tried again, which would tell the same things twice.
 */
export type WatchState = 'off' | 'starting' | 'running' | 'waiting' | 'ended' | 'failed'
/** Why a frame was not looked at: a newer one came, nobody listened when its gateway pushed it, it cannot be read, its thread crashed or refused it, its scene was not recorded, the camera was stopped, the model is unusable. */
export type DropReason = 'superseded' | 'unheard' | 'unreadable' | 'crashed' | 'failed' | 'not_recorded' | 'stopped' | 'model'
/** What is told of a camera whose frames are dropped for this reason. */
export const CAUSE_OF: Record<DropReason, BlindCause> = {
  superseded: 'no_budget',
  unheard: 'source_lost',
  unreadable: 'source_lost',
  crashed: 'model_crashed',
  failed: 'model_crashed',
  not_recorded: 'not_recorded',
  stopped: 'stopped',
  model: 'model_dead',
}
/** Why a frame need not be looked at: the source itself or the gate says that nothing moved, or no algorithm is on duty. */
export type GateReason = 'unchanged' | 'still' | 'off_schedule'

/** frames = inferred + gated + dropped, as soon as no frame is under way. */
export interface WatchStatus {
  state: WatchState
  frames: number
  inferred: number
  gated: Partial<Record<GateReason, number>>
  dropped: Partial<Record<DropReason, number>>
  /** Event time of the newest recorded scene. */
  lastAt: Instant | null
  error: string | null
  /** Times that the model's thread was lost, for all its cameras. */
  modelRestarts: number
}
