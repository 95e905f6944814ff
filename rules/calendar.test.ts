import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { type Calendar, CalendarSchema } from '../domain/calendar.ts'
import { DAY, formatInstant, HOUR, MINUTE } from '../domain/time.ts'
import { calendarNamed, dayTurn, hourOf, hourTurn, isHoliday, isOn, isWorkingDay, nextTurn } from './calendar.ts'
import { instantOf, localAt, nextHour, nextMidnight, offsetAt } from './local-time.ts'

const calendar = (fields: object): Calendar => CalendarSchema.parse(fields)
const at = (text: string): number => Date.parse(text)
const NIGHT = { days: ['work', 'rest'], from: '22:00', to: '05:00' }

/** Every turn from `from` on as local text. */
function turns(of: Calendar, from: string, count: number): string[] {
  const out: string[] = []
  let now = at(from)
  for (let i = 0; i < count; i++) {
    now = nextTurn(of, now)
    out.push(`${formatInstant(now + offsetAt(of.zone, now)).slice(5, 16)} ${isOn(of, now) ? 'on' : 'off'}`)
  }
  return out
}

describe('a calendar turns', () => {
  it.each<[string, Calendar, string, string[]]>([
    ['over midnight', calendar({ hours: [NIGHT] }), '2026-03-02T12:00:00+08:00', ['03-02T22:00 on', '03-03T05:00 off', '03-03T22:00 on']],
    ['where it stands in the middle of a night', calendar({ hours: [NIGHT] }), '2026-03-03T01:00:00+08:00', ['03-03T05:00 off', '03-03T22:00 on']],
    [
      'on working days only, which a holiday is not and a moved Saturday is',
      calendar({ hours: [{ days: ['work'], from: '07:30', to: '09:00' }], holidays: ['2026-03-05'], workdays: ['2026-03-07'] }),
      '2026-03-04T08:00:00+08:00',
      ['03-04T09:00 off', '03-06T07:30 on', '03-06T09:00 off', '03-07T07:30 on', '03-07T09:00 off', '03-09T07:30 on'],
    ],
    [
      'not between stretches that touch',
      calendar({
        hours: [
          { days: ['mon'], from: '20:00', to: '24:00' },
          { days: ['tue'], from: '00:00', to: '06:00' },
        ],
      }),
      '2026-03-02T12:00:00+08:00',
      ['03-02T20:00 on', '03-03T06:00 off', '03-09T20:00 on'],
    ],
    [
      'an hour earlier in UTC after clocks have gone forward',
      calendar({ zone: 'Europe/Berlin', hours: [{ days: ['work', 'rest'], from: '01:30', to: '04:00' }] }),
      '2026-03-28T12:00:00+01:00',
      ['03-29T01:30 on', '03-29T04:00 off', '03-30T01:30 on'],
    ],
  ])('%s', (_what, of, from, expected) => {
    expect(turns(of, from, expected.length)).toEqual(expected)
  })

  it('never, when it has no stretches or is always on; it is asked again within forty days, and every forty', () => {
    const now = at('2026-03-02T12:00:00+08:00')
    for (const hours of [[], [{ days: ['work', 'rest'], from: '00:00', to: '24:00' }]]) {
      const of = calendar({ hours })
      expect(isOn(of, now)).toBe(hours.length > 0)
      const again = nextTurn(of, now)
      expect(again - now).toBeLessThanOrEqual(40 * DAY)
      expect(nextTurn(of, again) - again).toBe(40 * DAY)
    }
  })

  const zone = fc.constantFrom('Asia/Shanghai', 'America/New_York', 'Europe/Berlin', 'Australia/Lord_Howe')
  const clock = fc.integer({ min: 0, max: 95 }).map((quarter) => `${String(quarter >> 2).padStart(2, '0')}:${String((quarter & 3) * 15).padStart(2, '0')}`)
  const stretch = fc.record({ days: fc.subarray(['mon', 'wed', 'sat', 'work', 'rest'], { minLength: 1 }), from: clock, to: clock })

  it('exactly where it is on before and off after, or the other way round', () => {
    fc.assert(
      fc.property(zone, fc.array(stretch, { maxLength: 3 }), fc.integer({ min: 0, max: 365 * 96 }), (where, hours, quarter) => {
        const now = Date.UTC(2026, 0, 1) + quarter * 15 * MINUTE
        const of = calendar({ zone: where, hours })
        const fresh = (instant: number): boolean => isOn(structuredClone(of), instant)
        const turn = nextTurn(of, now)
        expect(turn).toBeGreaterThan(now)
        for (let each = now; each < Math.min(turn, now + 2 * DAY); each += 30 * MINUTE) {
          expect(fresh(each)).toBe(fresh(now))
          expect(nextTurn(structuredClone(of), each)).toBe(turn)
        }
        // It is only asked again when it does not turn for long.
        if (fresh(turn) === fresh(now)) expect(nextTurn(of, turn) - turn).toBeGreaterThan(39 * DAY)
      }),
    )
  })
})

