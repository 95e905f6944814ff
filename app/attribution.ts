import { setImmediate } from 'node:timers/promises'
import { type AttributionDeps, openAttribution } from '../alerts/attribution/attribution.ts'
import type { DueLoop } from '../store/book/due.ts'
import { openHistoryReader } from '../store/history/reader.ts'
import { openJournalReader } from '../store/journal/reader.ts'
import type { DataPaths } from './paths.ts'

/** Asks of alerts whose vehicle it was; reads history through a reader of its own, so that nobody else's reads see its long ones. */
export function startAttribution(parts: Omit<AttributionDeps, 'near' | 'scenes'> & { paths: Pick<DataPaths, 'history' | 'journal'> }): DueLoop {
  const { paths, ...deps } = parts
  const journal = openJournalReader(paths.journal)
  const history = openHistoryReader(paths.history, journal)
  const loop = openAttribution({
    ...deps,
    near: (query) => history.near(query, () => setImmediate()),
    scenes: (device, from, to) => history.read({ device, kind: 'scene', from, to }),
  })
  return {
    kick: loop.kick,
    async close() {
      await loop.close()
      history.close()
      journal.close()
    },
  }
}
