import { z } from 'zod'
import { RuleFaultSchema } from '../../domain/authoring.ts'
import { KINDS } from '../../domain/fields.ts'
import { completions } from '../../rules/language/completions.ts'
import { json } from '../reply.ts'
import { type Route, route } from '../route.ts'
import { Id } from './fields.ts'

const WordSchema = z.object({
  what: z.enum(['field', 'param', 'function', 'method']),
  name: z.string(),
  insert: z.string().describe('what to write for it; | marks where the author goes on'),
  type: z.string(),
  unit: z.string().nullable(),
  values: z.array(z.string()).describe('what a text may be'),
  texts: z.array(z.array(z.string())).describe('of a function, names that its arguments may be, by position; a city may have others'),
  help: z.object({ zh: z.string().optional(), en: z.string() }),
  signatures: z.array(z.string()),
  example: z.string().nullable(),
})

/** A city has a dozen. */
const MOST_CALENDARS = 1000

/** What an editor of conditions needs: the words of the language, and what is wrong with a text. */
export const RULE_LANGUAGE: readonly Route[] = [
  route('viewer', {
    method: 'GET',
    path: '/api/v1/rule-language',
    summary: 'The fields, functions and methods that a condition over this kind of observation may use.',
    query: z.object({ on: z.enum(KINDS), each: z.literal('object').optional() }),
    answer: { status: 200, what: 'the words', schema: z.object({ words: z.array(WordSchema) }) },
    handle: async ({ query: { on, each }, deps }) => {
      const { items } = await deps.register.calendars({ limit: MOST_CALENDARS })
      return json({
        words: completions(
          on,
          each === 'object',
          {},
          items.map(({ id }) => id),
        ),
      })
    },
  }),
  route('author', {
    method: 'POST',
    path: '/api/v1/rules/{id}/check',
    summary: 'Everything that would keep a text from being saved as a version of this rule; nothing is kept.',
    params: z.object({ id: Id }),
    body: z.strictObject({ source: z.string().max(65_536) }),
    answer: {
      status: 200,
      what: 'what is wrong; empty when nothing is',
      schema: z.object({
        errors: z.array(RuleFaultSchema),
        warnings: z.array(RuleFaultSchema).describe('what the author probably does not mean; none keeps a text from being saved'),
      }),
    },
    handle: async ({ params, body, deps }) => json(await deps.authoring.check(params.id, body.source)),
  }),
]
