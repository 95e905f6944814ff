import { createHash } from 'node:crypto'
import { CodedError, type ErrorCode } from '../../domain/errors.ts'
import { isId } from '../../domain/ids.ts'
import { type Instant, parseInstant } from '../../domain/time.ts'

/** One recorded fix as it stands in the file. */
export interface Fix {
  device: string
  at: Instant
  lon: number
  lat: number
}
/** A line (CSV) or an item (JSON), counted from 1, that is no fix; the trace goes on without it. */
export interface BadLine {
  line: number
  code: ErrorCode
  why: string
}

/** Reads raw texts into a fix; `zone` (Z or ±hh:mm) is added to times that have none. Throws CodedError with the reason. */
export function fixOf(raw: { lon: unknown; lat: unknown; time: unknown; id: unknown }, zone: string | undefined): Fix {
  return { device: deviceIdOf(raw.id), at: timeOf(raw.time, zone), lon: degrees('longitude', raw.lon, 180), lat: degrees('latitude', raw.lat, 90) }
}

/**
 * A legal device id for any id: legal ones stay as they are; others lose what topics forbid and get a hash of the
 * whole, so that the same id gives the same device in every run and two ids never give one.
 */
export function deviceIdOf(id: unknown): string {
  const text = typeof id === 'number' ? String(id) : id
  if (typeof text !== 'string' || text === '') throw new CodedError('field.missing', 'no id')
  if (isId(text)) return text
  const legal = text.replaceAll(/[^A-Za-z0-9]+/g, '').slice(0, 40)
  return `${legal || 'device'}-${createHash('sha256').update(text).digest('hex').slice(0, 16)}`
}

function timeOf(time: unknown, zone: string | undefined): Instant {
  let parsed = parseInstant(time)
  if ('code' in parsed && parsed.code === 'time.no_zone' && zone !== undefined) parsed = parseInstant(`${String(time)}${zone}`)
  if ('code' in parsed) throw new CodedError(parsed.code, `time ${JSON.stringify(time)}`)
  return parsed.at
}

function degrees(name: string, value: unknown, most: number): number {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
  if (typeof number !== 'number' || !Number.isFinite(number) || Math.abs(number) > most) throw new CodedError('field.invalid', `${name} ${JSON.stringify(value)}`)
  return number
}
