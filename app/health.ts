import type { EngineThread } from '../alerts/engine/engine.ts'
import type { HealthReport, HealthState } from '../api/deps.ts'
import type { Ingest } from '../ingest/ingest.ts'

/** How the platform is: the worst of its parts, each with its reason. */
export function healthOf(parts: { ingest: Ingest; engine: EngineThread; projection: { error: string | undefined } }): HealthReport {
  const report: HealthReport['parts'] = {
    journal: journalHealth(parts.ingest),
    engine: engineHealth(parts.engine),
    book: parts.projection.error === undefined ? { state: 'ok' } : { state: 'failing', why: parts.projection.error },
  }
  const states = Object.values(report).map(({ state }) => state)
  const status: HealthState = states.includes('failing') ? 'failing' : states.includes('starting') ? 'starting' : 'ok'
  return { status, parts: report }
}

function journalHealth(ingest: Ingest): HealthReport['parts'][string] {
  const health = ingest.health()
  return health.state === 'ok' ? health : { state: 'failing', why: health.why }
}

function engineHealth(engine: EngineThread): HealthReport['parts'][string] {
  const state = engine.state()
  if (state === 'running') return { state: 'ok' }
  return state === 'starting' ? { state: 'starting' } : { state: 'failing', why: `the engine is ${state}` }
}
