import type { CameraConfig } from '../../domain/camera.ts'
import { NO_ALGORITHM } from '../../domain/coverage.ts'
import type { Severity } from '../../domain/rule.ts'

/** An algorithm that a camera serves: one half of a pair, the camera is the other. */
export interface Pair {
  algorithm: string
  /** Longest allowed time between two looks. */
  everyMs: number
  /** Id of a calendar; null: always. */
  schedule: string | null
  /** Ids of the camera's zones that it is about; null: the whole picture. */
  zones: readonly string[] | null
  /** How long a thing must stand until it is judged; 0 for what is judged at once. */
  holdMs: number
  severity: Severity
}

/** Whether a calendar is on; one that nobody knows is. */
export type IsOn = (calendar: string, at: number) => boolean

/** The pairs that are served at a time. */
export function pairsOn(pairs: readonly Pair[], at: number, isOn: IsOn): readonly Pair[] {
  return pairs.every(({ schedule }) => schedule === null) ? pairs : pairs.filter(({ schedule }) => schedule === null || isOn(schedule, at))
}

/** What a camera serves as far as its configuration alone says; a camera that names nothing is looked at for whoever may ask later. */
export function configuredPairs({ algorithms }: CameraConfig, everyMs: number): Pair[] {
  const pair = { schedule: null, zones: null, holdMs: 0, severity: 'info' } as const
  if (algorithms === null || algorithms.length === 0) return [{ algorithm: NO_ALGORITHM, everyMs, ...pair }]
  return algorithms.map(({ rule, everyS, schedule, zones }) => ({
    ...pair,
    algorithm: rule,
    everyMs: everyS === null ? everyMs : everyS * 1000,
    schedule,
    zones: zones.length === 0 ? null : zones,
  }))
}

/** Longest time that a camera may go without a look: that of its most impatient pair; Infinity without any. */
export function everyOf(pairs: readonly Pair[]): number {
  return pairs.reduce((least, { everyMs }) => Math.min(least, everyMs), Infinity)
}

/** Zones that any of these pairs is about; null as soon as one is about the whole picture. */
export function zonesOf(pairs: readonly Pair[]): readonly string[] | null {
  const zones = new Set<string>()
  for (const pair of pairs) {
    if (pair.zones === null) return null
    for (const zone of pair.zones) zones.add(zone)
  }
  return [...zones]
}

const BY_SEVERITY: Record<Severity, number> = { critical: 2, major: 1.5, minor: 1, info: 1 }
/** A camera with an alert that stands: operators look at it now, and whether it goes on matters most. */
const ALERTING = 4

/** How much sooner than its interval says a camera is looked at while there is time to spare. */
export function weightOf(pairs: readonly Pair[], alerting: boolean): number {
  if (alerting) return ALERTING
  return pairs.reduce((most, { severity }) => Math.max(most, BY_SEVERITY[severity]), 1)
}
