import { Webhook } from 'standardwebhooks'

/** Headers that prove who sent a body, and when (Standard Webhooks). */
export type SignedHeaders = Record<'webhook-id' | 'webhook-timestamp' | 'webhook-signature', string>

/** `id` stays the same on every attempt; `at` in ms is that of the attempt. */
export type Signer = (id: string, at: number, body: string) => SignedHeaders

/**
 * The owner of the Standard Webhooks library. While a secret is being changed there are two, newest first, and the
 * receiver may know either. Throws if there is none, or one that is no whsec_… secret; what it says does not hold the secret.
 */
export function createSigner(secrets: readonly string[]): Signer {
  if (secrets.length === 0) throw new RangeError('a desk needs a secret')
  const keys = secrets.map(keyOf)
  return (id, at, body) => ({
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(at / 1000)),
    'webhook-signature': keys.map((key) => key.sign(id, new Date(at), body)).join(' '),
  })
}

function keyOf(secret: string): Webhook {
  try {
    return new Webhook(secret)
  } catch {
    throw new RangeError('the secret is not whsec_ and base64 text')
  }
}
