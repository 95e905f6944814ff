/** Instants are milliseconds UTC inside and RFC 3339 outside. Nothing here reads a clock. */
export type Instant = number

export const SECOND = 1000
export const MINUTE = 60 * SECOND
export const HOUR = 60 * MINUTE
export const DAY = 24 * HOUR

const RFC3339 = /^(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?([Zz]|[+-]\d\d:?\d\d)?$/
/** 9999-12-31T23:59:59.999Z, the last instant that RFC 3339 can write. */
const LAST: Instant = 253_402_300_799_999

export type ParsedInstant = { at: Instant } | { code: 'time.no_zone' | 'time.invalid' }

/**
 * Reads an event time: RFC 3339 with zone, or milliseconds since 1970 as a number.
 * A local time is `time.no_zone` (semantics S9): guessing a zone would move an alert by hours.
 */
export function parseInstant(value: unknown): ParsedInstant {
  if (typeof value === 'number') return Number.isFinite(value) && value >= 0 && value <= LAST ? { at: Math.trunc(value) } : { code: 'time.invalid' }
  if (typeof value !== 'string') return { code: 'time.invalid' }
  const parts = RFC3339.exec(value)
  if (!parts) return { code: 'time.invalid' }
  if (!parts[8]) return { code: 'time.no_zone' }
  return fromParts(parts)
}

function fromParts(parts: RegExpExecArray): ParsedInstant {
  const [, year, month, day, hour, minute, second, fraction = '0', zone = 'Z'] = parts
  const ms = Math.trunc(Number(`0.${fraction}`) * 1000)
  const utc = Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second), ms)
  const check = new Date(utc)
  // Date.UTC rolls 31 April over into May; a date that does not exist is an error of the sender, not a day later.
  if (check.getUTCMonth() !== Number(month) - 1 || check.getUTCDate() !== Number(day) || Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59)
    return { code: 'time.invalid' }
  const at = utc - zoneOffset(zone)
  return at >= 0 && at <= LAST ? { at } : { code: 'time.invalid' }
}

function zoneOffset(zone: string): number {
  if (zone === 'Z' || zone === 'z') return 0
  const sign = zone.startsWith('-') ? -1 : 1
  return sign * (Number(zone.slice(1, 3)) * HOUR + Number(zone.slice(-2)) * MINUTE)
}

/** RFC 3339 in UTC with milliseconds, as everything outside reads it. */
export function formatInstant(at: Instant): string {
  return new Date(at).toISOString()
}

const UNIT: Record<string, number> = { ms: 1, s: SECOND, m: MINUTE, h: HOUR, d: DAY }

/** `2s`, `15m`, `1h30m`, `500ms`, `0` → milliseconds; undefined if it is not a duration. */
export function parseDuration(text: string): number | undefined {
  if (text === '0') return 0
  if (!/^(\d+(?:\.\d+)?(?:ms|s|m|h|d))+$/.test(text)) return undefined
  let total = 0
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g)) total += Number(amount) * (UNIT[unit ?? ''] ?? 0)
  return Math.round(total)
}

/** Milliseconds → the shortest exact duration, `90s` → `1m30s`. */
export function formatDuration(ms: number): string {
  if (ms === 0) return '0'
  let rest = Math.round(ms)
  let text = ''
  for (const [unit, size] of [
    ['d', DAY],
    ['h', HOUR],
    ['m', MINUTE],
    ['s', SECOND],
    ['ms', 1],
  ] as const) {
    const count = Math.floor(rest / size)
    if (count > 0) text += `${count}${unit}`
    rest -= count * size
  }
  return text
}
