import { existsSync, readFileSync, statSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type ReadFile, type Verification, verifyEvidence } from '../../alerts/evidence/verify.ts'
import { unzip } from '../../alerts/evidence/zip.ts'
import { CodedError, messageOf } from '../../domain/errors.ts'
import { isId } from '../../domain/ids.ts'
import { openBook } from '../../store/book/book.ts'
import { publicEvidenceKey } from '../../store/evidence-key.ts'
import { dataPaths } from '../paths.ts'

interface VerifyFlags {
  data: string
  key?: string
  json?: boolean
}

/** What is to be checked: a manifest, with it the statement of a blurred copy if it is one, and where the files are. */
interface Bundle {
  manifest: Uint8Array
  statement: Uint8Array | undefined
  read: ReadFile
}

/**
 * Checks evidence without a platform running: a ZIP, a folder or a manifest.json with its files beside it, or an alert of the data
 * folder. 1: something does not match, or nobody vouches for the key.
 */
export async function commandEvidenceVerify(what: string, { data, key, json }: VerifyFlags): Promise<number> {
  const bundle = existsSync(what) ? await bundleAt(what) : await bundleOf(what, data)
  const checked = await verifyEvidence(bundle.manifest, bundle.statement, bundle.read, trustedKeys(data, key))
  process.stdout.write(json ? `${JSON.stringify(checked)}\n` : textOf(checked))
  return checked.ok ? 0 : 1
}

function trustedKeys(data: string, key: string | undefined): string[] {
  if (key === undefined) return [publicEvidenceKey(dataPaths(data).evidenceKey)].flatMap((pem) => pem ?? [])
  try {
    const text = readFileSync(key, 'utf8')
    // As `GET evidence-key` answers, or the PEM in it.
    return [text.trimStart().startsWith('{') ? (JSON.parse(text) as { publicKey: string }).publicKey : text]
  } catch (error) {
    throw new CodedError('request.invalid', `${key} holds no public key: ${messageOf(error)}`)
  }
}

async function bundleAt(path: string): Promise<Bundle> {
  const folder = statSync(path).isDirectory()
  if (!folder && !path.endsWith('.json')) return zipped(await readFile(path), path)
  const place = folder ? path : dirname(path)
  const beside = (name: string): Promise<Uint8Array | undefined> => readFile(join(place, name)).catch(() => undefined)
  const manifest = await beside(folder ? 'manifest.json' : path.slice(path.lastIndexOf('/') + 1))
  if (!manifest) throw new CodedError('request.invalid', `There is no manifest.json in ${path}.`)
  return { manifest, statement: await beside('export.json'), read: beside }
}

function zipped(bytes: Uint8Array, path: string): Bundle {
  let files: Map<string, Uint8Array>
  try {
    files = unzip(bytes)
  } catch (error) {
    throw new CodedError('request.invalid', `${path} is no ZIP of evidence: ${messageOf(error)}`)
  }
  const manifest = files.get('manifest.json')
  if (!manifest) throw new CodedError('request.invalid', `There is no manifest.json in ${path}.`)
  return { manifest, statement: files.get('export.json'), read: async (name) => files.get(name) }
}

async function bundleOf(alert: string, data: string): Promise<Bundle> {
  const paths = dataPaths(data)
  if (!isId(alert) || !existsSync(paths.book)) throw new CodedError('request.invalid', `${alert} is neither a file, nor an alert in ${data}.`)
  const book = await openBook(paths.book, { readonly: true })
  try {
    const rows = await book.evidence.of(alert)
    const gone = new Set(rows.filter(({ deletedAt }) => deletedAt !== undefined).map(({ id }) => id))
    // As they lie on the disk: what somebody changed there is to be found, not refused.
    const onDisk = (id: string): Promise<Uint8Array | undefined> => readFile(join(paths.evidence, id.slice(0, 2), id)).catch(() => undefined)
    const row = rows.find(({ kind }) => kind === 'manifest')
    const manifest = row && (await onDisk(row.id))
    if (!manifest) throw new CodedError('request.invalid', `There is no manifest of ${alert} in ${data}.`)
    return { manifest, statement: undefined, read: async (_, id) => (gone.has(id) ? 'gone' : onDisk(id)) }
  } finally {
    await book.close()
  }
}

function textOf({ ok, alert, signedAt, signature, key, files, faults }: Verification): string {
  const lines = [
    `alert ${alert ?? '?'}, signed ${signedAt ?? '?'} by ${key ?? 'nobody'}: signature ${signature}`,
    ...files.map(({ name, found, why }) => `  ${name}: ${found}${why === undefined ? '' : ` (${why})`}`),
    ok ? 'everything is as it was signed' : `NOT as it was signed: ${faults.join('; ')}`,
  ]
  return `${lines.join('\n')}\n`
}
