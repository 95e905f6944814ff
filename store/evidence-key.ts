import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { CodedError, messageOf } from '../domain/errors.ts'
import type { Signer } from '../domain/ports/signer.ts'

/**
 * The platform's own Ed25519 key, made at the first start: PEM, readable by its owner alone. Whoever reads it can sign in the
 * platform's name, so it is in no backup that others read. Throws `data.broken` when the file holds no such key.
 */
export function openEvidenceKey(path: string): Signer {
  const key = readKey(path) ?? makeKey(path)
  const publicKey = createPublicKey(key)
  return {
    ...describeKey(publicKey),
    sign: (text) => sign(null, Buffer.from(text, 'utf8'), key).toString('base64'),
  }
}

/** The public half of a platform's key, without which its manifests prove nothing to an outsider; undefined where none was made yet. */
export function publicEvidenceKey(path: string): string | undefined {
  const key = readKey(path)
  return key && describeKey(createPublicKey(key)).publicKey
}

function describeKey(key: KeyObject): Pick<Signer, 'keyId' | 'publicKey'> {
  const digits = createHash('sha256')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest('hex')
  return { keyId: digits.slice(0, 16), publicKey: key.export({ type: 'spki', format: 'pem' }).toString() }
}

function readKey(path: string): KeyObject | undefined {
  let pem: string
  try {
    pem = readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
  try {
    const key = createPrivateKey(pem)
    if (key.asymmetricKeyType !== 'ed25519') throw new Error(`it is a key of type ${key.asymmetricKeyType}`)
    return key
  } catch (error) {
    // A new key in its place would make every manifest so far look forged.
    throw new CodedError('data.broken', `${path} is no Ed25519 key: ${messageOf(error)}`)
  }
}

function makeKey(path: string): KeyObject {
  const { privateKey } = generateKeyPairSync('ed25519')
  const temporary = `${path}.part`
  rmSync(temporary, { force: true })
  const file = openSync(temporary, 'wx', 0o600)
  try {
    writeSync(file, privateKey.export({ type: 'pkcs8', format: 'pem' }).toString())
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  renameSync(temporary, path)
  const folder = openSync(dirname(path), 'r')
  fsyncSync(folder)
  closeSync(folder)
  return privateKey
}
