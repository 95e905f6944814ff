import { describe, expect, it } from 'vitest'
import { type Calendar, CalendarSchema } from '../../domain/calendar.ts'
import { clockText, dateText, dayNumber, daySort, isOn, mondayOf, stretchesOn, turnDay, wallAt, weekdayOf, withDaysOf } from './days.ts'

const calendar = (fields: object): Calendar => CalendarSchema.parse(fields)
const on = (of: Calendar, date: string): string =>
  stretchesOn(of, dayNumber(date))
    .map(({ from, to }) => `${clockText(from)}-${clockText(to)}`)
    .join(' ')

describe('the stretches of a day', () => {
  const office = calendar({
    hours: [
      { days: ['work'], from: '08:00', to: '12:00' },
      { days: ['work'], from: '14:00', to: '18:00' },
    ],
    holidays: ['2026-10-01'],
    workdays: ['2026-10-10'],
  })
  const night = calendar({ hours: [{ days: ['work', 'rest'], from: '22:00', to: '05:00' }] })
  const friday = calendar({ hours: [{ days: ['fri'], from: '20:00', to: '02:00' }] })

  it.each([
    ['a working day', office, '2026-09-30', '08:00-12:00 14:00-18:00'],
    ['a holiday', office, '2026-10-01', ''],
    ['a Saturday', office, '2026-10-03', ''],
    ['a Saturday that is worked', office, '2026-10-10', '08:00-12:00 14:00-18:00'],
    ['nights, with the end of the one before', night, '2026-10-03', '00:00-05:00 22:00-24:00'],
    ['the end of Friday night', friday, '2026-10-03', '00:00-02:00'],
    ['a day with nothing', friday, '2026-10-04', ''],
    ['nothing that is still being typed', { ...night, hours: [{ days: ['rest' as const], from: '8', to: '12:00' }] }, '2026-10-04', ''],
    ['the whole day', calendar({ hours: [{ days: ['work', 'rest'], from: '00:00', to: '24:00' }] }), '2026-10-04', '00:00-24:00'],
    [
      'what overlaps, as one',
      calendar({
        hours: [
          { days: ['sun'], from: '09:00', to: '12:00' },
          { days: ['rest'], from: '10:00', to: '15:00' },
        ],
      }),
      '2026-10-04',
      '09:00-15:00',
    ],
  ])('are those of %s', (_, of, date, expected) => {
    expect(on(of, date)).toBe(expected)
  })

  it.each([
    ['2026-09-30T03:59:00Z', true],
    ['2026-09-30T04:00:00Z', false],
    ['2026-09-30T10:30:00Z', false],
    ['2026-10-01T03:00:00Z', false],
  ])('say whether it is on at %s: %s', (at, expected) => {
    expect(isOn(office, Date.parse(at))).toBe(expected)
  })
})

it('reads the wall of another zone', () => {
  const { day, minute } = wallAt('Asia/Shanghai', Date.parse('2026-10-01T16:30:00Z'))
  expect([dateText(day), clockText(minute), weekdayOf(day), dateText(mondayOf(day))]).toEqual(['2026-10-02', '00:30', 4, '2026-09-28'])
})

it('turns a day from plain to holiday to working day and back', () => {
  const before = { holidays: ['2026-10-01'], workdays: [] }
  const holiday = turnDay(before, '2026-09-30')
  expect(holiday).toEqual({ holidays: ['2026-09-30', '2026-10-01'], workdays: [] })
  const work = turnDay(holiday, '2026-09-30')
  expect([daySort(work, '2026-09-30'), work]).toEqual(['workday', { holidays: ['2026-10-01'], workdays: ['2026-09-30'] }])
  expect(turnDay(work, '2026-09-30')).toEqual(before)
})

it('has the city’s days only while it names none of its own', () => {
  const city = calendar({ holidays: ['2026-10-01'] })
  expect(withDaysOf(calendar({}), city).holidays).toEqual(['2026-10-01'])
  expect(withDaysOf(calendar({ workdays: ['2026-10-10'] }), city).holidays).toEqual([])
  expect(withDaysOf(calendar({}), undefined).holidays).toEqual([])
})
