import { createHash } from 'node:crypto'
import { EXPORT_FORMAT } from './export.ts'
import { readManifest } from './manifest.ts'
import { checkSignature } from './signature.ts'

/** Where the files of a manifest are. `gone`: they were deleted when their time was over, and the book says so. */
export type ReadFile = (name: string, id: string) => Promise<Uint8Array | 'gone' | undefined>

/** What was looked at and found. `ok` only if everything is as it was signed, by a key that is trusted. */
export interface Verification {
  ok: boolean
  alert: string | null
  signedAt: string | null
  /** `unknown`: good, but by a key that nobody here vouches for. */
  signature: 'good' | 'unknown' | 'bad'
  key: string | null
  files: { name: string; found: 'same' | 'blurred' | 'different' | 'missing' | 'gone' | 'left out'; why?: string }[]
  /** What does not match, in words. */
  faults: string[]
}

/** Checks a manifest, and if there is one the statement of a blurred copy, offline. `trusted`: public keys (PEM). */
export async function verifyEvidence(manifestBytes: Uint8Array, statement: Uint8Array | undefined, read: ReadFile, trusted: readonly string[]): Promise<Verification> {
  const manifest = readManifest(manifestBytes)
  if (!manifest) return { ok: false, alert: null, signedAt: null, signature: 'bad', key: null, files: [], faults: ['manifest.json is no manifest of this platform'] }
  const faults: string[] = []
  const found = checkSignature(manifest, trusted)
  if (found.found === 'bad') faults.push(`manifest.json: ${found.why}`)
  if (found.found === 'unknown') faults.push(`manifest.json is signed by the key ${found.key}, which is none of those trusted; give the platform's with --key`)
  const copies = statement && readStatement(statement, sha256(manifestBytes), trusted, faults)
  const files: Verification['files'] = []
  for (const { name, id, sha256: told } of manifest.files) files.push(verdictOf(name, await read(name, id), told, copies))
  for (const { name, found: how, why } of files) if (how === 'different' || how === 'missing') faults.push(`${name}: ${why}`)
  return {
    ok: faults.length === 0,
    ...{ alert: manifest.alert.id, signedAt: manifest.signedAt, signature: found.found, key: 'key' in found ? found.key : null, files, faults },
  }
}

interface Statement {
  files: { name: string; sha256: string; copyOf: string }[]
  leftOut: { name: string; why: string }[]
}

function readStatement(bytes: Uint8Array, manifestSha256: string, trusted: readonly string[], faults: string[]): Statement | undefined {
  try {
    const statement = JSON.parse(new TextDecoder().decode(bytes)) as Statement & { format: string; manifest: string }
    const found = checkSignature(statement, trusted)
    if (statement.format !== EXPORT_FORMAT) faults.push('export.json is no statement of this platform')
    if (found.found === 'bad') faults.push(`export.json: ${found.why}`)
    if (found.found === 'unknown') faults.push(`export.json is signed by the key ${found.key}, which is none of those trusted`)
    if (statement.manifest !== manifestSha256) faults.push('export.json was made for another manifest.json')
    return statement
  } catch {
    faults.push('export.json cannot be read')
    return undefined
  }
}

function verdictOf(name: string, bytes: Uint8Array | 'gone' | undefined, told: string, copies: Statement | undefined): Verification['files'][number] {
  const copy = copies?.files.find((each) => each.name === name)
  const leftOut = copies?.leftOut.find((each) => each.name === name)
  if (bytes === 'gone') return { name, found: 'gone' }
  if (!bytes) return leftOut ? { name, found: 'left out', why: leftOut.why } : { name, found: 'missing', why: 'the file is not there' }
  const own = sha256(bytes)
  if (own === told) return { name, found: 'same' }
  if (copy && copy.sha256 === own && copy.copyOf === told) return { name, found: 'blurred' }
  return { name, found: 'different', why: `its SHA-256 is ${own}, the ${copy ? 'export' : 'manifest'} says ${copy?.sha256 ?? told}` }
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
