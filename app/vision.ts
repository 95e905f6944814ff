import { type CameraConfig, CameraConfigSchema } from '../domain/camera.ts'
import { canonical } from '../domain/canonical.ts'
import { CodedError, messageOf } from '../domain/errors.ts'
import type { StillWriter } from '../domain/ports/stills.ts'
import type { Projected } from '../domain/projection.ts'
import { LiveViews } from '../inference/live.ts'
import type { Scene } from '../inference/scene.ts'
import type { PushedFrames } from '../inference/sources/pushed.ts'
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
  /** Cameras as people look through them. */
  live: LiveViews
  close(): Promise<void>
}

/** Starts the cameras that have a source and a model; their scenes enter the journal as everybody's do. */
export async function startCameras(parts: {
  book: Book
  ingest: Ingest
  stills: StillWriter
  pushed: PushedFrames
  config: Config
  log: Log
  now: () => number
}): Promise<Cameras> {
  const { book, ingest, stills, pushed, config, log, now } = parts
  const stored = (await book.assets.cameras()).map(({ id, config: each }) => ({ id, config: readable(id, each, log) }))
  const vision = startVision({
    cameras: stored.filter((each): each is { id: string; config: CameraConfig } => each.config !== null),
    models: config.inference.models === null ? [MODELS_DIR] : [config.inference.models, MODELS_DIR],
    emit: (scene) => record(ingest, scene),
    stills,
    pushed,
    threads: config.inference.threads,
    log,
    now,
  })
  const takers = createFrameTakers(ingest)
  for (const { id, config: each } of stored) await takers.put(id, each)
  const sources = new Map(stored.map(({ id, config: each }) => [id, each?.source ?? null]))
  const live = new LiveViews({ sourceOf: (camera) => sources.get(camera) ?? null, pushed, log, now })
  return {
    status: vision.status,
    live,
    close: async () => void (await Promise.all([vision.close(), live.close()])),
    follow: (entries) => {
      for (const entry of entries) {
        if (entry.type !== 'camera') continue
        const changed = readable(entry.id, entry.config, log)
        if (canonical(changed?.source ?? null) !== canonical(sources.get(entry.id) ?? null)) live.changed(entry.id)
        sources.set(entry.id, changed?.source ?? null)
        Promise.all([takers.put(entry.id, changed), vision.update(entry.id, changed)]).catch((error: unknown) =>
          log.error({ camera: entry.id, why: messageOf(error) }, 'the camera could not be changed'),
        )
      }
    },
  }
}

/** Tells the ingest room which cameras take frames from gateways, and from which one an admin wants them. */
function createFrameTakers(ingest: Pick<Ingest, 'takeFrames' | 'register'>): { put(id: string, config: CameraConfig | null): Promise<void> } {
  const cameras = new Set<string>()
  return {
    async put(id, config) {
      const source = config?.source?.type === 'gateway' ? config.source : undefined
      if (source && typeof source.gateway === 'string') await ingest.register([{ device: id, gateway: source.gateway }])
      if (source ? cameras.has(id) : !cameras.delete(id)) return
      if (source) cameras.add(id)
      ingest.takeFrames([...cameras])
    },
  }
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
