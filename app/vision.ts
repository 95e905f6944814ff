import { type CameraConfig, CameraConfigSchema } from '../domain/camera.ts'
import { CodedError } from '../domain/errors.ts'
import type { Scene } from '../inference/scene.ts'
import { startVision, type Vision } from '../inference/vision.ts'
import type { Ingest } from '../ingest/ingest.ts'
import type { Book } from '../store/book/book.ts'
import type { openStills } from '../store/stills.ts'
import { MODELS_DIR } from './commands/models.ts'
import type { Config } from './config.ts'
import type { Log } from './log.ts'

/** The gateway name under which the platform's own cameras report. */
export const OWN_GATEWAY = 'platform'

/** Starts the cameras that have a source and a model; their scenes enter the journal as everybody's do. */
export async function startCameras(parts: {
  book: Book
  ingest: Ingest
  stills: Awaited<ReturnType<typeof openStills>>
  config: Config
  log: Log
  now: () => number
}): Promise<Vision> {
  const { book, ingest, stills, config, log, now } = parts
  const cameras: { id: string; config: CameraConfig }[] = []
  for (const { id, config: stored } of await book.assets.cameras()) {
    const parsed = CameraConfigSchema.safeParse(stored)
    if (parsed.success) cameras.push({ id, config: parsed.data })
    else log.warn({ camera: id }, 'the configuration of the camera is not readable')
  }
  return startVision({
    cameras,
    models: config.inference.models === null ? [MODELS_DIR] : [config.inference.models, MODELS_DIR],
    emit: (scene) => record(ingest, scene),
    stills,
    threads: config.inference.threads,
    log,
    now,
  })
}

async function record(ingest: Ingest, scene: Scene): Promise<void> {
  const [outcome] = await ingest.observe([{ kind: 'scene', device: scene.camera, gateway: OWN_GATEWAY, payload: scene.payload }])
  if (outcome && outcome.result !== 'kept' && outcome.result !== 'duplicate')
    throw new CodedError('field.invalid', `The scene of ${scene.camera} was refused: ${JSON.stringify(outcome)}`)
}
