import { z } from 'zod'
import { TextsSchema } from '../../domain/asset.ts'
import { RuleFaultSchema } from '../../domain/authoring.ts'
import { FUNCTIONS } from '../../rules/language/functions.ts'
import { json } from '../reply.ts'
import { type Route, route } from '../route.ts'
import { Id } from './fields.ts'

const FunctionSchema = z.object({
  name: z.string(),
  signatures: z.array(z.string()).describe('CEL signatures, name(types): type'),
  only: z.enum(['object', 'asset']).nullable().describe('for rules whose key is an object, or the others; null: both'),
  kinds: z.array(z.string()).nullable().describe('kinds of observation it makes sense for; null: all'),
  help: TextsSchema,
  example: z.string(),
})

/** What an editor of conditions needs: the words of the language, and what is wrong with a text. */
export const RULE_LANGUAGE: readonly Route[] = [
  route('viewer', {
    method: 'GET',
    path: '/api/v1/rule-language',
    summary: 'The functions that conditions may call.',
    answer: { status: 200, what: 'the functions', schema: z.object({ functions: z.array(FunctionSchema) }) },
    handle: async () => json({ functions: FUNCTIONS.map(({ name, signatures, only = null, kinds = null, help, example }) => ({ name, signatures, only, kinds, help, example })) }),
  }),
  route('author', {
    method: 'POST',
    path: '/api/v1/rules/{id}/check',
    summary: 'Everything that would keep a text from being saved as a version of this rule; nothing is kept.',
    params: z.object({ id: Id }),
    body: z.strictObject({ source: z.string().max(65_536) }),
    answer: { status: 200, what: 'what is wrong; empty when nothing is', schema: z.object({ errors: z.array(RuleFaultSchema) }) },
    handle: async ({ params, body, deps }) => json({ errors: await deps.authoring.check(params.id, body.source) }),
  }),
]
