import { z } from 'zod'
import { IdSchema } from '../../domain/asset.ts'
import { CalendarSchema } from '../../domain/calendar.ts'
import { CodedError } from '../../domain/errors.ts'
import { PAGE, pageOf } from '../query.ts'
import { json } from '../reply.ts'
import { type Route, route } from '../route.ts'
import { timed } from './timed.ts'

const params = z.object({ id: IdSchema })
const version = z.number().int().min(0)
const View = z.object({ ...CalendarSchema.shape, id: z.string(), version, by: z.string(), at: z.string() })

/** The engine looks through all stretches of a calendar whenever it turns; a century has fewer holidays. */
const MOST = { hours: 200, holidays: 5000, workdays: 5000 }

const isDay = (day: string): boolean => new Date(`${day}T00:00:00Z`).toJSON()?.startsWith(day) === true

const Body = CalendarSchema.extend({
  version: version.describe('the version that you read; 0 makes a calendar'),
  // What was read may come back as it was.
  id: IdSchema.optional(),
  by: z.unknown().optional(),
  at: z.unknown().optional(),
}).superRefine(({ hours, holidays, workdays }, context) => {
  for (const [name, list] of Object.entries({ hours, holidays, workdays }))
    if (list.length > MOST[name as keyof typeof MOST]) context.addIssue({ code: 'custom', path: [name], message: `has more than ${MOST[name as keyof typeof MOST]} entries` })
  for (const [name, days] of Object.entries({ holidays, workdays }))
    for (const [index, day] of days.entries()) if (!isDay(day)) context.addIssue({ code: 'custom', path: [name, index], message: 'is no day of any year' })
})

export const CALENDARS: readonly Route[] = [
  route('viewer', {
    method: 'GET',
    path: '/api/v1/calendars',
    summary: 'The calendars in force, by id: managed hours, holidays, working days.',
    query: z.object(PAGE),
    answer: { status: 200, what: 'calendars', schema: pageOf(View) },
    async handle({ query, deps }) {
      const { items, next } = await deps.register.calendars(query)
      return json({ items: items.map(timed), next })
    },
  }),
  route('viewer', {
    method: 'GET',
    path: '/api/v1/calendars/{id}',
    summary: 'One calendar.',
    params,
    answer: { status: 200, what: 'the calendar', schema: View },
    handle: async ({ params, deps }) => json(timed(await deps.register.calendar(params.id))),
  }),
  route('author', {
    method: 'PUT',
    path: '/api/v1/calendars/{id}',
    summary: 'Make a calendar (version 0) or replace it as a whole; carries the `version` that was read.',
    params,
    body: Body,
    answer: { status: 200, what: 'the calendar', schema: View },
    audit: { what: 'calendar.put' },
    async handle({ params, body, who, deps }) {
      const { version, id, by: _by, at: _at, ...calendar } = body
      if (id !== undefined && id !== params.id) throw new CodedError('request.invalid', undefined, { details: [{ where: 'body.id', why: 'must be the id in the path' }] })
      if (who.area !== '') throw new CodedError('auth.forbidden', 'A calendar is of the whole city.')
      return json(timed(await deps.register.putCalendar(params.id, version, calendar, who)))
    },
  }),
]
