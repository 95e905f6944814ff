import { z } from 'zod'
import { AlertDetailSchema, AlertSchema } from '../domain/alert.ts'
import { BacktestSchema, ExplanationSchema, RuleDiffSchema, RuleStatsSchema } from '../domain/authoring.ts'
import { CaseSchema } from '../domain/case.ts'
import { ERRORS } from '../domain/errors.ts'
import { RuleFileSchema } from '../domain/rule.ts'
import type { Route } from './route.ts'

type Json = Record<string, unknown>

const ProblemSchema = z.looseObject({
  type: z.string(),
  title: z.string(),
  status: z.number().int(),
  detail: z.string(),
  code: z.enum(Object.keys(ERRORS)),
  retry: z.boolean().describe('the same request may succeed later'),
  errors: z
    .array(z.object({ where: z.string().optional(), why: z.string() }))
    .optional()
    .describe('every field that is wrong'),
})

const NAMED = z.registry<{ id: string }>()
NAMED.add(AlertSchema, { id: 'Alert' })
NAMED.add(AlertDetailSchema, { id: 'AlertDetail' })
NAMED.add(CaseSchema, { id: 'Case' })
NAMED.add(RuleFileSchema, { id: 'RuleFile' })
NAMED.add(RuleStatsSchema, { id: 'RuleStats' })
NAMED.add(RuleDiffSchema, { id: 'RuleDiff' })
NAMED.add(BacktestSchema, { id: 'Backtest' })
NAMED.add(ExplanationSchema, { id: 'Explanation' })
NAMED.add(ProblemSchema, { id: 'Problem' })

/** OpenAPI 3.1 of a table of routes. */
export function openapi(routes: readonly Route[]): object {
  const components: Json = {}
  const paths: Record<string, Json> = {}
  named(ProblemSchema, components)
  for (const route of routes) {
    const path = paths[route.path] ?? {}
    path[route.method.toLowerCase()] = operation(route, components)
    paths[route.path] = path
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Wanglou 望楼',
      version: '1',
      description: 'Times are RFC 3339 in UTC with milliseconds. Lists are {items, next}. Errors are RFC 9457 problem details with a code.',
    },
    paths,
    components: {
      schemas: components,
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer', description: 'an API token' },
        session: { type: 'apiKey', in: 'cookie', name: 'wanglou_session', description: 'set by POST session; changes need an Origin of the same host' },
      },
    },
  }
}

function operation(route: Route, components: Json): Json {
  return {
    operationId: `${route.method.toLowerCase()}${route.path.replace('/api/v1', '').replace(/[^A-Za-z]+(\w)/g, (_, letter: string) => letter.toUpperCase())}`.replace(/\W/g, ''),
    summary: route.summary,
    tags: [route.path.replace('/api/v1', '').split('/')[1]],
    'x-role': route.role,
    security: securityOf(route.role),
    parameters: [...parameters(route.params, 'path'), ...parameters(route.query, 'query')],
    ...(route.body ? { requestBody: { required: !route.body.safeParse({}).success, content: { 'application/json': { schema: incoming(route.body) } } } } : {}),
    responses: {
      [route.answer.status]: { description: route.answer.what, ...contentOf(route, components) },
      ...(route.answer.later
        ? { 202: { description: route.answer.later, headers: { Location: { schema: { type: 'string' }, description: 'where to ask' } }, ...contentOf(route, components) } }
        : {}),
      default: { description: 'a problem', content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } } },
    },
  }
}

function securityOf(role: Route['role']): Json[] {
  if (role === 'open') return []
  return [{ token: [] }, { session: [] }, ...(role === 'local' ? [{}] : [])]
}

function parameters(schema: z.ZodObject | undefined, place: 'path' | 'query'): Json[] {
  if (!schema) return []
  const { properties = {}, required = [] } = incoming(schema) as { properties?: Record<string, Json>; required?: string[] }
  return Object.entries(properties).map(([name, { description, ...field }]) => ({
    ...{ name, in: place, required: place === 'path' || required.includes(name), schema: field },
    ...(description ? { description } : {}),
    // A list is `a,b` or the same name twice; a document can only say one of them.
    ...(field.type === 'array' ? { style: 'form', explode: false } : {}),
  }))
}

function contentOf({ answer }: Route, components: Json): Json {
  if (answer.schema) return { content: { 'application/json': { schema: named(answer.schema, components) } } }
  if (answer.media) return { content: Object.fromEntries(answer.media.map((type) => [type, {}])) }
  return {}
}

function incoming(schema: z.ZodType): Json {
  return bare(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }))
}

/** The schema of an answer; what has a name goes to `components` once and is pointed at. */
function named(schema: z.ZodType, components: Json): Json {
  const text = JSON.stringify(z.toJSONSchema(schema, { io: 'output', unrepresentable: 'any', metadata: NAMED, override: openEnded }))
  const { $defs = {}, ...rest } = JSON.parse(text.replaceAll('#/$defs/', '#/components/schemas/')) as Json & { $defs?: Json }
  Object.assign(components, $defs)
  return bare(rest)
}

/** Additions are free (contract.md): nobody may take a member that they do not know for an error. And a name is no part of a schema. */
function openEnded({ jsonSchema }: { jsonSchema: Json }): void {
  if (jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties
  delete jsonSchema.id
}

function bare({ $schema: _dialect, ...schema }: Json): Json {
  return schema
}
