import { z } from 'zod'
import { CodedError } from '../../domain/errors.ts'
import { ROLES } from '../../domain/role.ts'
import { formatInstant } from '../../domain/time.ts'
import type { ApiDeps } from '../deps.ts'
import { json } from '../reply.ts'
import { openRoute, type Route, route } from '../route.ts'

const Who = z.object({ name: z.string(), role: z.enum(ROLES), area: z.string().describe('empty: the whole city') })

function note(deps: ApiDeps, by: string, what: string, address: string): void {
  deps.audit.append({ at: formatInstant(deps.now()), by, what, target: '', detail: address })
}

/** Path of the one-time link that `start --demo` prints. */
export function loginPath(code: string): string {
  return `/api/v1/login?code=${encodeURIComponent(code)}`
}

export const SESSION: readonly Route[] = [
  openRoute('open', {
    method: 'POST',
    path: '/api/v1/session',
    summary: 'Log in. Answers who you are and sets the cookie; throttled per account and address.',
    body: z.strictObject({ name: z.string().min(1).max(64), password: z.string().min(1).max(1024) }),
    answer: { status: 201, what: 'who you are now', schema: Who },
    async handle({ body, origin, deps }) {
      try {
        const { session, principal } = await deps.access.login(body.name, body.password, origin.address)
        note(deps, principal.name, 'session.begin', origin.address)
        return { json: principal, status: 201, session }
      } catch (error) {
        if (error instanceof CodedError && error.code === 'auth.wrong') note(deps, body.name, 'session.refused', origin.address)
        throw error
      }
    },
  }),
  route('viewer', {
    method: 'GET',
    path: '/api/v1/session',
    summary: 'Who you are.',
    answer: { status: 200, what: 'who you are', schema: Who },
    handle: async ({ who }) => json(who),
  }),
  route('viewer', {
    method: 'DELETE',
    path: '/api/v1/session',
    summary: 'Log out.',
    answer: { status: 204, what: 'logged out' },
    async handle({ origin, who, deps }) {
      if (origin.session) await deps.access.logout(origin.session)
      note(deps, who.name, 'session.end', origin.address)
      return { nothing: true, session: null }
    },
  }),
  openRoute('open', {
    method: 'GET',
    path: '/api/v1/login',
    summary: 'A one-time login link: sets the cookie and leads to the page.',
    query: z.object({ code: z.string().min(1).max(128) }),
    answer: { status: 303, what: 'logged in, go to the page' },
    async handle({ query, origin, deps }) {
      const { session, principal } = await deps.access.redeem(query.code)
      note(deps, principal.name, 'session.begin', origin.address)
      return { redirect: '/', session }
    },
  }),
]
