import type { Calendar } from '../../domain/calendar.ts'
import { DAY, type Instant, MINUTE } from '../../domain/time.ts'

/** A day on the wall as its number since 1970-01-01; a stretch of it in minutes since midnight. */
export type DayNumber = number
export interface Stretch {
  from: number
  to: number
}

const DAY_MINUTES = 1440
export const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const

export const dayNumber = (date: string): DayNumber => Math.floor(Date.parse(`${date}T00:00:00Z`) / DAY)
export const dateText = (day: DayNumber): string => new Date(day * DAY).toISOString().slice(0, 10)
/** 0 is Monday. */
export const weekdayOf = (day: DayNumber): number => (day + 3) % 7
export const mondayOf = (day: DayNumber): DayNumber => day - weekdayOf(day)

const minutesOf = (clock: string): number => Number(clock.slice(0, 2)) * 60 + Number(clock.slice(3))
export const clockText = (minutes: number): string => `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`

/** 00:00 to 24:00, as the platform takes it. */
export const isClock = (text: string): boolean => /^(?:[01]\d|2[0-3]):[0-5]\d$|^24:00$/.test(text)

/** Which holidays and moved working days count: a calendar that names none of its own has those of `city`. */
export function withDaysOf<C extends Calendar>(calendar: C, city: Calendar | undefined): C {
  if (!city || calendar.holidays.length + calendar.workdays.length > 0) return calendar
  return { ...calendar, holidays: city.holidays, workdays: city.workdays }
}

export function isWorkingDay({ holidays, workdays }: Pick<Calendar, 'holidays' | 'workdays'>, day: DayNumber): boolean {
  const date = dateText(day)
  return workdays.includes(date) || (!holidays.includes(date) && weekdayOf(day) < 5)
}

/** What begins on a day; an end past 24:00 lies in the next one. A time that is still being typed makes no stretch. */
function begunOn(calendar: Calendar, day: DayNumber): Stretch[] {
  const sort = isWorkingDay(calendar, day) ? 'work' : 'rest'
  const weekday = WEEKDAYS[weekdayOf(day)]
  return calendar.hours
    .filter(({ days, from, to }) => isClock(from) && isClock(to) && days.some((one) => one === sort || one === weekday))
    .map(({ from, to }) => {
      const [begin, end] = [minutesOf(from), minutesOf(to)]
      return { from: begin, to: end > begin ? end : end + DAY_MINUTES }
    })
}

/** When the calendar is on within one day, in order; what overlaps or touches is one stretch. */
export function stretchesOn(calendar: Calendar, day: DayNumber): Stretch[] {
  const tails = begunOn(calendar, day - 1).map(({ from, to }) => ({ from: from - DAY_MINUTES, to: to - DAY_MINUTES }))
  const cut = [...tails, ...begunOn(calendar, day)]
    .map(({ from, to }) => ({ from: Math.max(0, from), to: Math.min(DAY_MINUTES, to) }))
    .filter(({ from, to }) => to > from)
    .sort((a, b) => a.from - b.from)
  const joined: Stretch[] = []
  for (const stretch of cut) {
    const last = joined.at(-1)
    if (last && stretch.from <= last.to) last.to = Math.max(last.to, stretch.to)
    else joined.push(stretch)
  }
  return joined
}

/** The day and minute on the wall of a time zone. */
export function wallAt(zone: string, now: Instant): { day: DayNumber; minute: number } {
  const parts = new Intl.DateTimeFormat('en-CA', { timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })
  const at = Object.fromEntries(parts.formatToParts(now).map(({ type, value }) => [type, value]))
  return { day: dayNumber(`${at.year}-${at.month}-${at.day}`), minute: Number(at.hour) * 60 + Number(at.minute) }
}

export function isOn(calendar: Calendar, now: Instant): boolean {
  const { day, minute } = wallAt(calendar.zone, Math.floor(now / MINUTE) * MINUTE)
  return stretchesOn(calendar, day).some(({ from, to }) => minute >= from && minute < to)
}

/** What a day is by name: as its weekday says, or named a holiday or a working day. */
export type DaySort = 'plain' | 'holiday' | 'workday'

export function daySort({ holidays, workdays }: Pick<Calendar, 'holidays' | 'workdays'>, date: string): DaySort {
  if (workdays.includes(date)) return 'workday'
  return holidays.includes(date) ? 'holiday' : 'plain'
}

const NEXT: Record<DaySort, DaySort> = { plain: 'holiday', holiday: 'workday', workday: 'plain' }

/** A day turned to the next of its sorts: plain, holiday, working day, and plain again. */
export function turnDay<C extends Pick<Calendar, 'holidays' | 'workdays'>>(calendar: C, date: string): C {
  const next = NEXT[daySort(calendar, date)]
  const set = (dates: readonly string[], sort: DaySort): string[] => [...dates.filter((one) => one !== date), ...(next === sort ? [date] : [])].sort()
  return { ...calendar, holidays: set(calendar.holidays, 'holiday'), workdays: set(calendar.workdays, 'workday') }
}
