import { toWgs84 } from '../../domain/crs.ts'
import type { Position } from '../../domain/geo.ts'
import { effectiveAt, type Observation } from '../../domain/observation.ts'
import { type Instant, MINUTE, SECOND } from '../../domain/time.ts'
import { judgeFix, NO_FIX } from '../../rules/fix.ts'
import { hear, newDevice, skewOf } from '../../rules/watermark.ts'
import type { Track } from './passing.ts'
import type { Fix } from './path.ts'
import { toPlane } from './plane.ts'

/** What a vehicle said of itself nearest to a time. */
export interface VehicleState {
  load: 'empty' | 'half' | 'full' | null
  lid: 'open' | 'closed' | null
  bed: 'flat' | 'raised' | null
}

export interface VehicleTrack extends Track {
  readonly device: string
  readonly state: VehicleState
}

/** Of a clock that five observations agreed on (S7), and of one that nobody could measure. */
const STEADY_SD_MS = 0.7 * SECOND
const UNSURE_SD_MS = 6 * SECOND
const MEASURED = 5
/** What a vehicle said longer ago says nothing of its load any more. */
const STATE_MS = 10 * MINUTE

/**
 * The track of one device out of what it reported, in any order. Its clock is corrected by the skew that the engine
 * measures (S7, S9) over these very observations; suspect fixes (S19) are left out.
 */
export function trackOf(observations: readonly Observation[], origin: Position, around: Instant): VehicleTrack | undefined {
  const [first] = observations
  if (!first) return undefined
  const { skewMs, measured } = clockOf(observations)
  const ordered = observations.map((one) => ({ at: effectiveAt(one) + skewMs, payload: one.payload })).sort((a, b) => a.at - b.at)
  const fixes: Fix[] = []
  let judge = NO_FIX
  for (const { at, payload } of ordered) {
    const { lon, lat, crs, speedKmh, headingDeg, alarms } = payload
    const place: Position | null = lon === undefined || lat === undefined ? null : toWgs84([lon, lat], crs ?? 'wgs84')
    const judged = judgeFix(judge, { at, place, alarms: Array.isArray(alarms) ? (alarms as string[]) : [], speedKmh: typeof speedKmh === 'number' ? speedKmh : undefined })
    judge = judged.state
    if (judged.ok && place && at > (fixes.at(-1)?.at ?? -1)) fixes.push({ at, ...toPlane(origin, place), v: velocityOf(speedKmh, headingDeg) })
  }
  return { device: first.device, fixes, skewSdMs: measured ? STEADY_SD_MS : UNSURE_SD_MS, state: stateOf(ordered, around) }
}

function clockOf(observations: readonly Observation[]): { skewMs: number; measured: boolean } {
  const heard = [...observations].sort((a, b) => a.offset - b.offset)
  const first = heard[0] as Observation
  const clock = newDevice(first.device, first.gateway, effectiveAt(first), first.receivedAt)
  for (const one of heard.slice(1)) hear(clock, effectiveAt(one), one.receivedAt, new Map())
  return { skewMs: skewOf(clock), measured: clock.steady >= MEASURED }
}

function velocityOf(speedKmh: unknown, headingDeg: unknown): Fix['v'] {
  if (typeof speedKmh !== 'number') return null
  const mps = speedKmh / 3.6
  if (mps < 0.5) return { x: 0, y: 0 }
  if (typeof headingDeg !== 'number') return null
  const angle = (headingDeg * Math.PI) / 180
  return { x: mps * Math.sin(angle), y: mps * Math.cos(angle) }
}

function stateOf(ordered: readonly { at: Instant; payload: Observation['payload'] }[], around: Instant): VehicleState {
  const state: VehicleState = { load: null, lid: null, bed: null }
  for (const { at, payload } of ordered) {
    if (at > around + SECOND || at < around - STATE_MS) continue
    const { load, lid, bed } = payload
    if (load === 'empty' || load === 'half' || load === 'full') state.load = load
    if (lid === 'open' || lid === 'closed') state.lid = lid
    if (bed === 'flat' || bed === 'raised') state.bed = bed
  }
  return state
}
