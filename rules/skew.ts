import type { DeviceId, Offset } from '../domain/ids.ts'
import { effectiveAt, type Observation } from '../domain/observation.ts'
import type { Instant } from '../domain/time.ts'
import type { AssetState } from './state.ts'
import { type DeviceClock, leastLag, skewOf, steadyLag } from './watermark.ts'

/**
 * What several devices of one asset report is merged in order of corrected event time (S7). The correction that was in
 * force when an observation was received stays its own for ever, so that a backfill orders as the live engine did.
 */
export interface Skew {
  readonly device: DeviceId
  /** From this record of the journal on. */
  readonly since: Offset
  readonly ms: number
}

/** A correction follows the measured skew only when it is off by more than this: each step moves the device's data in time. */
const STEP_MS = 1000
/** Older ones are beyond the reach of a backfill, or the device has no clock worth the name. */
const MOST = 63

/** Takes note of the skew of one of several devices, as it is known at this record. */
export function noteSkew(asset: AssetState, clock: DeviceClock, offset: Offset): void {
  const before = skewAt(asset, clock.device, offset)
  // While it is measured anew the old one stands, as far as what was heard since allows it.
  const ms = steadyLag(clock) === undefined ? Math.min(before, Math.max(0, leastLag(clock))) : skewOf(clock)
  if (Math.abs(ms - before) > STEP_MS) asset.skews = [...asset.skews.slice(-MOST), { device: clock.device, since: offset, ms }]
}

/** The correction of what a device said in this record. */
export function skewAt({ skews }: AssetState, device: DeviceId, offset: Offset): number {
  for (let i = skews.length - 1; i >= 0; i--) {
    const skew = skews[i]
    if (skew && skew.device === device && skew.since <= offset) return skew.ms
  }
  return 0
}

/** The event time at which an asset's rules see an observation. */
export function eventAt(asset: AssetState, observation: Observation): Instant {
  const at = effectiveAt(observation)
  return asset.skews.length === 0 ? at : at + skewAt(asset, observation.device, observation.offset)
}

/** By how much corrected times may differ from reported ones, ms. */
export function greatestSkew({ skews }: AssetState): number {
  return skews.reduce((most, { ms }) => Math.max(most, Math.abs(ms)), 0)
}

/** The device's clock in corrected time. */
export function corrected(asset: AssetState, clock: DeviceClock, offset: Offset): DeviceClock {
  const ms = asset.skews.length === 0 ? 0 : skewAt(asset, clock.device, offset)
  return ms === 0 ? clock : { ...clock, newest: clock.newest + ms, floor: clock.floor + ms }
}
