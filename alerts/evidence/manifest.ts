import { z } from 'zod'
import { EVIDENCE_KINDS, MOMENTS, type Moment, type TimelineEntry } from '../../domain/alert.ts'
import type { PictureZone } from '../../domain/camera.ts'
import { formatInstant, type Instant } from '../../domain/time.ts'
import type { AlertRecord } from '../../store/book/alerts.ts'
import type { EvidencePiece } from '../../store/book/evidence.ts'

export const FORMAT = 'wanglou/evidence/1'

/** A file of the manifest. Times are RFC 3339: `at` as the device said, `receivedAt` when the platform had what was seen in it. */
const FileSchema = z.looseObject({
  /** As it is called in an export. */
  name: z.string().regex(/^[a-z0-9][a-z0-9.-]{0,80}$/),
  id: z.string(),
  kind: z.enum(EVIDENCE_KINDS),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  bytes: z.number().int().min(0),
  at: z.string(),
  receivedAt: z.string().nullable(),
  shows: z.enum(MOMENTS).optional(),
  /** The observation that says what a model saw in this very picture. */
  scene: z.object({ offset: z.number().int(), at: z.string() }).nullable().optional(),
  /** Of clips. */
  ms: z.number().optional(),
  of: z.enum(['video', 'stills']).optional(),
})
export type ManifestFile = z.infer<typeof FileSchema>

/** As far as reading one needs it; the signature covers all that stands in it. */
export const ManifestSchema = z.looseObject({
  format: z.literal(FORMAT),
  alert: z.looseObject({ id: z.string(), key: z.string() }),
  camera: z.looseObject({ id: z.string(), version: z.number().int(), zones: z.array(z.unknown()) }).nullable(),
  files: z.array(FileSchema),
  signedAt: z.string(),
})
export type Manifest = z.infer<typeof ManifestSchema>

/** A file that is attached, with what the manifest tells of it besides. */
export type Known = EvidencePiece & { receivedAt: Instant | null; scene?: ManifestFile['scene']; ms?: number; of?: 'video' | 'stills' }

/** What a manifest is made of. */
export interface Testimony {
  alert: AlertRecord
  /** SHA-256 of the text of the rule's version, and of the one that it extends. */
  ruleSha256: string | null
  /** SHA-256 of the model's file: whole where the model is still there, else the digits in its name. */
  modelSha256: string | null
  camera: { id: string; version: number; zones: readonly PictureZone[] } | null
  /** Median of receipt − event time in ms, and whether the clock runs ahead, by the ledger. */
  clock: { device: string; skewMs: number; state: string } | null
  verdict: TimelineEntry | null
  files: readonly Known[]
  /** What should be there and is not, with the reason. */
  missing: readonly string[]
}

/** Everything that the manifest states; it is signed with `signedAt` in it. */
export function manifestOf({ alert, ruleSha256, modelSha256, camera, clock, verdict, files, missing }: Testimony): Record<string, unknown> {
  const { id, key, rule, ruleVersion, asset, devices, openedAt, raisedAt, resolvedAt, late, amended, lon, lat, values, params, observations, model, offset } = alert
  return {
    format: FORMAT,
    alert: {
      ...{ id, key, asset, devices, lon, lat, late, amended, values, observations, offset },
      ...{ openedAt: formatInstant(openedAt), raisedAt: formatInstant(raisedAt), resolvedAt: resolvedAt === null ? null : formatInstant(resolvedAt) },
    },
    rule: { id: rule, version: ruleVersion, sha256: ruleSha256, params },
    model: model === null ? null : { name: model, sha256: modelSha256 },
    camera,
    clock,
    verdict,
    files: named(files),
    missing,
  }
}

const EXTENSIONS: Record<Known['kind'], string> = { still: 'jpg', clip: 'mp4', readings: 'json', scenes: 'json', manifest: 'json' }

function named(files: readonly Known[]): ManifestFile[] {
  const sorted = files.toSorted((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1))
  return sorted.map(({ id, kind, sha256, bytes, at, shows, receivedAt, scene, ms, of }) => ({
    ...{ name: `${nameOf(kind, shows)}.${EXTENSIONS[kind]}`, id, kind, sha256, bytes, at: formatInstant(at) },
    receivedAt: receivedAt === null ? null : formatInstant(receivedAt),
    ...(shows !== null && { shows }),
    ...(scene !== undefined && { scene }),
    ...(ms !== undefined && { ms }),
    ...(of !== undefined && { of }),
  }))
}

function nameOf(kind: Known['kind'], shows: Moment | null): string {
  return shows === null ? kind : `${kind}-${shows}`
}

/** The manifest in these bytes; undefined when they hold none. */
export function readManifest(bytes: Uint8Array): Manifest | undefined {
  try {
    const parsed = ManifestSchema.safeParse(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)))
    return parsed.success ? parsed.data : undefined
  } catch {
    return undefined
  }
}
