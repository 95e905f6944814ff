import type { Request, Response } from 'express'
import { DATA_POLICY } from './headers.ts'
import { COOKIE } from './identity.ts'
import type { Reply } from './reply.ts'
import type { Answer } from './route.ts'

const FOR_EVER = 'private, max-age=31536000, immutable'

/** Writes a handler's reply. Data is never kept by caches, except what can never change. */
export function send(request: Request, response: Response, reply: Reply, answer: Answer): void {
  response.setHeader('content-security-policy', DATA_POLICY)
  response.setHeader('cache-control', 'no-store')
  if ('session' in reply && reply.session !== undefined) setSession(request, response, reply.session)
  if ('json' in reply) {
    if (reply.location !== undefined) response.setHeader('location', reply.location)
    if (reply.status === 503) response.setHeader('retry-after', '5')
    response.status(reply.status ?? answer.status).json(reply.json)
  } else if ('text' in reply) response.status(200).type(reply.type).send(reply.text)
  else if ('bytes' in reply) sendBytes(request, response, reply)
  else if ('packed' in reply) sendPacked(request, response, reply)
  else if ('redirect' in reply) response.redirect(303, reply.redirect)
  else if ('stream' in reply) sendStream(request, response, reply)
  else response.status(204).end()
}

function setSession(request: Request, response: Response, session: string | null): void {
  const attributes = { httpOnly: true, sameSite: 'strict', secure: request.secure, path: '/' } as const
  if (session === null) response.clearCookie(COOKIE, attributes)
  else response.cookie(COOKIE, session, attributes)
}

function sendPacked(request: Request, response: Response, { packed }: Extract<Reply, { packed: unknown }>): void {
  response.setHeader('etag', packed.etag)
  response.setHeader('cache-control', 'private, no-cache')
  response.setHeader('vary', 'accept-encoding')
  if (request.fresh) return void response.status(304).end()
  const zipped = request.acceptsEncodings('gzip') === 'gzip'
  if (zipped) response.setHeader('content-encoding', 'gzip')
  response
    .status(200)
    .type('application/json')
    .send(zipped ? packed.gzip : packed.plain)
}

function sendBytes(request: Request, response: Response, { bytes, type, tag, headers }: Extract<Reply, { bytes: Uint8Array }>): void {
  for (const [name, value] of Object.entries(headers ?? {})) response.setHeader(name, value)
  if (tag !== undefined) {
    response.setHeader('etag', `"${tag}"`)
    response.setHeader('cache-control', FOR_EVER)
    if (request.fresh) return void response.status(304).end()
  }
  response.type(type).setHeader('accept-ranges', 'bytes')
  // Players ask for one range at a time; whoever asks for several gets the whole, as RFC 9110 allows.
  const ranges = request.range(bytes.byteLength)
  if (ranges === -1) return void response.setHeader('content-range', `bytes */${bytes.byteLength}`).status(416).end()
  const range = Array.isArray(ranges) && ranges.type === 'bytes' && ranges.length === 1 ? ranges[0] : undefined
  if (range) response.status(206).setHeader('content-range', `bytes ${range.start}-${range.end}/${bytes.byteLength}`)
  const part = range ? bytes.subarray(range.start, range.end + 1) : bytes
  response.send(Buffer.from(part.buffer, part.byteOffset, part.byteLength))
}

function sendStream(request: Request, response: Response, { stream }: Extract<Reply, { stream: unknown }>): void {
  // HEAD would wait for ever for the end of what has none.
  if (request.method === 'HEAD') response.type('text/event-stream').end()
  else stream(response)
}
