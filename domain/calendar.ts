import { z } from 'zod'

const ClockSchema = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$|^24:00$/, 'must be a time of day such as 07:30')
const DateSchema = z.string().regex(/^\d{4}-\d\d-\d\d$/, 'must be a date such as 2026-10-01')
const ZoneSchema = z.string().refine(isZone, 'must be a time zone such as Asia/Shanghai')
const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const

/**
 * A calendar: when it is `on`, in local time of `zone`. Holidays are off days even on weekdays, `workdays` are working
 * days even at weekends (as Chinese holidays move them). A stretch whose end is not after its beginning runs over midnight.
 */
export const CalendarSchema = z.strictObject({
  zone: ZoneSchema.default('Asia/Shanghai'),
  /** Stretches per weekday; `work` and `rest` stand for working days and all others. */
  hours: z.array(z.strictObject({ days: z.array(z.enum([...WEEKDAYS, 'work', 'rest'])).min(1), from: ClockSchema, to: ClockSchema })).default([]),
  holidays: z.array(DateSchema).default([]),
  workdays: z.array(DateSchema).default([]),
  source: z.string().default(''),
})
export type Calendar = z.infer<typeof CalendarSchema>

function isZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }) !== undefined
  } catch {
    return false
  }
}
