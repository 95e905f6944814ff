import { type CameraConfig, CameraConfigSchema } from '../domain/camera.ts'
import { CodedError, messageOf } from '../domain/errors.ts'
import type { ClipTap } from '../domain/ports/clips.ts'
import type { StillWriter } from '../domain/ports/stills.ts'
import type { Projected } from '../domain/projection.ts'
import type { Scene } from '../inference/scene.ts'
import { startVision } from '../inference/vision.ts'
import type { WatchStatus } from '../inference/watch.ts'
import type { Ingest } from '../ingest/ingest.ts'
import type { Book } from '../store/book/book.ts'
import { MODELS_DIR } from './commands/models.ts'
import type { Config } from './config.ts'
import type { Log } from './log.ts'

/** The gateway name under which the platform's own cameras report. */
const OWN_GATEWAY = 'platform'

export interface Cameras {
  /** Camera configurations that have passed through the journal take effect. */
  follow(entries: readonly Projected[]): void
  status(): Record<string, WatchStatus>
  close(): Promise<void>
}

/** Starts the cameras that have a source and a model; their scenes enter the journal as everybody's do. */
export async function startCameras(parts: {
  book: Book
  ingest: Ingest
  stills: StillWriter
  clips(camera: string): ClipTap
  config: Config
  log: Log
  now: () => number
}): Promise<Cameras> {
  const { book, ingest, stills, clips, config, log, now } = parts
  const stored = (await book.assets.cameras()).map(({ id, config: each }) => ({ id, config: readable(id, each, log) }))
  const vision = startVision({
    cameras: stored.filter((each): each is { id: string; config: CameraConfig } => each.config !== null),
    models: modelFolders(config),
    emit: (scene) => record(ingest, scene),
    stills,
    clips,
    threads: config.inference.threads,
    log,
    now,
  })
  return {
    status: vision.status,
    close: vision.close,
    follow: (entries) => {
      for (const entry of entries) {
        if (entry.type === 'camera')
          vision
            .update(entry.id, readable(entry.id, entry.config, log))
            .catch((error: unknown) => log.error({ camera: entry.id, why: messageOf(error) }, 'the camera could not be changed'))
      }
    },
  }
}

/** The folders in which models are looked for, the first before the others. */
export function modelFolders({ inference }: Config): string[] {
  return inference.models === null ? [MODELS_DIR] : [inference.models, MODELS_DIR]
}

function readable(id: string, config: unknown, log: Log): CameraConfig | null {
  const parsed = CameraConfigSchema.safeParse(config)
  if (parsed.success) return parsed.data
  log.warn({ camera: id }, 'the configuration of the camera cannot be read; it stays dark')
  return null
}

async function record(ingest: Ingest, scene: Scene): Promise<void> {
  const [outcome] = await ingest.observe([{ kind: 'scene', device: scene.camera, gateway: OWN_GATEWAY, payload: scene.payload }])
  if (outcome && outcome.result !== 'kept' && outcome.result !== 'duplicate')
    throw new CodedError('field.invalid', `The scene of ${scene.camera} was refused: ${JSON.stringify(outcome)}`)
}
