import type { DeviceId, Offset } from '../ids.ts'
import type { Kind, Observation } from '../observation.ts'
import type { Instant } from '../time.ts'

/** Telemetry by device and time: a projection of the journal, for charts, backfill and backtests. */
export interface HistoryReader {
  /** Observations of a device with from ≤ at ≤ to and offset < before, in order of (at, offset). */
  read(query: { device: DeviceId; kind?: Kind; from: Instant; to: Instant; before?: Offset; limit?: number }): Observation[]
}

export interface HistoryWriter {
  /** Takes observations in journal order; they are readable at once, and on disk after `flush`. */
  add(observations: readonly Observation[]): void
  flush(): void
  /** Everything up to here is on disk. */
  flushed(): Offset
}
