import { DAY, HOUR, type Instant, MINUTE } from '../domain/time.ts'

/** Local time of a zone. A date is the number of days since 1970-01-01 that its own midnight bears as if it were UTC. */

interface OffsetDay {
  /** Offset at the beginning of the UTC day, and from `turn` on. */
  before: number
  after: number
  /** Infinity on all but two days of a year. */
  turn: Instant
}

const formats = new Map<string, Intl.DateTimeFormat>()
/** Intl takes microseconds for what a condition asks at every observation: offsets are kept per zone and UTC day. */
const offsets = new Map<string, Map<number, OffsetDay>>()
const MOST_DAYS = 4000

/** Milliseconds that local time is ahead of UTC at this instant. */
export function offsetAt(zone: string, at: Instant): number {
  const day = Math.floor(at / DAY)
  let days = offsets.get(zone)
  if (!days) {
    days = new Map()
    offsets.set(zone, days)
  }
  let known = days.get(day)
  if (!known) {
    known = offsetsOn(zone, day)
    if (days.size >= MOST_DAYS) days.clear()
    days.set(day, known)
  }
  return at < known.turn ? known.before : known.after
}

function offsetsOn(zone: string, day: number): OffsetDay {
  const before = formatted(zone, day * DAY)
  const after = formatted(zone, (day + 1) * DAY - 1)
  return { before, after, turn: before === after ? Infinity : turnBetween(zone, day * DAY, (day + 1) * DAY, before) }
}

/** The first minute at which the offset is no longer `before`. */
function turnBetween(zone: string, from: Instant, to: Instant, before: number): Instant {
  let [low, high] = [from, to]
  while (high - low > MINUTE) {
    const middle = Math.floor((low + high) / 2 / MINUTE) * MINUTE
    if (formatted(zone, middle) === before) low = middle
    else high = middle
  }
  return high
}

function formatted(zone: string, at: Instant): number {
  let format = formats.get(zone)
  if (!format) {
    format = new Intl.DateTimeFormat('en-US-u-ca-iso8601-hc-h23', {
      timeZone: zone,
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    })
    formats.set(zone, format)
  }
  const parts: Record<string, number> = {}
  for (const { type, value } of format.formatToParts(at)) parts[type] = Number(value)
  const { year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0 } = parts
  return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(at / 1000) * 1000
}

/** Local date and time of day (ms since local midnight on the clock on the wall). */
export function localAt(zone: string, at: Instant): { date: number; clock: number } {
  const local = at + offsetAt(zone, at)
  const date = Math.floor(local / DAY)
  return { date, clock: local - date * DAY }
}

/**
 * The instant at which clocks on the wall show `clock` on `date`. A time that is left out when clocks go forward is as
 * much later; one that comes twice is the first.
 */
export function instantOf(zone: string, date: number, clock: number): Instant {
  const wall = date * DAY + clock
  const early = wall - offsetAt(zone, wall - DAY)
  const late = wall - offsetAt(zone, wall + DAY)
  return early + offsetAt(zone, early) === wall || late + offsetAt(zone, late) !== wall ? early : late
}

/** `2026-10-01` → its date. */
export function dateOf(text: string): number {
  return Math.floor(Date.parse(`${text}T00:00:00Z`) / DAY)
}

/** 0 Monday … 6 Sunday. */
export function weekdayOf(date: number): number {
  return (((date + 3) % 7) + 7) % 7
}

/** `07:30` → ms since midnight. */
export function clockOf(text: string): number {
  return Number(text.slice(0, 2)) * HOUR + Number(text.slice(3)) * MINUTE
}

/** The next full hour on the wall. */
export function nextHour(zone: string, at: Instant): Instant {
  const { date, clock } = localAt(zone, at)
  return instantOf(zone, date, (Math.floor(clock / HOUR) + 1) * HOUR)
}

/** The next midnight on the wall. */
export function nextMidnight(zone: string, at: Instant): Instant {
  return instantOf(zone, localAt(zone, at).date + 1, 0)
}
