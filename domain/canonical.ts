import canonicalize from 'canonicalize'

/** Canonical JSON (RFC 8785): equal values give equal text, so hashes and comparisons are exact. */
export function canonical(value: unknown): string {
  const text = canonicalize(value)
  if (text === undefined) throw new TypeError('a value without a JSON form has no canonical text')
  return text
}
