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
}

/** Messages of one device may overtake each other by this much without a timer having fired between them. */
export const GRACE_MS = 2000
/** A device that is silent for so long holds nobody up. */
const IDLE_MS = 600_000
/** A rule over several devices waits this long at the most (S7). */
export const PATIENCE_MS = 60_000
/** `late`: beyond this, steady skew apart (S8). */
const LATE_MS = 60_000
const HALF_DAY_MS = 43_200_000

/** When each draining gateway said so; while it drains, time that passes proves nothing about its devices. */
export type Draining = ReadonlyMap<GatewayId, Instant>

/** W(d) = newest at + max(0, clock − receivedAt − 2 s), never going back (S3). */
export function watermark(device: DeviceClock, clock: Instant, draining: Draining): Instant {
  const stopped = draining.get(device.gateway)
  const until = stopped === undefined ? clock : Math.min(clock, stopped)
  return Math.max(device.floor, device.newest + Math.max(0, until - device.receivedAt - GRACE_MS))
}

/** The watermark of a key over all devices of its asset (S7); Infinity − no device has reported – is the caller's to rule out. */
export function keyWatermark(devices: readonly DeviceClock[], clock: Instant, draining: Draining): Instant {
  const only = devices[0]
  if (only && devices.length === 1) return watermark(only, clock, draining)
  let least = Infinity
  for (const device of devices) if (clock - device.receivedAt <= IDLE_MS) least = Math.min(least, watermark(device, clock, draining))
  return Math.max(least === Infinity ? clock - PATIENCE_MS : least, clock - PATIENCE_MS)
}

/** The clock at which the key's watermark reaches `due` if nothing else arrives. */
export function clockReaching(due: Instant, devices: readonly DeviceClock[], draining: Draining): Instant {
  let latest = -Infinity
  for (const device of devices) {
    if (device.floor >= due || device.newest >= due) continue
    if (draining.has(device.gateway)) return devices.length > 1 ? due + PATIENCE_MS : Infinity
    latest = Math.max(latest, due - device.newest + device.receivedAt + GRACE_MS)
  }
  return devices.length > 1 ? Math.min(latest, due + PATIENCE_MS) : latest
}

export function newDevice(device: DeviceId, gateway: GatewayId, at: Instant, receivedAt: Instant): DeviceClock {
  return { device, gateway, newest: at, receivedAt, floor: at, lag: receivedAt - at, lagBefore: Infinity, lagSince: receivedAt }
}

/** Takes note of an observation; returns whether it is late beyond the device's steady skew. */
export function hear(device: DeviceClock, at: Instant, receivedAt: Instant, draining: Draining): boolean {
  if (receivedAt - device.lagSince > HALF_DAY_MS) {
    device.lagBefore = device.lag
    device.lag = Infinity
    device.lagSince = receivedAt
  }
  device.lag = Math.min(device.lag, receivedAt - at)
  if (at > device.newest) {
    device.floor = watermark(device, receivedAt, draining)
    device.newest = at
    device.receivedAt = receivedAt
  }
  return isLate(device, at, receivedAt)
}

/** Whether what was received then is late beyond the device's steady skew, as far as it is known (S8). */
export function isLate(device: DeviceClock | undefined, at: Instant, receivedAt: Instant): boolean {
  return receivedAt - at - (device ? Math.min(device.lag, device.lagBefore) : 0) > LATE_MS
}
