import { z } from 'zod'
import type { Bbox } from '../domain/geo.ts'
import { parseDuration, parseInstant } from '../domain/time.ts'

/** Every list: at most `limit` items, from where `cursor` (the `next` of the list before) left off. */
export const PAGE = {
  limit: z.number().int().min(1).max(10_000).default(100).describe('at most so many items'),
  cursor: z.string().max(512).optional().describe('`next` of the answer before'),
}

/** `{items, next}`, as every list is. */
export function pageOf(item: z.ZodType): z.ZodType {
  return z.object({ items: z.array(item), next: z.string().nullable().describe('cursor of what follows, null at the end') })
}

/** RFC 3339 with zone, or ms since 1970, as an instant. */
export const InstantText = z
  .string()
  .meta({ format: 'date-time' })
  .transform((text, context) => {
    // An unencoded + arrives as a space; no other space can stand before a zone.
    const parsed = parseInstant(/^\d+$/.test(text) ? Number(text) : text.replace(/ (?=\d\d:?\d\d$)/, '+'))
    if ('at' in parsed) return parsed.at
    context.addIssue({ code: 'custom', message: parsed.code === 'time.no_zone' ? 'has no zone; send Z or an offset' : 'must be RFC 3339 with a zone, or ms since 1970' })
    return z.NEVER
  })

export const DurationText = z
  .string()
  .describe('a duration such as 10s, 5m or 1h30m, or ms as a number')
  .transform((text, context) => {
    const ms = /^\d+$/.test(text) ? Number(text) : parseDuration(text)
    if (ms !== undefined && ms > 0) return ms
    context.addIssue({ code: 'custom', message: 'must be a duration such as 10s, 5m or 1h30m' })
    return z.NEVER
  })

export const BboxText = z
  .string()
  .describe('west,south,east,north in degrees, WGS-84')
  .transform((text, context): Bbox => {
    const [west = NaN, south = NaN, east = NaN, north = NaN, ...rest] = text.split(',').map((part) => (part.trim() === '' ? NaN : Number(part)))
    const sound = rest.length === 0 && west >= -180 && west <= east && east <= 180 && south >= -90 && south <= north && north <= 90
    if (sound) return [west, south, east, north]
    context.addIssue({ code: 'custom', message: 'must be west,south,east,north in degrees, west ≤ east and south ≤ north' })
    return z.NEVER
  })

/**
 * A query holds texts; the schema says what they mean. A list is given as `a,b` or as the same name twice.
 * What cannot be turned stays as it is, for the schema to complain about.
 */
export function coerceQuery(schema: z.ZodObject, query: unknown): Record<string, unknown> {
  const given = query as Record<string, string | string[]>
  return Object.fromEntries(Object.entries(given).map(([name, value]) => [name, coerce(plain(schema.shape[name]), value)]))
}

function coerce(schema: z.core.$ZodType | undefined, value: string | string[]): unknown {
  if (schema instanceof z.ZodArray) return [value].flat().flatMap((text) => text.split(','))
  if (schema instanceof z.ZodNumber && typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value)) return Number(value)
  return value
}

function plain(schema: z.core.$ZodType | undefined): z.core.$ZodType | undefined {
  return schema instanceof z.ZodOptional || schema instanceof z.ZodDefault ? plain(schema.unwrap()) : schema
}
