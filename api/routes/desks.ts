import { z } from 'zod'
import type { DeskStatus } from '../../domain/ports/desk.ts'
import { formatInstant } from '../../domain/time.ts'
import { PAGE, pageOf } from '../query.ts'
import { json } from '../reply.ts'
import { type Route, route } from '../route.ts'
import { Id } from './fields.ts'
import { wholeCity } from './telemetry.ts'

const params = z.object({ id: Id })
const DeskSchema = z.object({
  desk: z.string(),
  pending: z.number().int().describe('deliveries that wait'),
  dead: z.number().int().describe('dead letters'),
  disabled: z.object({ at: z.string(), why: z.string() }).nullable().describe('since when and why nothing goes to it'),
  why: z.string().nullable().describe('why the newest dead letter died, else what the oldest that waits met last'),
})

function shown({ disabled, ...desk }: DeskStatus): object {
  return { ...desk, disabled: disabled && { ...disabled, at: formatInstant(disabled.at) } }
}

/** Desks are few; their name is the cursor. */
export const DESKS: readonly Route[] = [
  route('admin', {
    method: 'GET',
    path: '/api/v1/desks',
    summary: 'Case systems outside, and what they are owed.',
    query: z.object(PAGE),
    answer: { status: 200, what: 'desks', schema: pageOf(DeskSchema) },
    async handle({ query: { limit, cursor }, who, deps }) {
      wholeCity(who)
      const rest = (await deps.desks.status()).filter(({ desk }) => cursor === undefined || desk > cursor).sort((a, b) => (a.desk < b.desk ? -1 : 1))
      return json({ items: rest.slice(0, limit).map(shown), next: rest.length > limit ? rest[limit - 1]?.desk : null })
    },
  }),
  route('admin', {
    method: 'POST',
    path: '/api/v1/desks/{id}/replay',
    summary: 'Send the dead letters of a desk again, or that of one event.',
    params,
    body: z.strictObject({ event: z.number().int().min(1).optional().describe('seq of the event') }),
    answer: { status: 200, what: 'how many go out again', schema: z.object({ replayed: z.number().int() }) },
    audit: { what: 'desk.replay' },
    async handle({ params, body, who, deps }) {
      wholeCity(who)
      return json({ replayed: await deps.desks.replay(params.id, body.event) })
    },
  }),
  route('admin', {
    method: 'POST',
    path: '/api/v1/desks/{id}/enable',
    summary: 'Send again to a desk that had answered that it is gone.',
    params,
    body: z.strictObject({}),
    answer: { status: 200, what: 'nothing more', schema: z.object({}) },
    audit: { what: 'desk.enable' },
    async handle({ params, who, deps }) {
      wholeCity(who)
      await deps.desks.enable(params.id)
      return json({})
    },
  }),
]
