import type { z } from 'zod'
import type { Detail } from '../domain/errors.ts'
import { CodedError } from '../domain/errors.ts'
import type { Principal, Role } from '../domain/role.ts'
import type { ApiDeps } from './deps.ts'
import { coerceQuery } from './query.ts'
import type { Reply } from './reply.ts'

/** Where a request came from, as far as handlers may care. */
export interface Origin {
  address: string
  /** The session in the cookie, if that is how the caller is known. */
  session: string | undefined
  lastEventId: string | undefined
  /** Who the same credentials belong to now: undefined once they are withdrawn. */
  stillWho(): Promise<Principal | undefined>
}

export interface Raw<Who> {
  params: unknown
  query: unknown
  body: unknown
  who: Who
  origin: Origin
  deps: ApiDeps
}

export interface Input<P, Q, B, Who> {
  params: P
  query: Q
  body: B
  who: Who
  origin: Origin
  deps: ApiDeps
}

/** What a route answers when all is well, for the documents and for the tests that hold it to its word. */
export interface Answer {
  status: 200 | 201 | 204 | 303
  what: string
  /** Of JSON answers. */
  schema?: z.ZodType
  /** Of other answers. */
  media?: readonly string[]
  /** When it takes longer: answered with 202, the same schema and a Location to ask at. */
  later?: string
}

interface Spec<P extends z.ZodObject, Q extends z.ZodObject, B extends z.ZodType, Who> {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** As the contract writes it, from the root: `/api/v1/alerts/{id}`. */
  path: string
  summary: string
  params?: P
  query?: Q
  body?: B
  answer: Answer
  /** Word of the audit log for a change; `detail` what to write beside it, the body as JSON if absent. */
  audit?: { what: string; detail?: (body: z.output<B>, params: z.output<P>, query: z.output<Q>) => string }
  handle(input: Input<z.output<P>, z.output<Q>, z.output<B>, Who>): Promise<Reply>
}

/** One line of the table of routes. From it come the router, the role check, OpenAPI and the role × path table. */
export interface Route {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  path: string
  summary: string
  /** The least role; `open` to strangers; `local`: any role, or no credentials at all from the machine itself. */
  role: Role | 'open' | 'local'
  params: z.ZodObject | undefined
  query: z.ZodObject | undefined
  body: z.ZodType | undefined
  answer: Answer
  audit: string | undefined
  /** Checks the request and handles it. Throws `request.invalid` with every field that is wrong. */
  run(raw: Raw<Principal | undefined>): Promise<{ reply: Reply; detail: string }>
}

type Nothing = z.ZodObject<Record<never, never>>

/** A route for callers with at least this role. */
export function route<P extends z.ZodObject = Nothing, Q extends z.ZodObject = Nothing, B extends z.ZodType = z.ZodType>(role: Role, spec: Spec<P, Q, B, Principal>): Route {
  return toRoute(role, spec, (who) => {
    if (!who) throw new CodedError('auth.required')
    return who
  })
}

/** A route for strangers too, or for whoever asks from the machine itself. */
export function openRoute<P extends z.ZodObject = Nothing, Q extends z.ZodObject = Nothing, B extends z.ZodType = z.ZodType>(
  role: 'open' | 'local',
  spec: Spec<P, Q, B, Principal | undefined>,
): Route {
  return toRoute(role, spec, (who) => who)
}

function toRoute<P extends z.ZodObject, Q extends z.ZodObject, B extends z.ZodType, Who>(
  role: Route['role'],
  spec: Spec<P, Q, B, Who>,
  admit: (who: Principal | undefined) => Who,
): Route {
  const { method, path, summary, params, query, body, answer, audit } = spec
  return {
    ...{ method, path, summary, role, params, query, body, answer, audit: audit?.what },
    async run(raw) {
      const who = admit(raw.who)
      const details: Detail[] = []
      const given = {
        params: check<z.output<P>>(params, raw.params, 'path', details),
        query: check<z.output<Q>>(query, query ? coerceQuery(query, raw.query) : {}, 'query', details),
        body: check<z.output<B>>(body, raw.body ?? {}, 'body', details),
      }
      if (details.length > 0) throw new CodedError('request.invalid', undefined, { details })
      const reply = await spec.handle({ ...given, who, origin: raw.origin, deps: raw.deps })
      return { reply, detail: audit?.detail?.(given.body, given.params, given.query) ?? (body ? JSON.stringify(given.body) : '') }
    },
  }
}

/** The parsed value; what is wrong with it goes to `details`, and then nobody looks at the value. */
function check<T>(schema: z.ZodType | undefined, value: unknown, place: string, details: Detail[]): T {
  if (!schema) return {} as T
  const result = schema.safeParse(value)
  if (!result.success) details.push(...result.error.issues.map((issue) => detailOf(issue, place)))
  return result.data as T
}

function detailOf(issue: z.core.$ZodIssue, place: string): Detail {
  const unknown = issue.code === 'unrecognized_keys' ? issue.keys : []
  return { where: [place, ...issue.path.map(String)].join('.'), why: unknown.length > 0 ? `has unknown fields: ${unknown.join(', ')}` : issue.message }
}
