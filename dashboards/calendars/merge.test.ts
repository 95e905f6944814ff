import { expect, it } from 'vitest'
import { type Calendar, CalendarSchema } from '../../domain/calendar.ts'
import { changedParts, isWhole, mergeCalendars } from './merge.ts'

const calendar = (fields: object): Calendar => CalendarSchema.parse(fields)
const BASE = calendar({ holidays: ['2026-10-01'] })
const day = { ...BASE, hours: [{ days: ['work' as const], from: '07:00', to: '19:00' }] }
const night = { ...BASE, hours: [{ days: ['work' as const], from: '19:00', to: '07:00' }] }
const easter = { ...BASE, holidays: ['2026-04-06', '2026-10-01'] }

it.each<[string, Calendar, Calendar, Calendar | undefined]>([
  ['joins what two people did to different parts', day, easter, { ...day, holidays: easter.holidays }],
  ['takes theirs where I did nothing', BASE, easter, easter],
  ['takes mine where they did nothing', day, BASE, day],
  ['takes what both did alike', day, day, day],
  ['does not choose between two ways to change one part', day, night, undefined],
])('%s', (_, mine, theirs, expected) => {
  expect(mergeCalendars(BASE, mine, theirs)).toEqual(expected)
})

it('says which parts were changed', () => {
  expect(changedParts(BASE, { ...day, source: 'mayor' })).toEqual(['hours', 'source'])
  expect(changedParts(BASE, BASE)).toEqual([])
})

it.each<[string, object, boolean]>([
  ['a whole stretch', { days: ['work'], from: '07:00', to: '19:00' }, true],
  ['a stretch of no day', { days: [], from: '07:00', to: '19:00' }, false],
  ['a stretch that is half typed', { days: ['work'], from: '7', to: '19:00' }, false],
  ['a stretch past the day', { days: ['work'], from: '07:00', to: '25:00' }, false],
  ['a stretch to the end of the day', { days: ['work'], from: '07:00', to: '24:00' }, true],
])('%s can be saved: %s', (_, stretch, whole) => {
  expect(isWhole({ ...BASE, hours: [stretch] as Calendar['hours'] })).toBe(whole)
})
