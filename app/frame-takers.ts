import type { CameraConfig } from '../domain/camera.ts'
import type { Ingest } from '../ingest/ingest.ts'

/** Tells the ingest room which cameras take frames from gateways, and from which one an admin wants them. */
export function createFrameTakers(ingest: Pick<Ingest, 'takeFrames' | 'register'>): { put(id: string, config: CameraConfig | null): Promise<void> } {
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
