import { CRS } from '../domain/crs.ts'
import type { ErrorCode } from '../domain/errors.ts'
import { FIELDS, type Field, KINDS, type Kind, PLACE_FIELDS } from '../domain/fields.ts'
import { MAX_OBJECTS } from '../domain/observation.ts'

/** What is wrong with a value, or null. Every `why` names the field and what would be right. */
export type Fault = { code: ErrorCode; why: string } | null
type Check = (value: unknown) => string | null

/**
 * The hot path's form of PAYLOAD_SCHEMAS: one closure per field, made from the same table. A test shows that both
 * take and refuse the same payloads. It stops at the first fault, and it is stricter in one place: a `presence` must say its `state` or its `coverage`.
 */
const CHECKS: Record<Kind, ReadonlyMap<string, Check>> = Object.fromEntries(KINDS.map((kind) => [kind, checksOf(kind)])) as Record<Kind, ReadonlyMap<string, Check>>

/** One of these at least. */
const NEEDED: Partial<Record<Kind, readonly string[]>> = { sensor: ['values'], scene: ['objects'], presence: ['state', 'coverage'] }

/** Checks the fields of a payload of this kind; `at` is read elsewhere. */
export function checkPayload(kind: Kind, payload: Record<string, unknown>): Fault {
  const checks = CHECKS[kind]
  for (const name in payload) {
    const check = checks.get(name)
    if (check === undefined) continue
    const fault = check(payload[name])
    if (fault !== null) return { code: 'field.invalid', why: `${name}${fault}` }
  }
  const needed = NEEDED[kind]
  return needed?.every((name) => payload[name] === undefined) ? { code: 'field.missing', why: `${kind} needs ${needed[0]}` } : null
}

function checksOf(kind: Kind): ReadonlyMap<string, Check> {
  const table: Record<string, Field> = { ...PLACE_FIELDS, ...FIELDS[kind] }
  const checks = new Map(Object.entries(table).map(([name, field]) => [name, checkOf(field)]))
  checks.set('id', text(1, 128)).set('seq', whole).set('boot', boot).set('crs', oneOf(CRS))
  if (kind === 'sensor') checks.set('values', sensorValues)
  if (kind === 'scene') checks.set('objects', sceneObjects)
  return checks
}

function checkOf(field: Field): Check {
  switch (field.type) {
    case 'number':
      return number(field.min, field.max, field.unit)
    case 'boolean':
      return (value) => (typeof value === 'boolean' ? null : ' must be true or false')
    case 'enum':
      return oneOf(field.values)
    case 'text':
      return text(0, field.max)
    case 'texts':
      return texts(field.max)
  }
}

function number(min: number, max: number, unit: string): Check {
  const fault = ` must be a number from ${min} to ${max} ${unit}`.trimEnd()
  return (value) => (typeof value === 'number' && value >= min && value <= max ? null : fault)
}

function oneOf(values: readonly string[]): Check {
  const fault = ` must be one of ${values.join(', ')}`
  return (value) => (typeof value === 'string' && values.includes(value) ? null : fault)
}

function text(min: number, max: number): Check {
  const fault = ` must be a text of ${min} to ${max} characters`
  return (value) => (typeof value === 'string' && value.length >= min && value.length <= max ? null : fault)
}

const item = text(0, 512)
function texts(max: number): Check {
  const fault = ` must be a list of at most ${max} texts of at most 512 characters`
  return (value) => (Array.isArray(value) && value.length <= max && value.every((one) => item(one) === null) ? null : fault)
}

function whole(value: unknown): string | null {
  return Number.isSafeInteger(value) && (value as number) >= 0 ? null : ' must be a whole number from 0 to 2^53 - 1'
}

const bootText = text(1, 64)
function boot(value: unknown): string | null {
  return Number.isSafeInteger(value) || bootText(value) === null ? null : ' must be a whole number or a text of 1 to 64 characters'
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function sensorValues(value: unknown): string | null {
  if (!isRecord(value)) return ' must be an object of numbers, booleans and texts'
  for (const name in value) {
    if (name.length > 64) return ' must have names of at most 64 characters'
    const one = value[name]
    const good = typeof one === 'boolean' || Number.isFinite(one) || (typeof one === 'string' && one.length <= 256)
    if (!good) return `.${name} must be a finite number, a boolean or a text of at most 256 characters`
  }
  return null
}

function sceneObjects(value: unknown): string | null {
  if (!Array.isArray(value) || value.length > MAX_OBJECTS) return ` must be a list of at most ${MAX_OBJECTS} objects`
  for (let i = 0; i < value.length; i++) {
    const fault = sceneObject(value[i])
    if (fault !== null) return `[${i}]${fault}`
  }
  return null
}

const name64 = text(1, 64)
const name16 = text(1, 16)
const score = number(0, 1, '')
const PLACED = [
  ['lon', number(-180, 180, '')],
  ['lat', number(-90, 90, '')],
  ['errorM', number(0, 100_000, '')],
] as const
function sceneObject(object: unknown): string | null {
  if (!isRecord(object)) return ' must be an object'
  const { label, track, zones, plate, colour } = object
  if (name64(label) !== null) return `.label${name64(label)}`
  if (score(object.score) !== null) return `.score${score(object.score)}`
  if (!isBox(object.box)) return '.box must be [left, top, width, height] as fractions of the picture'
  if (track !== undefined && name64(track) !== null) return `.track${name64(track)}`
  if (plate !== undefined && name16(plate) !== null) return `.plate${name16(plate)}`
  if (colour !== undefined && name16(colour) !== null) return `.colour${name16(colour)}`
  for (const [field, check] of PLACED) if (object[field] !== undefined && check(object[field]) !== null) return `.${field}${check(object[field])}`
  const zonesGood = zones === undefined || (Array.isArray(zones) && zones.length <= 64 && zones.every((zone) => name64(zone) === null))
  return zonesGood ? null : '.zones must be a list of at most 64 texts of 1 to 64 characters'
}

const within = (value: unknown, min: number, max: number): boolean => typeof value === 'number' && value >= min && value <= max

function isBox(box: unknown): boolean {
  return Array.isArray(box) && box.length === 4 && within(box[0], -1, 2) && within(box[1], -1, 2) && within(box[2], 0, 3) && within(box[3], 0, 3)
}

export const MAX_DEPTH = 16

/** Looks at every value, known field or not: what stands in the journal must be plain, finite data that any reader can hold. */
export function checkTree(value: unknown, depth = 1): Fault {
  if (typeof value === 'number') return Number.isFinite(value) ? null : { code: 'field.invalid', why: 'a number is larger than any that JSON readers can hold' }
  if (typeof value !== 'object' || value === null) return null
  if (depth > MAX_DEPTH) return { code: 'payload.too_deep', why: `the payload is nested deeper than ${MAX_DEPTH}` }
  for (const name in value) {
    if (name === '__proto__') return { code: 'field.invalid', why: '__proto__ cannot be the name of a field' }
    const one = (value as Record<string, unknown>)[name]
    if (typeof one !== 'object' && typeof one !== 'number') continue
    const fault = checkTree(one, depth + 1)
    if (fault !== null) return fault
  }
  return null
}
