import type { DeviceId, GatewayId } from '../domain/ids.ts'
import type { Instant } from '../domain/time.ts'

/** What the engine knows of a device's clock (S3, S8). */
export interface DeviceClock {
  device: DeviceId
  gateway: GatewayId
  /** Newest event time, and when that record was received. */
  newest: Instant
  receivedAt: Instant
  /** The watermark never goes back behind this. */
  floor: Instant
  /** Least receivedAt − at in this half day of receipt and in the one before: the steady part of the lag. */
  lag: number
  lagBefore: number
  lagSince: Instant
  /** Observations since the least lag last fell; up to STEADY. */
  steady: number
}

/** Messages of one device may overtake each other by this much without a timer having fired between them. */
export const GRACE_MS = 2000
/** A device that is silent for so long holds nobody up. */
export const IDLE_MS = 600_000
/** A rule over several devices waits this long at the most (S7). */
export const PATIENCE_MS = 60_000
/** `late`: beyond this, steady skew apart (S8). */
const LATE_MS = 60_000
/** The least lag is the device's skew when this many observations did not lower it by more than the network's jitter. */
const STEADY = 5
const JITTER_MS = 250
/** A skew below this is the network's. */
const LEAST_SKEW_MS = 1000
const HALF_DAY_MS = 43_200_000

/** When each draining gateway said so; while it drains, time that passes proves nothing about its devices. */
export type Draining = ReadonlyMap<GatewayId, Instant>

/** W(d) = newest at + max(0, clock − receivedAt − 2 s), never going back (S3). */
export function watermark(device: DeviceClock, clock: Instant, draining: Draining): Instant {
  const stopped = draining.get(device.gateway)
  const until = stopped === undefined ? clock : Math.min(clock, stopped)
  return Math.max(device.floor, device.newest + Math.max(0, until - device.receivedAt - GRACE_MS))
}

/**
 * The watermark of a key over all devices of its asset (S7): the least of those that are not idle. An idle one holds nobody
 * up but for the grace, in which it may still say that it is not. At most a minute behind the clock. Infinity - no device
 * has reported - is the caller's to rule out. While nothing is heard it only grows, as `clockReaching` must be able to tell.
 */
export function keyWatermark(devices: readonly DeviceClock[], clock: Instant, draining: Draining): Instant {
  const only = devices[0]
  if (only && devices.length === 1) return watermark(only, clock, draining)
  const last = lastHeard(devices)
  let least = Infinity
  for (const device of devices) least = Math.min(least, Math.max(watermark(device, clock, draining), clock < idleFrom(device, last) ? -Infinity : clock - GRACE_MS))
  return Math.max(least, clock - PATIENCE_MS)
}

/** The clock at which the key's watermark reaches `due` if nothing else arrives. */
export function clockReaching(due: Instant, devices: readonly DeviceClock[], draining: Draining): Instant {
  const last = lastHeard(devices)
  let latest = -Infinity
  for (const device of devices) {
    const idle = Math.max(idleFrom(device, last), due + GRACE_MS)
    latest = Math.max(latest, Math.min(deviceReaching(due, device, draining), idle))
  }
  return devices.length > 1 ? Math.min(latest, due + PATIENCE_MS) : latest
}

function deviceReaching(due: Instant, device: DeviceClock, draining: Draining): Instant {
  if (device.floor >= due || device.newest >= due) return -Infinity
  const reached = due - device.newest + device.receivedAt + GRACE_MS
  return reached > (draining.get(device.gateway) ?? Infinity) ? Infinity : reached
}

function lastHeard(devices: readonly DeviceClock[]): Instant {
  return devices.reduce((last, { receivedAt }) => Math.max(last, receivedAt), -Infinity)
}

/** The one that was heard last is never idle: when all are silent, somebody's clock must still go on. */
function idleFrom({ receivedAt }: DeviceClock, last: Instant): Instant {
  return receivedAt < last ? receivedAt + IDLE_MS + 1 : Infinity
}

export function newDevice(device: DeviceId, gateway: GatewayId, at: Instant, receivedAt: Instant): DeviceClock {
  return { device, gateway, newest: at, receivedAt, floor: at, lag: receivedAt - at, lagBefore: Infinity, lagSince: receivedAt, steady: 0 }
}

/** Takes note of an observation; returns whether it is late beyond the device's steady skew. */
export function hear(device: DeviceClock, at: Instant, receivedAt: Instant, draining: Draining): boolean {
  // What comes out of a gateway's store says nothing of the device's clock.
  if (!draining.has(device.gateway)) measure(device, receivedAt - at, receivedAt)
  if (at > device.newest) {
    device.floor = watermark(device, receivedAt, draining)
    device.newest = at
    device.receivedAt = receivedAt
  }
  return isLate(device, at, receivedAt)
}

function measure(device: DeviceClock, lag: number, receivedAt: Instant): void {
  const before = leastLag(device)
  if (receivedAt - device.lagSince > HALF_DAY_MS) {
    device.lagBefore = device.lag
    device.lag = Infinity
    device.lagSince = receivedAt
  }
  const proven = lag < leastLag(device) - JITTER_MS
  device.lag = Math.min(device.lag, lag)
  // Half a day of which all is late is no slow clock yet either; a clock that drifts goes on being known.
  device.steady = proven || leastLag(device) > before + LEAST_SKEW_MS ? 0 : Math.min(device.steady + 1, STEADY)
}

/** Its least lag of up to a day, ms: its clock is behind by no more. */
export function leastLag({ lag, lagBefore }: DeviceClock): number {
  return Math.min(lag, lagBefore)
}

/**
 * How far the device's clock is behind, in ms (ahead: negative): its least lag of up to a day, once five observations in a
 * row have not lowered that any more; 0 before, and below a second. Corrected event time is `at` plus this (S7).
 */
export function skewOf(device: DeviceClock): number {
  const lag = steadyLag(device) ?? 0
  return Math.abs(lag) > LEAST_SKEW_MS ? lag : 0
}

/** Its least lag in ms, once five observations in a row have not lowered it: a device that catches up is not slow. */
export function steadyLag(device: DeviceClock): number | undefined {
  return device.steady >= STEADY ? leastLag(device) : undefined
}

/** Whether what was received then is late beyond the device's steady skew, as far as it is known (S8). */
export function isLate(device: DeviceClock | undefined, at: Instant, receivedAt: Instant): boolean {
  return receivedAt - at - (device ? leastLag(device) : 0) > LATE_MS
}
