import { setTimeout as wait } from 'node:timers/promises'
import { z } from 'zod'
import { IdSchema } from '../domain/asset.ts'
import { CameraSourceSchema } from '../domain/camera.ts'
import { messageOf } from '../domain/errors.ts'
import type { Instant } from '../domain/time.ts'
import { Backoff } from '../inference/sources/backoff.ts'
import { openPictures } from '../inference/sources/pictures.ts'
import { Gateway, type GatewayStats, type Log, SILENT } from './gateway.ts'

const EdgeCameraSchema = z.strictObject({
  source: CameraSourceSchema.refine(({ type }) => type !== 'gateway', 'must be rtsp, http or file: frames are sent from here'),
  /** Pictures per second that are sent. */
  fps: z.number().min(0.01).max(30).default(1),
  /** No picture is wider, in pixels; plates must stay legible. */
  maxWidth: z.number().int().min(64).max(7680).default(1280),
})
/** What `gateway-run camera` is told, in a file: addresses of cameras hold passwords, which no command line may. */
export const EdgeCamerasSchema = z.strictObject({ cameras: z.record(IdSchema, EdgeCameraSchema) })
export type EdgeCameras = z.infer<typeof EdgeCamerasSchema>

export interface CameraOptions extends EdgeCameras {
  url: string
  dataDir: string
  gateway: string
  password: (gateway: string) => string | undefined
  ca?: string
  log?: Log
  progress?: (stats: GatewayStats) => void
  clock?: () => Instant
  backoff?: () => Backoff
}

/**
 * Reads cameras at the edge and sends their pictures to the platform, newest first, until the signal aborts or every file is over. A
 * camera that fails is tried again and keeps no other back. Resolves to the gateway's figures.
 */
export async function runCameras(options: CameraOptions, signal: AbortSignal): Promise<GatewayStats> {
  const { url, dataDir, gateway: id, password, ca, cameras, log = SILENT, clock = Date.now } = options
  const secret = password(id)
  const gateway = new Gateway({ id, url, dataDir, log, clock, ...(secret !== undefined && { password: secret }), ...(ca !== undefined && { ca }) })
  try {
    await Promise.all(Object.entries(cameras).map(([camera, each]) => send(camera, each, { ...options, gateway }, signal)))
    return gateway.stats()
  } finally {
    await gateway.stop()
  }
}

type Sender = Omit<CameraOptions, 'gateway'> & { gateway: Gateway }

async function send(camera: string, { source, fps, maxWidth }: EdgeCameras['cameras'][string], sender: Sender, signal: AbortSignal): Promise<void> {
  const { gateway, log = SILENT, clock = Date.now, progress } = sender
  const backoff = sender.backoff?.() ?? new Backoff()
  while (!signal.aborted) {
    try {
      for await (const { at, jpeg } of openPictures(source, { fps, maxWidth, now: clock }, signal)) {
        gateway.frame(camera, at, jpeg)
        progress?.(gateway.stats())
        backoff.reset()
      }
      return
    } catch (error) {
      log.warn({ camera, why: messageOf(error) }, 'the camera gives no pictures and will be tried again')
    }
    await wait(backoff.next(), undefined, { signal }).catch(() => undefined)
  }
}
