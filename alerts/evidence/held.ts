import type { Moment } from '../../domain/alert.ts'
import type { EvidenceId } from '../../domain/ids.ts'
import type { AlertRecord } from '../../store/book/alerts.ts'
import type { EvidenceDeps } from './deps.ts'
import type { Look } from './look.ts'
import { type Known, type Manifest, readManifest } from './manifest.ts'

/** What is attached to an alert already. */
export interface Held {
  files: Known[]
  /** Moments that a still shows. */
  shown: ReadonlySet<Moment>
  /** Without a body: it cannot be read any more. */
  manifest: { id: string; body: Manifest | undefined } | undefined
  looks: Look[]
  /** Its time was over once: nothing is gathered again. */
  buried: boolean
}

export async function heldOf({ book, files }: Pick<EvidenceDeps, 'book' | 'files'>, alert: Pick<AlertRecord, 'id'>): Promise<Held> {
  const rows = await book.evidence.of(alert.id)
  const manifestRow = rows.find(({ kind }) => kind === 'manifest')
  const body = manifestRow && readManifest((await unchanged(files, manifestRow.id)) ?? new Uint8Array())
  const scenes = rows.find(({ kind, deletedAt }) => kind === 'scenes' && deletedAt === undefined)
  const known = new Map(body?.files.map((file) => [file.id, file]))
  return {
    files: rows
      .filter(({ kind }) => kind !== 'manifest')
      .map(({ id, kind, sha256, at, shows, bytes }): Known => {
        const told = known.get(id)
        return {
          ...{ id, kind, sha256, at: Date.parse(at), shows: shows ?? null, bytes: bytes ?? told?.bytes ?? 0 },
          receivedAt: told?.receivedAt ? Date.parse(told.receivedAt) : null,
          ...(told?.scene !== undefined && { scene: told.scene }),
          ...(told?.ms !== undefined && { ms: told.ms }),
          ...(told?.of !== undefined && { of: told.of }),
        }
      }),
    shown: new Set(rows.flatMap(({ shows }) => shows ?? [])),
    manifest: manifestRow && { id: manifestRow.id, body },
    looks: scenes ? looksIn(await unchanged(files, scenes.id)) : [],
    buried: rows.some(({ deletedAt }) => deletedAt !== undefined),
  }
}

/** The file, if it is there as it was kept: one that somebody changed on the disk is as good as lost, and must not stop what is still to come. */
export function unchanged(files: Pick<EvidenceDeps['files'], 'get'>, id: string): Promise<Uint8Array | undefined> {
  return files.get(id as EvidenceId).catch(() => undefined)
}

/** The looks in a file of kind `scenes`. */
export function looksIn(bytes: Uint8Array | undefined): Look[] {
  return bytes ? (JSON.parse(new TextDecoder().decode(bytes)) as { looks: Look[] }).looks : []
}
