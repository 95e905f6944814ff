import type { Calendar } from '../domain/calendar.ts'
import { DAY, type Instant } from '../domain/time.ts'
import { clockOf, dateOf, instantOf, localAt, nextHour, nextMidnight, weekdayOf } from './local-time.ts'

/** The calendar that `workingDay`, `holiday` and `hour` read. */
export const CITY = 'city'
const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const
/** One that does not turn in the present stretch of so many days, nor in the next, is asked again after the present one. */
const REACH_DAYS = 40

interface Stretch {
  days: ReadonlySet<string>
  from: number
  /** Past 24:00 when it runs over midnight. */
  to: number
}

/** A calendar with its texts read. Made once per calendar: the journal replaces calendars as a whole. */
interface Read {
  zone: string
  stretches: readonly Stretch[]
  holidays: ReadonlySet<number>
  workdays: ReadonlySet<number>
  /** The span around the instant asked last in which it does not turn. */
  from: Instant
  until: Instant
  on: boolean
}

const reads = new WeakMap<Calendar, Read>()

function read(calendar: Calendar): Read {
  let made = reads.get(calendar)
  if (!made) {
    const stretches = calendar.hours.map(({ days, from, to }) => {
      const [begin, end] = [clockOf(from), clockOf(to)]
      return { days: new Set<string>(days), from: begin, to: end > begin ? end : end + DAY }
    })
    const { zone } = calendar
    made = { zone, stretches, holidays: new Set(calendar.holidays.map(dateOf)), workdays: new Set(calendar.workdays.map(dateOf)), from: Infinity, until: -Infinity, on: false }
    reads.set(calendar, made)
  }
  return made
}

function isWorkingDate({ holidays, workdays }: Read, date: number): boolean {
  return workdays.has(date) || (!holidays.has(date) && weekdayOf(date) < 5)
}

/** The stretches that begin on a date, as instants. */
function stretchesOn(calendar: Read, date: number): [from: Instant, to: Instant][] {
  const sort = isWorkingDate(calendar, date) ? 'work' : 'rest'
  const weekday = WEEKDAYS[weekdayOf(date)] as string
  return calendar.stretches
    .filter(({ days }) => days.has(weekday) || days.has(sort))
    .map(({ from, to }): [Instant, Instant] => [instantOf(calendar.zone, date, from), instantOf(calendar.zone, to > DAY ? date + 1 : date, to > DAY ? to - DAY : to)])
    .sort((a, b) => a[0] - b[0])
}

/**
 * Stretches in order, from yesterday's on, which may run over midnight; those that touch are one. When it is asked again
 * is the same for all of its span: who asked when must not show after a restart (S14).
 */
function spanAround(calendar: Read, at: Instant): Pick<Read, 'from' | 'until' | 'on'> {
  const { date } = localAt(calendar.zone, at)
  const next = date - (date % REACH_DAYS) + REACH_DAYS
  let end: Instant | undefined
  for (let day = date - 1; day < next + REACH_DAYS; day++) {
    for (const [from, to] of stretchesOn(calendar, day)) {
      if (end !== undefined) {
        if (from > end) return { from: at, until: end, on: true }
        end = Math.max(end, to)
      } else if (from > at) return { from: at, until: from, on: false }
      else if (to > at) end = to
    }
  }
  const until = end !== undefined && end < instantOf(calendar.zone, next + REACH_DAYS, 0) ? end : instantOf(calendar.zone, next, 0)
  return { from: at, until, on: end !== undefined }
}

function at(calendar: Calendar, instant: Instant): Read {
  const known = read(calendar)
  if (instant < known.from || instant >= known.until) Object.assign(known, spanAround(known, instant))
  return known
}

const followers = new WeakMap<Calendar, { city: Calendar; calendar: Calendar }>()

/** A calendar by its id; one that names no days of its own has the holidays and moved working days of `city`. */
export function calendarNamed(calendars: ReadonlyMap<string, Calendar>, id: string): Calendar | undefined {
  const own = calendars.get(id)
  const city = calendars.get(CITY)
  if (!own || !city || own === city || own.holidays.length > 0 || own.workdays.length > 0) return own
  const known = followers.get(own)
  if (known?.city === city) return known.calendar
  const calendar = { ...own, holidays: city.holidays, workdays: city.workdays }
  followers.set(own, { city, calendar })
  return calendar
}

/** Whether the calendar is on. */
export function isOn(calendar: Calendar, instant: Instant): boolean {
  return at(calendar, instant).on
}

/** The next instant at which it turns, or at which it must be asked again: at most 40 days ahead. */
export function nextTurn(calendar: Calendar, instant: Instant): Instant {
  return at(calendar, instant).until
}

/** A day of the calendar's local time on which people work: Monday to Friday but for holidays, and days that were moved. */
export function isWorkingDay(calendar: Calendar, instant: Instant): boolean {
  return isWorkingDate(read(calendar), localAt(calendar.zone, instant).date)
}

export function isHoliday(calendar: Calendar, instant: Instant): boolean {
  return read(calendar).holidays.has(localAt(calendar.zone, instant).date)
}

/** 0 … 23 on the wall. */
export function hourOf(calendar: Calendar, instant: Instant): number {
  return Math.floor(localAt(calendar.zone, instant).clock / 3_600_000)
}

/** When the hour, and when the day, is over. */
export const hourTurn = (calendar: Calendar, instant: Instant): Instant => nextHour(calendar.zone, instant)
export const dayTurn = (calendar: Calendar, instant: Instant): Instant => nextMidnight(calendar.zone, instant)
