import { createHash } from 'node:crypto'

/** Name and password of a camera, which stand in its address. */
export interface Credentials {
  username: string
  password: string
}

/** An address without what is secret in its authority, and what was. */
export function parseAddress(text: string): { address: URL; credentials: Credentials | null } | undefined {
  const address = URL.parse(text)
  if (!address) return undefined
  const { username, password } = address
  address.username = ''
  address.password = ''
  return { address, credentials: username ? { username: decoded(username), password: decoded(password) } : null }
}

/** A password may hold a percent sign that nobody encoded. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

export interface Challenge {
  scheme: 'basic' | 'digest'
  realm: string
  nonce: string
  opaque: string | undefined
  algorithm: 'MD5' | 'SHA-256'
  sess: boolean
  qop: 'auth' | undefined
}

/**
 * The strongest challenge that can be answered among the values of WWW-Authenticate (RFC 7616, RFC 7617); several may stand in one
 * value. Undefined when there is none.
 */
export function chooseChallenge(headers: readonly string[]): Challenge | undefined {
  const challenges = headers.flatMap((header) => header.split(/(?:^|,)\s*(?=(?:basic|digest)\s)/i)).flatMap((text) => parseChallenge(text.trim()) ?? [])
  return challenges.toSorted((a, b) => strength(b) - strength(a))[0]
}

const strength = ({ scheme, algorithm }: Challenge): number => (scheme === 'basic' ? 0 : algorithm === 'MD5' ? 1 : 2)

function parseChallenge(text: string): Challenge | undefined {
  const scheme = /^(basic|digest)\b/i.exec(text)?.[1]?.toLowerCase()
  if (scheme !== 'basic' && scheme !== 'digest') return undefined
  const params = new Map([...text.matchAll(/(\w+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,]+))/g)].map(([, name = '', quoted, bare = '']) => [name.toLowerCase(), quoted ?? bare]))
  const algorithm = /^(md5|sha-256)(-sess)?$/i.exec(params.get('algorithm') ?? 'MD5')
  const offered = params.get('qop')?.split(/[\s,]+/)
  if (scheme === 'digest' && (!algorithm || params.get('nonce') === undefined || (offered && !offered.includes('auth')))) return undefined
  return {
    scheme,
    realm: params.get('realm') ?? '',
    nonce: params.get('nonce') ?? '',
    opaque: params.get('opaque'),
    algorithm: algorithm?.[1]?.toUpperCase() === 'SHA-256' ? 'SHA-256' : 'MD5',
    sess: algorithm?.[2] !== undefined,
    qop: offered ? 'auth' : undefined,
  }
}

/** What is asked for: how often this nonce was used (1, 2 …), and a nonce of our own. */
export interface Asked {
  method: string
  uri: string
  count: number
  cnonce: string
}

/** The Authorization header that answers a challenge. */
export function authorize(challenge: Challenge, { username, password }: Credentials, { method, uri, count, cnonce }: Asked): string {
  if (challenge.scheme === 'basic') return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`
  const { realm, nonce, opaque, algorithm, sess, qop } = challenge
  const hash = (text: string): string =>
    createHash(algorithm === 'MD5' ? 'md5' : 'sha256')
      .update(text)
      .digest('hex')
  const nc = count.toString(16).padStart(8, '0')
  const plain = hash(`${username}:${realm}:${password}`)
  const secret = sess ? hash(`${plain}:${nonce}:${cnonce}`) : plain
  const asked = hash(`${method}:${uri}`)
  const response = qop ? hash(`${secret}:${nonce}:${nc}:${cnonce}:${qop}:${asked}`) : hash(`${secret}:${nonce}:${asked}`)
  const quoted = Object.entries({ username, realm, nonce, uri, response, ...(opaque !== undefined && { opaque }), ...((qop || sess) && { cnonce }) })
  const bare = { algorithm: sess ? `${algorithm}-sess` : algorithm, ...(qop && { qop, nc }) }
  return `Digest ${[...quoted.map(([name, value]) => `${name}="${value.replace(/["\\]/g, '\\$&')}"`), ...Object.entries(bare).map(([name, value]) => `${name}=${value}`)].join(', ')}`
}
