import { setImmediate } from 'node:timers/promises'
import { type AttributionDeps, openAttribution } from '../alerts/attribution/attribution.ts'
import { openDoubts } from '../alerts/fusion/doubts.ts'
import type { DueLoop } from '../store/book/due.ts'
import { openHistoryReader } from '../store/history/reader.ts'
import { openJournalReader } from '../store/journal/reader.ts'
import type { DataPaths } from './paths.ts'

/** Asks of alerts whose vehicle it was, and whether cameras see what they deny; reads history through a reader of its own, so that nobody else's reads see its long ones. */
export function startQuestions(parts: Omit<AttributionDeps, 'near' | 'scenes'> & { paths: Pick<DataPaths, 'history' | 'journal'> }): DueLoop {
  const { paths, ...deps } = parts
  const journal = openJournalReader(paths.journal)
  const history = openHistoryReader(paths.history, journal)
  // While one of them reads the whole fleet, the other must not look through the same reader.
  const looks = openHistoryReader(paths.history, journal)
  const scenes: AttributionDeps['scenes'] = (device, from, to) => looks.read({ device, kind: 'scene', from, to })
  const loops = [openAttribution({ ...deps, scenes, near: (query) => history.near(query, () => setImmediate()) }), openDoubts({ ...deps, scenes })]
  return {
    kick: () => loops.forEach((loop) => void loop.kick()),
    async close() {
      await Promise.all(loops.map((loop) => loop.close()))
      history.close()
      looks.close()
      journal.close()
    },
  }
}
