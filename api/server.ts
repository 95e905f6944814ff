import { randomUUID } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import express, { type ErrorRequestHandler, type Express, type Request, type RequestHandler, type Response } from 'express'
import { CodedError, messageOf } from '../domain/errors.ts'
import { formatInstant } from '../domain/time.ts'
import { admission } from './admission.ts'
import type { ApiDeps } from './deps.ts'
import { ALWAYS, DATA_POLICY } from './headers.ts'
import { credentialsOf, forged, isLocal, principalOf } from './identity.ts'
import { page } from './page.ts'
import { problemOf } from './problem.ts'
import type { Route } from './route.ts'
import { ROUTES } from './routes.ts'
import { send } from './send.ts'

/** The owner of Express: the API and the page over HTTP. */
export interface Api {
  /** For a server of one's own. */
  app: Express
  /** Accepts requests once it resolves; port 0 takes a free one. Throws `port.in_use`. */
  listen(host: string, port: number): Promise<{ port: number; close(): Promise<void> }>
}

const BODY_LIMIT = 256 * 1024
/** What is still being answered at the end is given so long. */
const CLOSE_MS = 3000

export function createApi(deps: ApiDeps): Api {
  const app = express()
  app.disable('x-powered-by')
  app.disable('etag')
  app.set('trust proxy', deps.proxies ? [...deps.proxies] : false)
  app.use(always)
  for (const route of ROUTES) app[route.method.toLowerCase() as 'get'](expressPath(route.path), serve(route, deps))
  for (const path of new Set(ROUTES.map((route) => route.path))) app.all(expressPath(path), otherMethod(path))
  app.use(['/api', '/metrics', '/open311'], nothingHere)
  if (deps.staticDir !== null) app.use(...page(express.static, deps.staticDir, () => deps.site().tileUrl))
  app.use(nothingHere)
  app.use(failed(deps))
  return { app, listen: (host, port) => listen(createServer(app), host, port, deps) }
}

const always: RequestHandler = (request, response, next) => {
  for (const [name, value] of Object.entries(ALWAYS)) response.setHeader(name, value)
  if (request.secure) response.setHeader('strict-transport-security', 'max-age=31536000')
  next()
}

const nothingHere: RequestHandler = () => {
  throw new CodedError('not_found')
}

function otherMethod(path: string): RequestHandler {
  const allow = ROUTES.filter((route) => route.path === path).map((route) => route.method)
  return () => {
    throw new CodedError('method.not_allowed', undefined, { extra: { allow: allow.join(', ') } })
  }
}

/** One request: who asks, may they, what do they want, do it, write it down, answer. */
function serve(route: Route, deps: ApiDeps): RequestHandler {
  return async (request, response) => {
    const begin = performance.now()
    response.once('close', () => deps.answered?.({ method: route.method, path: route.path, status: response.statusCode, ms: performance.now() - begin }))
    // A mail scanner that looks whether a one-time link leads anywhere must not use it up.
    if (request.method === 'HEAD' && route.answer.status === 303) throw new CodedError('method.not_allowed', undefined, { extra: { allow: 'GET' } })
    const credentials = credentialsOf(request.headers)
    const who = await principalOf(credentials, deps.access)
    const local = isLocal(request.socket.remoteAddress, request.headers.host ?? '', request.headers)
    const decision = admission(route.role, who, local)
    if (decision === 'auth.required') throw new CodedError(decision)
    if (forged(request.method, route.role === 'open' ? { by: 'nothing' } : credentials, request.headers, request.host ?? '')) throw new CodedError('auth.origin')
    if (decision === 'auth.forbidden') throw new CodedError(decision, `This takes the role ${route.role} or more.`)
    const body = await bodyOf(request, response)
    const origin = {
      address: request.ip ?? '',
      session: credentials.by === 'cookie' ? credentials.session : undefined,
      lastEventId: request.get('last-event-id'),
      stillWho: () => principalOf(credentials, deps.access),
    }
    const { reply, detail } = await route.run({ params: request.params, query: request.query, body, who, origin, deps })
    if (route.audit && who) record(deps, who.name, route.audit, request.params.id, detail)
    send(request, response, reply, route.answer)
  }
}

const AUDIT_DETAIL = 2000

function record(deps: ApiDeps, by: string, what: string, target: unknown, detail: string): void {
  try {
    deps.audit.append({ at: formatInstant(deps.now()), by, what, target: typeof target === 'string' ? target : '', detail: detail.slice(0, AUDIT_DETAIL) })
  } catch (error) {
    // It has been done and cannot be undone: telling the caller that it failed would make them do it again.
    deps.log.error({ error: messageOf(error), by, what, target }, 'the audit log could not be written')
  }
}

const parseJson = express.json({ limit: BODY_LIMIT, strict: false, type: 'application/json' })

/** The JSON body, undefined when there is none; read only after the caller has been let in. */
function bodyOf(request: Request, response: Response): Promise<unknown> {
  const { promise, resolve, reject } = Promise.withResolvers<unknown>()
  const hasBody = request.headers['transfer-encoding'] !== undefined || Number(request.headers['content-length'] ?? 0) > 0
  if (!hasBody || request.method === 'GET' || request.method === 'HEAD') resolve(undefined)
  else if (!request.is('application/json')) reject(new CodedError('request.not_json'))
  else parseJson(request, response, (error?: unknown) => (error ? reject(error) : resolve(request.body)))
  return promise
}

/** The one way out for everything that was thrown. */
function failed(deps: ApiDeps): ErrorRequestHandler {
  return (error: unknown, request, response, _next) => {
    const { problem, headers, hidden } = problemOf(error, randomUUID)
    if (hidden !== undefined) deps.log.error({ id: problem.id, code: problem.code, method: request.method, path: request.path, err: hidden }, 'a request failed')
    if (response.headersSent) return void response.destroy()
    response.removeHeader('content-length')
    response.set({ ...headers, 'cache-control': 'no-store', 'content-security-policy': DATA_POLICY })
    response.status(problem.status).type('application/problem+json').send(JSON.stringify(problem))
  }
}

function expressPath(path: string): string {
  return path.replace(/\{(\w+)\}/g, ':$1')
}

async function listen(server: Server, host: string, port: number, deps: ApiDeps): Promise<{ port: number; close(): Promise<void> }> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  server.once('error', (error: NodeJS.ErrnoException) => reject(error.code === 'EADDRINUSE' ? new CodedError('port.in_use', `Port ${port} on ${host} is in use.`) : error))
  server.listen(port, host, resolve)
  await promise
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      const closed = Promise.withResolvers<void>()
      server.close(() => closed.resolve())
      deps.feed.close()
      deps.live?.close()
      server.closeIdleConnections()
      const late = setTimeout(() => server.closeAllConnections(), CLOSE_MS)
      await closed.promise
      clearTimeout(late)
    },
  }
}
