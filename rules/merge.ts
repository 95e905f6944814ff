import type { Scalar } from '../domain/alert.ts'
import { toWgs84 } from '../domain/crs.ts'
import { FIELDS, KINDS, type Kind } from '../domain/fields.ts'
import type { Position } from '../domain/geo.ts'
import type { Observation } from '../domain/observation.ts'
import type { Instant } from '../domain/time.ts'
import type { Run } from './course.ts'
import { judgeFix } from './fix.ts'
import type { Stamped } from './language/values.ts'

/** What a sensor measures has names of its own, which must not meet the fields of other kinds. */
export const SENSOR = 'values.'

/** Gone through at every observation, a list is faster than an object. */
const NAMES: ReadonlyMap<Kind, readonly string[]> = new Map(KINDS.map((kind) => [kind, Object.keys(FIELDS[kind])]))

/** Takes what an observation says into the asset's newest values (S4, S19). */
export function merge(run: Run, observation: Observation, at: Instant): void {
  const { course } = run
  const { payload } = observation
  const values: Record<string, Stamped> = { ...course.values }
  const place = placeOf(observation)
  if (observation.kind === 'vehicle') mergeFix(run, values, observation, place, at)
  else if (place) putPlace(values, place, at)
  for (const name of NAMES.get(observation.kind) ?? []) {
    const value = payload[name]
    if (value === undefined || (observation.kind === 'vehicle' && (name === 'speedKmh' || name === 'headingDeg'))) continue
    values[name] = { value: value as Scalar | readonly string[], at }
  }
  if (observation.kind === 'sensor') for (const [name, value] of Object.entries((payload.values ?? {}) as Record<string, Scalar>)) values[`${SENSOR}${name}`] = { value, at }
  course.values = values
}

function placeOf({ payload }: Observation): Position | null {
  return payload.lon === undefined || payload.lat === undefined ? null : toWgs84([payload.lon, payload.lat], payload.crs ?? 'wgs84')
}

function putPlace(values: Record<string, Stamped>, place: Position, at: Instant): void {
  Object.assign(values, { lon: { value: place[0], at }, lat: { value: place[1], at } })
}

/** Place, speed and course come from trustworthy fixes only (S19). A speed that can no longer be derived is unknown, not the last one. */
function mergeFix(run: Run, values: Record<string, Stamped>, observation: Observation, place: Position | null, at: Instant): void {
  const { payload } = observation
  const judged = judgeFix(run.course.fix, { at, place, alarms: (payload.alarms as string[] | undefined) ?? [], speedKmh: payload.speedKmh as number | undefined })
  run.course.fix = judged.state
  if (!judged.ok) {
    if (place) run.state.counts.suspectFixes++
    return
  }
  if (place) putPlace(values, place, at)
  if (payload.headingDeg !== undefined) values.headingDeg = { value: payload.headingDeg as number, at }
  if (judged.speedKmh === undefined) delete values.speedKmh
  else values.speedKmh = { value: judged.speedKmh, at }
}
