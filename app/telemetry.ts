import type { AssetId, DeviceId, Offset } from '../domain/ids.ts'
import { type AssetOf, effectiveAt, type Observation, type SceneObject } from '../domain/observation.ts'
import type { Telemetry } from '../domain/ports/telemetry.ts'
import { type Instant, MINUTE } from '../domain/time.ts'
import type { Ingest } from '../ingest/ingest.ts'
import { openHistoryReader } from '../store/history/reader.ts'
import { openJournalReader } from '../store/journal/reader.ts'

export interface TelemetryRoom extends Telemetry {
  /** Observations as the journal has them; those that it no longer keeps are left out. */
  observationsAt(offsets: readonly Offset[]): Promise<Observation[]>
  /** The newest scenes of a camera, in order of time: of the last minute in which it saw anything. */
  lastScenes(camera: string): Promise<{ at: Instant; objects: SceneObject[] }[]>
  assetOf: AssetOf
  close(): void
}

/** What came in, for people: history, ledger and rejects. Reads see everything that was acknowledged before. */
export function openTelemetry(parts: { ingest: Ingest; history: string; journal: string; assetOf(device: DeviceId): AssetId }): TelemetryRoom {
  const { ingest } = parts
  const journal = openJournalReader(parts.journal)
  const history = openHistoryReader(parts.history, journal)
  return {
    assetOf: parts.assetOf,
    observations: async (query) => history.observations(query),
    ledger: (query) => ingest.ledger(query),
    rejects: (query) => ingest.rejects(query),
    observationsAt: async (offsets) =>
      offsets.flatMap((offset) =>
        journal
          .read(offset, 1)
          .flatMap(({ records }) => records)
          .filter((record): record is Observation => record.offset === offset && record.type === 'observation'),
      ),
    lastScenes: async (camera) => {
      const device = camera as DeviceId
      const to = history.newestAt(device, 'scene')
      if (to === undefined) return []
      const scenes = history.read({ device, kind: 'scene', from: to - MINUTE, to })
      return scenes.map((scene) => ({ at: effectiveAt(scene), objects: (scene.payload.objects as SceneObject[] | undefined) ?? [] }))
    },
    close: () => {
      history.close()
      journal.close()
    },
  }
}
