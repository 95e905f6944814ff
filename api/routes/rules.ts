import { z } from 'zod'
import type { RuleView } from '../../domain/ports/register.ts'
import { RULE_STATES, RuleFileSchema } from '../../domain/rule.ts'
import { formatInstant } from '../../domain/time.ts'
import { PAGE, pageOf } from '../query.ts'
import { json } from '../reply.ts'
import { type Route, route } from '../route.ts'
import { Id } from './fields.ts'

const params = z.object({ id: Id })

const RuleViewSchema = z.object({
  id: z.string(),
  version: z.number().int(),
  state: z.enum(RULE_STATES),
  author: z.string(),
  at: z.string(),
  note: z.string(),
  file: RuleFileSchema,
  source: z.string().describe('as its author wrote it'),
})

function shown(rule: RuleView): Record<string, unknown> {
  return { ...rule, at: formatInstant(rule.at) }
}

export const RULES: readonly Route[] = [
  route('viewer', {
    method: 'GET',
    path: '/api/v1/rules',
    summary: 'The rules of the city.',
    query: z.object(PAGE),
    answer: { status: 200, what: 'rules', schema: pageOf(RuleViewSchema) },
    async handle({ query, deps }) {
      const { items, next } = await deps.register.rules(query)
      return json({ items: items.map(shown), next })
    },
  }),
  route('viewer', {
    method: 'GET',
    path: '/api/v1/rules/{id}',
    summary: 'One rule as it is now.',
    params,
    answer: { status: 200, what: 'the rule', schema: RuleViewSchema },
    handle: async ({ params, deps }) => json(shown(await deps.register.rule(params.id))),
  }),
  route('viewer', {
    method: 'GET',
    path: '/api/v1/rules/{id}/versions',
    summary: 'All versions of a rule.',
    params,
    answer: { status: 200, what: 'versions', schema: pageOf(RuleViewSchema) },
    handle: async ({ params, deps }) => json({ items: (await deps.register.ruleVersions(params.id)).map(shown), next: null }),
  }),
]
