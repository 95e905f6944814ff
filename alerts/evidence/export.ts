import { createHash } from 'node:crypto'
import { CodedError, messageOf } from '../../domain/errors.ts'
import type { Principal } from '../../domain/role.ts'
import { formatInstant, type Instant } from '../../domain/time.ts'
import { blurred, type Copy } from './blur.ts'
import type { EvidenceDeps } from './deps.ts'
import { looksIn, unchanged } from './held.ts'
import type { Look } from './look.ts'
import { type Manifest, type ManifestFile, readManifest } from './manifest.ts'
import { signedText } from './signature.ts'
import { type ZipEntry, zip } from './zip.ts'

export const EXPORT_FORMAT = 'wanglou/evidence-export/1'

type ExportDeps = Pick<EvidenceDeps, 'book' | 'files' | 'signer' | 'tools' | 'now'>

/** Everything that proves an alert, in one ZIP: as it is, or the copy that may be handed out. Throws `not_found`. */
export async function exportEvidence(deps: ExportDeps, alert: string, { original }: { original: boolean }, who: Principal): Promise<Uint8Array> {
  if (!(await deps.book.alerts.find(alert, who.area))) throw new CodedError('not_found')
  const row = (await deps.book.evidence.of(alert)).find(({ kind }) => kind === 'manifest')
  const bytes = row && (await unchanged(deps.files, row.id))
  const manifest = bytes && readManifest(bytes)
  if (!bytes || !manifest) throw new CodedError('not_found', 'There is no evidence of this alert yet.')
  const now = deps.now()
  const texts = (say: string): ZipEntry[] => [
    { name: 'manifest.json', bytes, at: now },
    { name: 'public-key.pem', bytes: encode(deps.signer.publicKey), at: now },
    { name: 'README.txt', bytes: encode(say), at: now },
  ]
  if (original) return zip([...texts(README.original), ...(await originals(deps, manifest))])
  const copies = await copiesOf(deps, manifest)
  const statement = signedText(statementOf(manifest, row.sha256, copies, who.name, now), deps.signer)
  const kept = copies.flatMap(({ file, copy }) => ('bytes' in copy ? [{ name: file.name, bytes: copy.bytes, at: Date.parse(file.at) }] : []))
  return zip([...texts(README.blurred), { name: 'export.json', bytes: encode(statement), at: now }, ...kept])
}

async function originals({ files }: ExportDeps, manifest: Manifest): Promise<ZipEntry[]> {
  const entries: ZipEntry[] = []
  for (const { name, id, at } of manifest.files) {
    const bytes = await unchanged(files, id)
    if (bytes) entries.push({ name, bytes, at: Date.parse(at) })
  }
  return entries
}

async function copiesOf({ files, tools }: ExportDeps, manifest: Manifest): Promise<{ file: ManifestFile; copy: Copy }[]> {
  const scenes = manifest.files.find(({ kind }) => kind === 'scenes')
  const looks: Look[] = scenes ? looksIn(await unchanged(files, scenes.id)) : []
  const copies: { file: ManifestFile; copy: Copy }[] = []
  for (const file of manifest.files) {
    const bytes = await unchanged(files, file.id)
    const copy: Copy = bytes
      ? await blurred(file, bytes, { looks, key: manifest.alert.key, tools }).catch((error: unknown) => ({ leftOut: messageOf(error) }))
      : { leftOut: 'the platform no longer has it as it was kept' }
    copies.push({ file, copy })
  }
  return copies
}

function statementOf({ alert }: Manifest, manifestSha256: string, copies: readonly { file: ManifestFile; copy: Copy }[], by: string, now: Instant): object {
  return {
    format: EXPORT_FORMAT,
    alert: alert.id,
    manifest: manifestSha256,
    by,
    at: formatInstant(now),
    notice: NOTICE,
    files: copies.flatMap(({ file, copy }) =>
      'bytes' in copy ? [{ name: file.name, sha256: createHash('sha256').update(copy.bytes).digest('hex'), bytes: copy.bytes.length, copyOf: file.sha256, done: copy.done }] : [],
    ),
    leftOut: copies.flatMap(({ file, copy }) => ('leftOut' in copy ? [{ name: file.name, sha256: file.sha256, why: copy.leftOut }] : [])),
  }
}

const NOTICE = {
  zh: '除告警对象外,凡模型框出的人员和其他车辆均已打码;模型未框出的内容未作处理。原件由平台保存,其 SHA-256 见 manifest.json。',
  en: 'Hidden is every person and every other vehicle that the model drew a box around, and nothing else: what the model did not see is not hidden. The platform keeps the originals; manifest.json states their SHA-256.',
}

const CHECK = {
  zh: '核验:wanglou evidence verify 本文件 --key 公钥文件。公钥应取自平台的 /api/v1/evidence-key,而不是本压缩包。',
  en: 'To check: wanglou evidence verify THIS-FILE --key PUBLIC-KEY. Take the public key from the platform (/api/v1/evidence-key), not from this archive.',
}
const README = {
  original: `manifest.json 列出每个文件的 SHA-256,并由平台签名(Ed25519,RFC 8785)。\n${CHECK.zh}\n\nmanifest.json names every file with its SHA-256 and is signed by the platform (Ed25519 over canonical JSON, RFC 8785).\n${CHECK.en}\n`,
  blurred: `这是打码副本。${NOTICE.zh}\n每个文件做了什么处理见 export.json(平台签名)。\n${CHECK.zh}\n\nThis is a blurred copy. ${NOTICE.en}\nexport.json (signed) says what was done to each file.\n${CHECK.en}\n`,
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}
