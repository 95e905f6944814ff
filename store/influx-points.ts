import type { Alert } from '../domain/alert.ts'
import { toWgs84 } from '../domain/crs.ts'
import { FIELDS, type Field, KINDS, type Kind, PLACE_FIELDS } from '../domain/fields.ts'
import { effectiveAt, type Observation, type SceneObject } from '../domain/observation.ts'
import type { Instant } from '../domain/time.ts'

export type FieldType = 'float' | 'boolean' | 'string'
export type Measurement = Kind | 'alert'

/** One line for a time-series store. Tags are what charts filter by and bounded in number; fields are everything else. */
export interface Point {
  measurement: Measurement
  tags: Record<string, string>
  fields: Record<string, number | boolean | string>
  /** Event time. */
  at: Instant
  /** 0 to 999,999: nanoseconds after `at` that keep apart what has the same tags in the same millisecond. */
  nanos: number
}

export interface MeasurementForm {
  tags: readonly string[]
  fields: Readonly<Record<string, FieldType>>
}

/** People's words have no business in charts; a scene's camera is its device. */
const LEFT_OUT: Partial<Record<Kind, readonly string[]>> = { report: ['text', 'photos'], scene: ['camera'] }

/** Every number is a float: a store that first saw 88 as an integer would refuse 87.5 for ever. */
const TYPE: Record<Field['type'], FieldType> = { number: 'float', boolean: 'boolean', enum: 'string', text: 'string', texts: 'string' }

function formOf(kind: Kind, extra: Readonly<Record<string, FieldType>> = {}): MeasurementForm {
  const own = Object.entries({ ...PLACE_FIELDS, ...FIELDS[kind] } as Record<string, Field>).filter(([name]) => !LEFT_OUT[kind]?.includes(name))
  return {
    tags: kind === 'sensor' ? ['device', 'gateway', 'name'] : ['device', 'gateway'],
    fields: { ...Object.fromEntries(own.map(([name, field]) => [name, TYPE[field.type]])), ...extra, delayMs: 'float' },
  }
}

/** Everything that is ever written: boards may name nothing else. */
export const MEASUREMENTS: Readonly<Record<Measurement, MeasurementForm>> = {
  cover: formOf('cover'),
  vehicle: formOf('vehicle'),
  // A point per value, its name a tag: as field names, one device's "pump": true would forbid another's "pump": 3.
  sensor: formOf('sensor', { value: 'float', flag: 'boolean', text: 'string' }),
  scene: formOf('scene', { objects: 'float', bestScore: 'float', labels: 'string' }),
  report: formOf('report'),
  presence: formOf('presence'),
  alert: {
    tags: ['asset', 'rule'],
    fields: {
      ...{ id: 'string', key: 'string', severity: 'string', condition: 'string', review: 'string', verdict: 'string', area: 'string', amended: 'string' },
      ...{ late: 'boolean', lon: 'float', lat: 'float', raiseMs: 'float', durationMs: 'float' },
    },
  },
}

/**
 * An observation as points: one, or one per value of a `sensor`. Time is the time on which rules run (S9); `delayMs` is
 * how long after the reported time it arrived, negative when the device's clock is ahead. Positions are WGS-84.
 */
export function pointsOf(observation: Observation): Point[] {
  const { kind, device, gateway, payload, receivedAt } = observation
  const fields: Point['fields'] = { ...ownFields(kind, payload), ...placeOf(payload), delayMs: receivedAt - observation.at }
  const point: Point = { measurement: kind, tags: { device, gateway }, fields, at: effectiveAt(observation), nanos: 0 }
  switch (kind) {
    case 'scene':
      Object.assign(fields, sceneFields((payload.objects as SceneObject[] | undefined) ?? []))
      return [point]
    case 'sensor':
      return sensorPoints(point, (payload.values as Record<string, unknown> | undefined) ?? {})
    case 'cover':
    case 'vehicle':
    case 'report':
    case 'presence':
      return [point]
  }
}

/** An alert as a point at its `openedAt`: writing it again after a change replaces what stood there, so it is counted once. */
export function pointOfAlert(alert: Alert): Point {
  const openedAt = Date.parse(alert.openedAt)
  const { id, key, severity, condition, review, verdict, area, amended, late, lon, lat } = alert
  const all = { id, key, severity, condition, review, verdict, area, amended, late, lon, lat }
  const fields = Object.fromEntries(Object.entries(all).filter((entry): entry is [string, string | number | boolean] => entry[1] !== null))
  fields.raiseMs = Date.parse(alert.raisedAt) - openedAt
  if (alert.resolvedAt !== null) fields.durationMs = Date.parse(alert.resolvedAt) - openedAt
  // Two cars may begin to park in one picture: same rule, same camera, same millisecond.
  return { measurement: 'alert', tags: { asset: alert.asset, rule: alert.rule }, fields, at: openedAt, nanos: spread(id) }
}

const READ = Object.fromEntries(KINDS.map((kind) => [kind, Object.keys(FIELDS[kind]).filter((name) => name in MEASUREMENTS[kind].fields)])) as Record<Kind, string[]>

function ownFields(kind: Kind, payload: Observation['payload']): Point['fields'] {
  const fields: Point['fields'] = {}
  for (const name of READ[kind]) {
    const value = payload[name]
    if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'string') fields[name] = value
    else if (Array.isArray(value)) fields[name] = value.join(',')
  }
  return fields
}

function placeOf({ lon, lat, crs }: Observation['payload']): { lon: number; lat: number } | undefined {
  if (lon === undefined || lat === undefined) return undefined
  const place = toWgs84([lon, lat], crs ?? 'wgs84')
  return { lon: place[0], lat: place[1] }
}

function sceneFields(objects: readonly SceneObject[]): Point['fields'] {
  if (objects.length === 0) return { objects: 0, labels: '' }
  const labels = new Set(objects.map(({ label }) => label))
  return { objects: objects.length, bestScore: Math.max(...objects.map(({ score }) => score)), labels: [...labels].sort().join(',') }
}

function sensorPoints(point: Point, values: Readonly<Record<string, unknown>>): Point[] {
  return Object.entries(values).flatMap(([name, value]) => {
    const field = sensorField(value)
    return field === undefined || name === '' ? [] : [{ ...point, tags: { ...point.tags, name }, fields: { ...point.fields, ...field } }]
  })
}

function sensorField(value: unknown): Point['fields'] | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? { value } : undefined
  if (typeof value === 'boolean') return { flag: value }
  return typeof value === 'string' ? { text: value } : undefined
}

function spread(id: string): number {
  let sum = 0
  for (const char of id) sum = (sum * 31 + (char.codePointAt(0) ?? 0)) % 1_000_000
  return sum
}
