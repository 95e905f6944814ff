import { z } from 'zod'
import { MatchersSchema, SILENCE_KINDS, SILENCE_STATES, SilenceSchema } from '../../domain/silence.ts'
import { InstantText, PAGE, pageOf } from '../query.ts'
import { created, json } from '../reply.ts'
import { type Route, route } from '../route.ts'
import { Id } from './fields.ts'

const Order = z.strictObject({
  kind: z.enum(SILENCE_KINDS).default('silence').describe('maintenance: planned work'),
  matchers: MatchersSchema.refine((matchers) => Object.keys(matchers).length > 0, 'must name at least one thing').describe('all that is named must agree'),
  from: InstantText.nullable().default(null).describe('from now on if absent'),
  to: InstantText.describe('at most 30 days ahead'),
  reason: z.string().trim().min(1, 'must say why').max(2000),
})

export const SILENCES: readonly Route[] = [
  route('viewer', {
    method: 'GET',
    path: '/api/v1/silences',
    summary: 'Silences and planned windows that touch your area, newest first, those that are over too.',
    query: z.object({ state: z.array(z.enum(SILENCE_STATES)).optional(), ...PAGE }),
    answer: { status: 200, what: 'silences', schema: pageOf(SilenceSchema) },
    handle: async ({ query, who, deps }) => json(await deps.silences.list(query, who)),
  }),
  route('operator', {
    method: 'POST',
    path: '/api/v1/silences',
    summary: 'Keep alerts quiet until a time. They are raised, kept and published all the same; what still goes on at the end is shown.',
    body: Order,
    answer: { status: 201, what: 'the silence', schema: SilenceSchema },
    audit: { what: 'silence.create' },
    handle: async ({ body, who, deps }) => created(await deps.silences.create(body, who)),
  }),
  route('operator', {
    method: 'DELETE',
    path: '/api/v1/silences/{id}',
    summary: 'End it now. It stays in the list, with who ended it.',
    params: z.object({ id: Id }),
    answer: { status: 200, what: 'the silence', schema: SilenceSchema },
    audit: { what: 'silence.end' },
    handle: async ({ params, who, deps }) => json(await deps.silences.end(params.id, who)),
  }),
]
