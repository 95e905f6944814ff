import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { z } from 'zod'
import { CalendarSchema } from '../domain/calendar.ts'
import type { Book } from '../store/book/book.ts'
import { BOOK_DIR, CALENDARS } from './commands/rules.ts'
import type { BookAppender } from './rule-book.ts'

const CalendarsSchema = z.record(z.string(), CalendarSchema)

/** At the first start the city's calendars go into the journal, as its rules do; later the journal is the truth (S1). */
export async function importCalendars(book: Pick<Book, 'calendars'>, journal: BookAppender): Promise<void> {
  // What was appended by a start that died may not show in the book yet.
  if ((await book.calendars.ids()).size === 0) await journal.shown()
  if ((await book.calendars.ids()).size > 0) return
  const calendars = CalendarsSchema.parse(parse(readFileSync(join(BOOK_DIR, CALENDARS), 'utf8')))
  await journal.append(Object.entries(calendars).map(([id, calendar]) => ({ type: 'calendar', by: 'platform', id, calendar })))
}
