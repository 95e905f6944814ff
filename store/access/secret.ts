import { createHash, randomBytes, scrypt, timingSafeEqual } from 'node:crypto'

/** The work of one scrypt: N × r × 128 bytes of memory, p times over. Stored with each hash, so that it can rise later. */
export interface Cost {
  N: number
  r: number
  p: number
}

/** For what people choose: one of the equivalents that OWASP's password storage page lists (32 MiB a try). */
export const PASSWORD_COST: Cost = { N: 2 ** 15, r: 8, p: 3 }
/** For passwords that we made from 256 random bits: nobody guesses those, and a thousand gateways come back at once after an outage. */
export const RANDOM_COST: Cost = { N: 2 ** 10, r: 8, p: 1 }

/** 256 random bits that fit into a header, a cookie and a link. */
export function newSecret(): string {
  return randomBytes(32).toString('base64url')
}

/** What is stored of a random secret: it has too many bits to be tried out, so a fast hash suffices and can be looked up. */
export function digest(secret: string): string {
  return createHash('sha256').update(secret).digest('hex')
}

/** Password → `scrypt$N$r$p$salt$hash`, salted anew each time. */
export async function hashPassword(password: string, cost: Cost): Promise<string> {
  const salt = randomBytes(16)
  const hash = await derive(password, salt, cost)
  return ['scrypt', cost.N, cost.r, cost.p, salt.toString('base64'), hash.toString('base64')].join('$')
}

/** True when `stored` was made from this password; compares in constant time. */
export async function passwordMatches(password: string, stored: string): Promise<boolean> {
  const [, N, r, p, salt = '', hash = ''] = stored.split('$')
  const expected = Buffer.from(hash, 'base64')
  const actual = await derive(password, Buffer.from(salt, 'base64'), { N: Number(N), r: Number(r), p: Number(p) })
  return actual.length === expected.length && timingSafeEqual(actual, expected)
}

function derive(password: string, salt: Buffer, { N, r, p }: Cost): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>()
  // One keyboard writes é as one code point, another as two: the person typed the same password.
  scrypt(password.normalize('NFC'), salt, 32, { N, r, p, maxmem: 256 * N * r }, (error, key) => (error ? reject(error) : resolve(key)))
  return promise
}
