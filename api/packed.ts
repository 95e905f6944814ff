import { createHash } from 'node:crypto'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'

/** A large JSON document that many ask for: text, compressed text and name of the content, made once. */
export interface Packed {
  plain: Buffer
  gzip: Buffer
  etag: string
}

const compress = promisify(gzip)
const made = new WeakMap<object, Promise<Packed>>()

/** Packs a document; the same object is packed only once. */
export function pack(document: object): Promise<Packed> {
  const known = made.get(document)
  if (known !== undefined) return known
  const packed = packNew(document)
  made.set(document, packed)
  // A failure is not a result to remember.
  packed.catch(() => made.delete(document))
  return packed
}

async function packNew(document: object): Promise<Packed> {
  const plain = Buffer.from(JSON.stringify(document))
  return { plain, gzip: await compress(plain), etag: `"${createHash('sha256').update(plain).digest('base64url')}"` }
}
