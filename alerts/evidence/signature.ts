import { createHash, createPublicKey, verify } from 'node:crypto'
import { canonical } from '../../domain/canonical.ts'
import type { Signer } from '../../domain/ports/signer.ts'

/** What is signed is the canonical JSON (RFC 8785) of everything but this member. */
export interface Signature {
  algorithm: 'Ed25519'
  /** First 16 hex digits of the SHA-256 of the public key. */
  key: string
  publicKey: string
  /** Base64. */
  value: string
}

/** Canonical JSON of a document with its signature in it. */
export function signedText(body: object, signer: Signer): string {
  const signature: Signature = { algorithm: 'Ed25519', key: signer.keyId, publicKey: signer.publicKey, value: signer.sign(canonical(body)) }
  return canonical({ ...body, signature })
}

/** `unknown`: the signature is good, but by a key that is none of those trusted. */
export type SignatureFinding = { found: 'good' | 'unknown'; key: string } | { found: 'bad'; why: string }

/** Whether a document was signed as it is now, by one of the trusted public keys (PEM). */
export function checkSignature(document: unknown, trusted: readonly string[]): SignatureFinding {
  const { signature, ...body } = document as { signature?: Partial<Signature> }
  if (signature?.algorithm !== 'Ed25519' || typeof signature.value !== 'string' || typeof signature.publicKey !== 'string') return { found: 'bad', why: 'it bears no signature' }
  try {
    const key = createPublicKey(signature.publicKey)
    const good = key.asymmetricKeyType === 'ed25519' && verify(null, Buffer.from(canonical(body), 'utf8'), key, Buffer.from(signature.value, 'base64'))
    if (!good) return { found: 'bad', why: 'the signature is not that of this text' }
    const own = fingerprint(signature.publicKey)
    return { found: trusted.some((each) => fingerprint(each) === own) ? 'good' : 'unknown', key: own.slice(0, 16) }
  } catch {
    return { found: 'bad', why: 'the public key in it is none' }
  }
}

function fingerprint(pem: string): string {
  return createHash('sha256')
    .update(createPublicKey(pem).export({ type: 'spki', format: 'der' }))
    .digest('hex')
}
