import { z } from 'zod'
import { AlertDetailSchema, AlertSchema, CONDITIONS, REVIEWS, VERDICTS } from '../../domain/alert.ts'
import { REASONS } from '../../domain/attention.ts'
import { CaseSchema } from '../../domain/case.ts'
import { SEVERITIES } from '../../domain/rule.ts'
import { InstantText, PAGE, pageOf } from '../query.ts'
import { json } from '../reply.ts'
import { type Route, route } from '../route.ts'
import { Id, Note } from './fields.ts'

const params = z.object({ id: Id })
/** Nobody acts on alerts that he was not shown unless he says so. */
const Members = z.boolean().optional().describe('also the other alerts of its group')

export const ALERTS: readonly Route[] = [
  route('viewer', {
    method: 'GET',
    path: '/api/v1/alerts',
    summary: 'Alerts of your area, newest first.',
    query: z.object({
      condition: z.array(z.enum(CONDITIONS)).optional(),
      review: z.array(z.enum(REVIEWS)).optional(),
      severity: z.array(z.enum(SEVERITIES)).optional(),
      attention: z
        .array(z.enum(['all', 'shown', 'quiet', ...REASONS]))
        .optional()
        .describe('shown to operators, kept quiet, or by a reason; all if absent'),
      rule: Id.optional(),
      asset: Id.optional(),
      area: z
        .string()
        .regex(/^\d{1,15}$/, 'must be the code of an area')
        .optional(),
      from: InstantText.optional().describe('raised at or after'),
      to: InstantText.optional().describe('raised at or before'),
      ...PAGE,
    }),
    answer: { status: 200, what: 'alerts', schema: pageOf(AlertSchema) },
    handle: async ({ query, who, deps }) => json(await deps.alerts.list(query, who)),
  }),
  route('viewer', {
    method: 'GET',
    path: '/api/v1/alerts/{id}',
    summary: 'One alert with provenance, evidence, timeline and candidates.',
    params,
    answer: { status: 200, what: 'the alert', schema: AlertDetailSchema },
    handle: async ({ params, who, deps }) => json(await deps.alerts.get(params.id, who)),
  }),
  route('operator', {
    method: 'POST',
    path: '/api/v1/alerts/{id}/acknowledge',
    summary: 'I am looking at it.',
    params,
    body: z.strictObject({ members: Members }),
    answer: { status: 200, what: 'the alert', schema: AlertSchema },
    audit: { what: 'alert.acknowledge' },
    handle: async ({ params, body, who, deps }) => json(await deps.alerts.acknowledge(params.id, who, body.members)),
  }),
  route('operator', {
    method: 'POST',
    path: '/api/v1/alerts/{id}/verdict',
    summary: 'Judge it. A later verdict counts instead of the earlier one; all are kept.',
    params,
    body: z.strictObject({ verdict: z.enum(VERDICTS), reason: Note, members: Members }),
    answer: { status: 200, what: 'the alert', schema: AlertSchema },
    audit: { what: 'alert.verdict' },
    handle: async ({ params, body, who, deps }) => json(await deps.alerts.judge(params.id, body, who)),
  }),
  route('dispatcher', {
    method: 'POST',
    path: '/api/v1/alerts/{id}/dispatch',
    summary: 'Make it a case. Asked twice, the same case.',
    params,
    body: z.strictObject({ desk: Id.optional(), note: Note, members: Members }),
    answer: { status: 200, what: 'the case', schema: CaseSchema },
    audit: { what: 'alert.dispatch' },
    handle: async ({ params, body, who, deps }) => json(await deps.cases.dispatch(params.id, body, who)),
  }),
]