describe('local time', () => {
  it.each([
    ['Europe/Berlin', '2026-03-29T00:59:59Z', '01:59'],
    ['Europe/Berlin', '2026-03-29T01:00:00Z', '03:00'],
    ['Europe/Berlin', '2026-10-25T01:00:00Z', '02:00'],
    ['America/New_York', '2026-11-01T06:00:00Z', '01:00'],
    // China had summer time in those years.
    ['Asia/Shanghai', '1988-07-01T00:00:00Z', '09:00'],
    ['Asia/Shanghai', '2026-07-01T00:00:00Z', '08:00'],
  ])('%s %s is %s', (zone, instant, expected) => {
    expect(formatInstant(localAt(zone, at(instant)).clock).slice(11, 16)).toBe(expected)
  })

  it('there and back is the same instant wherever a time on the wall comes once', () => {
    const zones = fc.constantFrom('Asia/Shanghai', 'America/New_York', 'Europe/Berlin', 'Pacific/Apia', 'Asia/Kathmandu')
    fc.assert(
      fc.property(zones, fc.integer({ min: 0, max: 20 * 365 * 24 * 4 }), (zone, quarter) => {
        const instant = Date.UTC(2010, 0, 1) + quarter * 15 * MINUTE
        const { date, clock } = localAt(zone, instant)
        const back = instantOf(zone, date, clock)
        expect(localAt(zone, back)).toEqual({ date, clock })
        expect(back <= instant && instant - back <= HOUR).toBe(true)
        expect(Math.min(nextHour(zone, instant), nextMidnight(zone, instant))).toBeGreaterThan(instant)
      }),
    )
  })

  it('a time that is left out is as much later', () => {
    const { date } = localAt('Europe/Berlin', at('2026-03-29T12:00:00Z'))
    expect(formatInstant(instantOf('Europe/Berlin', date, 2.5 * HOUR))).toBe('2026-03-29T01:30:00.000Z')
  })
})

describe('days and hours', () => {
  const city = calendar({ holidays: ['2026-10-01'], workdays: ['2026-10-10'] })

  it.each([
    ['2026-10-01T09:00:00+08:00', false, true],
    ['2026-10-10T09:00:00+08:00', true, false],
    ['2026-10-11T09:00:00+08:00', false, false],
    ['2026-10-12T00:00:00+08:00', true, false],
  ])('%s: working day %s, holiday %s', (instant, working, holiday) => {
    expect([isWorkingDay(city, at(instant)), isHoliday(city, at(instant))]).toEqual([working, holiday])
  })

  it('turn on the wall', () => {
    const now = at('2026-10-01T23:10:00+08:00')
    expect(hourOf(city, now)).toBe(23)
    expect([hourTurn(city, now), dayTurn(city, now)]).toEqual([at('2026-10-02T00:00:00+08:00'), at('2026-10-02T00:00:00+08:00')])
    const berlin = calendar({ zone: 'Europe/Berlin' })
    // Two o'clock comes twice.
    for (const half of ['2026-10-25T00:30:00Z', '2026-10-25T01:30:00Z']) expect(formatInstant(hourTurn(berlin, at(half)))).toBe('2026-10-25T02:00:00.000Z')
  })

  it('a calendar without days of its own follows the city’s', () => {
    const own = calendar({ hours: [{ days: ['work'], from: '08:00', to: '18:00' }] })
    const calendars = new Map([['managed', own]])
    const holiday = at('2026-10-01T09:00:00+08:00')
    expect(isOn(calendarNamed(calendars, 'managed') ?? city, holiday)).toBe(true)
    calendars.set('city', city)
    expect(isOn(calendarNamed(calendars, 'managed') ?? city, holiday)).toBe(false)
    expect(calendarNamed(calendars, 'nobody')).toBe(undefined)
  })
})

describe('the calendars of the book', () => {
  const book = z.record(z.string(), CalendarSchema).parse(parse(readFileSync(join(import.meta.dirname, 'book', 'calendars.yaml'), 'utf8')))

  it('have seven holidays of 2026, and work on weekends only where days were moved', () => {
    const days = (book.city?.holidays ?? []).map((day) => Date.parse(day) / DAY)
    expect(days.filter((day) => !days.includes(day - 1)).length).toBe(7)
    for (const day of book.city?.workdays ?? []) expect([0, 6]).toContain(new Date(day).getUTCDay())
  })

  it.each([
    ['managed-hours', '2026-11-21T12:00:00+08:00', true],
    ['night-market', '2026-11-21T12:00:00+08:00', false],
    ['muck-hours', '2026-11-21T02:00:00+08:00', true],
    ['city', '2026-10-10T09:00:00+08:00', true],
    ['city', '2026-10-01T09:00:00+08:00', false],
  ])('%s at %s: %s', (id, instant, expected) => {
    const named = calendarNamed(new Map(Object.entries(book)), id)
    expect(named && isOn(named, at(instant))).toBe(expected)
  })
})
