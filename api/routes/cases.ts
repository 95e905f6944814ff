import { z } from 'zod'
import { CASE_STATES, CaseSchema } from '../../domain/case.ts'
import { InstantText, PAGE, pageOf } from '../query.ts'
import { created, json } from '../reply.ts'
import { type Route, route } from '../route.ts'
import { Id, Note } from './fields.ts'

const params = z.object({ id: Id })

const Order = z
  .strictObject({
    type: z.string().regex(/^[a-z][a-z0-9_-]{0,31}$/, 'must be a word such as maintenance'),
    asset: Id,
    from: InstantText.nullable().default(null),
    to: InstantText.nullable().default(null),
    note: Note,
  })
  .refine(({ from, to }) => from === null || to === null || from < to, { path: ['to'], message: 'must be later than from' })

const OutEventSchema = z.object({
  seq: z.number().int(),
  id: z.string(),
  type: z.string(),
  time: z.string(),
  subject: z.string(),
  area: z.string().nullable(),
  data: z.unknown(),
})

export const CASES: readonly Route[] = [
  route('viewer', {
    method: 'GET',
    path: '/api/v1/cases',
    summary: 'Cases of your area, newest first.',
    query: z.object({ state: z.array(z.enum(CASE_STATES)).optional(), asset: Id.optional(), ...PAGE }),
    answer: { status: 200, what: 'cases', schema: pageOf(CaseSchema) },
    handle: async ({ query, who, deps }) => json(await deps.cases.list(query, who)),
  }),
  route('dispatcher', {
    method: 'POST',
    path: '/api/v1/cases',
    summary: 'A case by hand, for example a maintenance order for an asset between two times.',
    body: Order,
    answer: { status: 201, what: 'the case', schema: CaseSchema },
    audit: { what: 'case.open' },
    handle: async ({ body, who, deps }) => created(await deps.cases.open(body, who)),
  }),
  route('viewer', {
    method: 'GET',
    path: '/api/v1/cases/{id}',
    summary: 'One case with its history.',
    params,
    answer: { status: 200, what: 'the case', schema: CaseSchema },
    handle: async ({ params, who, deps }) => json(await deps.cases.get(params.id, who)),
  }),
  route('dispatcher', {
    method: 'POST',
    path: '/api/v1/cases/{id}/transitions',
    summary: 'Move a case. An illegal move is refused with the `allowed` ones.',
    params,
    body: z.strictObject({ to: z.enum(CASE_STATES), note: Note, photos: z.array(Id).max(16).default([]) }),
    answer: { status: 200, what: 'the case', schema: CaseSchema },
    audit: { what: 'case.move' },
    handle: async ({ params, body, who, deps }) => json(await deps.cases.move(params.id, body, who)),
  }),
  route('viewer', {
    method: 'GET',
    path: '/api/v1/events',
    summary: "Alerts' and cases' events in order. `next` is where to go on, also when there is nothing yet.",
    query: z.object({
      after: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER).default(0),
      types: z.array(z.string().max(100)).optional(),
      limit: PAGE.limit,
    }),
    answer: { status: 200, what: 'events', schema: z.object({ items: z.array(OutEventSchema), next: z.number().int() }) },
    handle: async ({ query, who, deps }) => json(await deps.events.after(query.after, query, who)),
  }),
]
