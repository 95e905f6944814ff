import canonicalize from 'canonicalize'

/**
 * Canonical JSON (RFC 8785): equal values give equal text, so hashes and comparisons are exact. Half a surrogate pair,
 * which JSON lets a sender write and RFC 8785 forbids, becomes U+FFFD: one device's text must not stop the book.
 */
export function canonical(value: unknown): string {
  const text = canonicalize(HALF_PAIR.test(JSON.stringify(value) ?? '') ? wellFormed(value) : value)
  if (text === undefined) throw new TypeError('a value without a JSON form has no canonical text')
  return text
}

/** JSON.stringify writes a surrogate as an escape only when its other half is missing. */
const HALF_PAIR = /\\ud[89a-f]/

function wellFormed(value: unknown): unknown {
  if (typeof value === 'string') return value.toWellFormed()
  if (Array.isArray(value)) return value.map(wellFormed)
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name.toWellFormed(), wellFormed(each)]))
}
