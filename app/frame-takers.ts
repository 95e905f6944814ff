import type { CameraConfig } from '../domain/camera.ts'
import type { Ingest } from '../ingest/ingest.ts'

/**
 * Tells the ingest room which cameras take frames from gateways, and from which one an admin wants them: where he has moved the device to, else what its configuration says. Changes follow one
 * another: a camera's frames are let in only when the ledger knows whose they are, and the change that came last holds.
 */
export function createFrameTakers(
  ingest: Pick<Ingest, 'takeFrames' | 'register'>,
  movedTo: (device: string) => string | undefined,
): { put(id: string, config: CameraConfig | null): Promise<void> } {
  const cameras = new Set<string>()
  let last: Promise<void> = Promise.resolve()
  const apply = async (id: string, config: CameraConfig | null): Promise<void> => {
    const source = config?.source?.type === 'gateway' ? config.source : undefined
    if (source && typeof source.gateway === 'string') await ingest.register([{ device: id, gateway: movedTo(id) ?? source.gateway }])
    if (source ? cameras.has(id) : !cameras.delete(id)) return
    if (source) cameras.add(id)
    ingest.takeFrames([...cameras])
  }
  return {
    put(id, config) {
      const mine = last.then(() => apply(id, config))
      last = mine.catch(() => undefined)
      return mine
    },
  }
}
