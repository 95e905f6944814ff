import { distanceM, type Position } from '../domain/geo.ts'
import type { Instant } from '../domain/time.ts'

/**
 * GPS fixes are `ok` or `suspect` (S19). A suspect fix moves nothing on the map and no rule of place or speed sees it;
 * it still proves that the terminal lives. Pure and immutable, so that a backfill can run it again.
 */
export interface FixState {
  readonly lastOk: TimedPosition | null
  /** Suspect fixes that agree with each other: after three of them the vehicle really is there. */
  readonly rival: { readonly last: TimedPosition; readonly count: number } | null
}
interface TimedPosition {
  readonly at: Instant
  readonly place: Position
}

export const NO_FIX: FixState = { lastOk: null, rival: null }

export interface FixReport {
  at: Instant
  place: Position | null
  /** Alarms of the terminal: `no_fix` and `encrypted` say that the coordinates mean nothing. */
  alarms: readonly string[]
  /** Speed that the terminal itself measured, km/h. */
  speedKmh: number | undefined
}

export interface JudgedFix {
  state: FixState
  ok: boolean
  /** Reported, or derived between ok fixes at most 30 s apart; undefined if neither. */
  speedKmh: number | undefined
}

const JUMP_KMH = 150
const AGREEING_FIXES = 3
const DERIVE_WITHIN_MS = 30_000
/** Receivers without a fix report 0,0: an island of zeros off Ghana. */
const ZERO_ISLAND_DEG = 0.01

/** Judges one report; reports come in order of event time. */
export function judgeFix(state: FixState, report: FixReport): JudgedFix {
  if (report.place === null || meaningless(report.place, report.alarms)) return { state, ok: false, speedKmh: undefined }
  const here: TimedPosition = { at: report.at, place: report.place }
  if (state.lastOk && speedBetween(state.lastOk, here) > JUMP_KMH) return jumped(state, here, report)
  return { state: { lastOk: here, rival: null }, ok: true, speedKmh: report.speedKmh ?? derivedSpeed(state.lastOk, here) }
}

function meaningless(place: Position, alarms: readonly string[]): boolean {
  return (Math.abs(place[0]) < ZERO_ISLAND_DEG && Math.abs(place[1]) < ZERO_ISLAND_DEG) || alarms.includes('no_fix') || alarms.includes('encrypted')
}

/** If the first fix was the wrong one, every later one jumps: agreement among them settles it. */
function jumped(state: FixState, here: TimedPosition, report: FixReport): JudgedFix {
  const agrees = state.rival !== null && here.at > state.rival.last.at && speedBetween(state.rival.last, here) <= JUMP_KMH
  const count = agrees && state.rival ? state.rival.count + 1 : 1
  if (count >= AGREEING_FIXES) return { state: { lastOk: here, rival: null }, ok: true, speedKmh: report.speedKmh }
  return { state: { lastOk: state.lastOk, rival: { last: here, count } }, ok: false, speedKmh: undefined }
}

function derivedSpeed(last: TimedPosition | null, here: TimedPosition): number | undefined {
  if (!last || here.at <= last.at || here.at - last.at > DERIVE_WITHIN_MS) return undefined
  return speedBetween(last, here)
}

/** km/h between two fixes; two places at one instant are infinitely fast apart unless they are the same. */
function speedBetween(a: TimedPosition, b: TimedPosition): number {
  const metres = distanceM(a.place, b.place)
  const ms = b.at - a.at
  if (ms <= 0) return metres < 1 ? 0 : Infinity
  return (metres / ms) * 3600
}
