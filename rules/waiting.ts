import { effectiveAt, type Observation } from '../domain/observation.ts'
import type { Instant } from '../domain/time.ts'
import { checkpoint } from './checkpoint.ts'
import { applyObservation, type Run } from './course.ts'
import { eventAt } from './skew.ts'
import type { AssetState } from './state.ts'
import { isLate } from './watermark.ts'

/** Several devices watch the asset: what they report is judged in order of event time, so the faster ones wait (S7). */
export function awaitSlower(asset: AssetState, observation: Observation, at: Instant): void {
  const index = asset.waiting.findLastIndex((each) => eventAt(asset, each) <= at)
  asset.waiting.splice(index + 1, 0, observation)
}

/** Judges what waits and is not after event time `to`. */
export function releaseUpTo(run: Run, to: Instant): void {
  const { state, asset } = run
  for (let next = asset.waiting[0]; next && eventAt(asset, next) <= to; next = asset.waiting[0]) {
    asset.waiting.shift()
    const late = isLate(state.devices.get(next.device), effectiveAt(next), next.receivedAt)
    applyObservation(run, next, eventAt(asset, next), late)
    checkpoint(asset, state.offset)
  }
}
