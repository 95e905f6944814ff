import type { IncomingHttpHeaders } from 'node:http'
import type { Access } from '../domain/ports/access.ts'
import type { Principal } from '../domain/role.ts'

export const COOKIE = 'wanglou_session'

/** How a request says who sent it. A header wins over a cookie: a program that sends a bad token must not pass as somebody's browser. */
export type Credentials = { by: 'token'; token: string } | { by: 'cookie'; session: string } | { by: 'nothing' } | { by: 'unknown' }

export function credentialsOf(headers: IncomingHttpHeaders): Credentials {
  if (headers.authorization !== undefined) {
    const token = /^Bearer +([A-Za-z0-9._~+/-]+=*) *$/i.exec(headers.authorization)?.[1]
    return token ? { by: 'token', token } : { by: 'unknown' }
  }
  const session = cookieOf(headers.cookie)
  return session ? { by: 'cookie', session } : { by: 'nothing' }
}

function cookieOf(header: string | undefined): string | undefined {
  for (const pair of header?.split(';') ?? []) {
    const [name, value] = pair.trim().split('=', 2)
    if (name === COOKIE && value) return value
  }
  return undefined
}

export async function principalOf(credentials: Credentials, access: Access): Promise<Principal | undefined> {
  switch (credentials.by) {
    case 'token':
      return access.token(credentials.token)
    case 'cookie':
      return access.session(credentials.session)
    case 'nothing':
    case 'unknown':
      return undefined
  }
}

/**
 * Which page sent a request, by what only a browser can set: Origin, else Referer, else Sec-Fetch-Site.
 * `host` is the one that the request itself was sent to.
 */
export function senderOf(headers: IncomingHttpHeaders, host: string): 'same' | 'foreign' | 'unsaid' {
  const page = headers.origin ?? headers.referer
  if (page !== undefined) return URL.parse(page)?.host === host ? 'same' : 'foreign'
  const site = headers['sec-fetch-site']
  if (site === undefined) return 'unsaid'
  return site === 'same-origin' ? 'same' : 'foreign'
}

/**
 * True when a browser may have been made to send this change by another site. SameSite=Strict stops that in new browsers
 * but takes another port of the same host for the same site. Without a cookie only a page that says it is foreign is refused.
 */
export function forged(method: string, credentials: Credentials, headers: IncomingHttpHeaders, host: string): boolean {
  if (method === 'GET' || method === 'HEAD' || credentials.by === 'token') return false
  const sender = senderOf(headers, host)
  return credentials.by === 'cookie' ? sender !== 'same' : sender === 'foreign'
}

/** True for a request from this machine itself, not passed on by a proxy on it and not by a page that was lured to a local name. */
export function isLocal(address: string | undefined, host: string, headers: IncomingHttpHeaders): boolean {
  const passedOn = headers.forwarded !== undefined || headers['x-forwarded-for'] !== undefined
  const name = URL.parse(`http://${host}`)?.hostname ?? ''
  return !passedOn && isLoopback(address ?? '') && (name === 'localhost' || isLoopback(name))
}

function isLoopback(address: string): boolean {
  return /^(::ffff:)?127(\.\d{1,3}){3}$/.test(address) || address === '::1' || address === '[::1]'
}
