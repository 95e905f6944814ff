import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { createClips } from '../alerts/evidence/clip.ts'
import type { Look } from '../alerts/evidence/look.ts'
import { deleteAged, type RetentionDeps, sweep } from '../alerts/evidence/retention.ts'
import { type EvidenceDeps, type EvidenceRoom, openEvidence } from '../alerts/evidence.ts'
import { CameraConfigSchema } from '../domain/camera.ts'
import { messageOf } from '../domain/errors.ts'
import type { SceneObject } from '../domain/observation.ts'
import type { ClipTap } from '../domain/ports/clips.ts'
import type { Files } from '../domain/ports/files.ts'
import type { StillSequence, Stills } from '../domain/ports/stills.ts'
import { DAY, HOUR, type Instant, parseInstant, SECOND } from '../domain/time.ts'
import { listModels, modelName } from '../inference/models/manifest.ts'
import type { Book } from '../store/book/book.ts'
import { type DueLoop, whenDue } from '../store/book/due.ts'
import { openClipRing } from '../store/clips.ts'
import { openEvidenceKey } from '../store/evidence-key.ts'
import type { Config } from './config.ts'
import type { Log } from './log.ts'
import type { DataPaths } from './paths.ts'
import type { TelemetryRoom } from './telemetry.ts'

export interface EvidenceParts extends Pick<EvidenceDeps, 'commit' | 'changed' | 'now' | 'failed'>, Pick<RetentionDeps, 'audit'> {
  paths: DataPaths
  config: Config
  /** Folders of models. */
  models: readonly string[]
  book: Book
  files: Files
  stills: Stills & StillSequence
  telemetry: TelemetryRoom
  log: Log
}

const PRUNE_MS = 15 * SECOND
const MOST_LOOKS = 3000

/** Evidence with its key, the ring of clips and the deletion of what is old. `tap` is where cameras leave what clips are made of. */
export async function openEvidenceOf(parts: EvidenceParts): Promise<EvidenceRoom & { tap(camera: string): ClipTap }> {
  const { paths, config, book, files, stills, now, failed } = parts
  const work = join(paths.evidence, 'partial')
  await mkdir(work, { recursive: true })
  const tools = { work }
  const ring = openClipRing({ folder: paths.clips, keepMs: config.retain.clipSeconds * SECOND, now })
  const sourceOf = async (camera: string): Promise<string | undefined> => CameraConfigSchema.safeParse((await book.assets.camera(camera))?.config).data?.source?.type
  const room = openEvidence({
    ...{ book, files, stills, tools, now, failed, commit: parts.commit, changed: parts.changed },
    clips: createClips({ ring, stills, sourceOf, tools, now }),
    signer: openEvidenceKey(paths.evidenceKey),
    observations: parts.telemetry.observationsAt,
    looks: (camera, from, to) => looksOf(parts.telemetry, camera, from, to),
    clockOf: (device) => clockOf(parts.telemetry, device),
    modelSha256: (model) => modelSha256(parts.models, model),
  })
  const loops = [pruning(ring, parts), ageing(parts)]
  return {
    ...room,
    tap: ring.tap,
    async close() {
      await Promise.all([room.close(), ...loops.map((loop) => loop.close())])
    },
  }
}

function pruning(ring: { prune(): Promise<unknown> }, { now, failed }: EvidenceParts): DueLoop {
  return whenDue(
    async (at) => {
      await ring.prune()
      return at + PRUNE_MS
    },
    now,
    failed,
  )
}

/** Once an hour what is old, once a day what a crash left. */
function ageing(parts: EvidenceParts): DueLoop {
  const { book, files, audit, commit, changed, config, log, now, failed } = parts
  const deps: RetentionDeps = { book, files, audit, commit, changed, days: { unlinked: config.retain.evidenceDays, linked: config.retain.linkedEvidenceDays } }
  let swept = now()
  return whenDue(
    async (at) => {
      const deleted = await deleteAged(deps, at)
      if (deleted > 0) log.info({ deleted }, 'evidence whose time was over was deleted')
      if (at - swept >= DAY) {
        await sweep(deps, at).catch((error: unknown) => log.warn({ why: messageOf(error) }, 'evidence that no alert names could not be looked for'))
        swept = at
      }
      return at + HOUR
    },
    now,
    failed,
  )
}

async function looksOf(telemetry: TelemetryRoom, camera: string, from: Instant, to: Instant): Promise<Look[]> {
  const { items } = await telemetry.observations({ device: camera, kind: 'scene', from, to, limit: MOST_LOOKS })
  return items.flatMap((scene): Look[] => {
    const at = parseInstant(scene.at)
    if ('code' in at) return []
    const objects = Array.isArray(scene.objects) ? (scene.objects as SceneObject[]) : []
    return [{ at: at.at, receivedAt: Date.parse(scene.receivedAt), offset: scene.offset, model: typeof scene.model === 'string' ? scene.model : null, objects }]
  })
}

async function clockOf(telemetry: TelemetryRoom, device: string): Promise<{ skewMs: number; state: string } | null> {
  const [line] = (await telemetry.ledger({ device, limit: 1 })).items
  return line ? { skewMs: line.skewMs, state: line.clock } : null
}

async function modelSha256(folders: readonly string[], model: string): Promise<string | undefined> {
  return (await listModels(folders)).find(({ manifest }) => manifest && modelName(manifest) === model)?.manifest?.sha256
}
