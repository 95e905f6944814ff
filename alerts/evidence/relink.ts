import { createHash } from 'node:crypto'
import type { EvidenceId } from '../../domain/ids.ts'
import type { EvidenceDeps } from './deps.ts'
import { type Manifest, readManifest } from './manifest.ts'
import { checkSignature } from './signature.ts'

/**
 * A book that was lost is built anew from the journal, which knows nothing of evidence; the manifests do. The newest one of each
 * alert that this platform signed attaches its files again. Answers how many alerts got theirs back.
 */
export async function relink({ book, files, signer, commit }: Pick<EvidenceDeps, 'book' | 'files' | 'signer' | 'commit'>): Promise<number> {
  if (!(await book.evidence.isEmpty())) return 0
  const newest = new Map<string, { manifest: Manifest; id: string; sha256: string; bytes: number }>()
  for await (const id of files.ids(Number.POSITIVE_INFINITY)) {
    if (!id.endsWith('.json')) continue
    const bytes = await files.get(id).catch(() => undefined)
    const manifest = bytes && readManifest(bytes)
    if (!bytes || !manifest || checkSignature(manifest, [signer.publicKey]).found !== 'good') continue
    const before = newest.get(manifest.alert.id)
    if (!before || before.manifest.signedAt < manifest.signedAt)
      newest.set(manifest.alert.id, { manifest, id, sha256: createHash('sha256').update(bytes).digest('hex'), bytes: bytes.length })
  }
  for (const [alert, { manifest, ...own }] of newest) {
    const held: Manifest['files'] = []
    for (const file of manifest.files) if (await files.get(file.id as EvidenceId).catch(() => undefined)) held.push(file)
    await commit(async (tables) => {
      for (const { id, kind, sha256, at, shows, bytes } of held) await tables.evidence.attach(alert, { id, kind, sha256, at: Date.parse(at), shows: shows ?? null, bytes })
      await tables.evidence.attach(alert, { ...own, kind: 'manifest', at: Date.parse(manifest.signedAt), shows: null })
      return []
    })
  }
  return newest.size
}
