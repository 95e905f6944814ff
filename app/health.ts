import type { EngineThread } from '../alerts/engine/engine.ts'
import type { EngineStats } from '../alerts/engine/messages.ts'
import type { HealthReport, HealthState } from '../api/deps.ts'
import type { Detail } from '../domain/errors.ts'
import type { DeskStatus } from '../domain/ports/desk.ts'
import { formatInstant } from '../domain/time.ts'
import type { Ingest } from '../ingest/ingest.ts'
import type { Projection } from './projection.ts'
import type { Cameras } from './vision.ts'

interface Parts {
  ingest: Ingest
  engine: EngineThread
  projection: Pick<Projection, 'fault'>
  cameras: Cameras
  /** What is wrong with files of the rule book. */
  bookFaults: readonly Detail[]
  /** What desks are owed; a text when it could not be read. */
  desks: readonly DeskStatus[] | string
}

/** How the platform is: the worst of the parts without which nothing works. That a camera is blind is told beside them, each part with its reason. */
export function healthOf(parts: Parts): HealthReport {
  const vital: HealthReport['parts'] = {
    journal: journalHealth(parts.ingest),
    engine: engineHealth(parts.engine),
    book: faultyIf(parts.projection.fault()),
  }
  const states = Object.values(vital).map(({ state }) => state)
  const status: HealthState = states.includes('failing') ? 'failing' : states.includes('starting') ? 'starting' : 'ok'
  const { engine } = parts
  const beside = { history: faultyIf(engine.stats()?.historyFault?.why), ...rulesHealth(engine.stats()), ...filesHealth(parts.bookFaults), ...desksHealth(parts.desks) }
  return { status, parts: { ...vital, ...beside, cameras: camerasHealth(parts.cameras) } }
}

const MOST_NAMED = 10

/** Rules that do not judge, and a past that is not known: the rest works. */
function rulesHealth(stats: EngineStats | undefined): HealthReport['parts'] {
  const quarantined = (stats?.quarantined ?? []).map(({ rule, version, why }) => `${rule} version ${version} is quarantined: ${why}`)
  const broken = (stats?.broken ?? []).map(({ rule, version, why }) => `${rule} version ${version} cannot be compiled: ${why}`)
  const faults = [...quarantined, ...broken]
  const rules: HealthReport['parts'][string] = faults.length === 0 ? { state: 'ok' } : { state: 'failing', why: faults.slice(0, MOST_NAMED).join('; ') }
  if (!stats || stats.began <= 1) return { rules }
  return {
    rules,
    past: { state: 'failing', why: `the engine knows nothing from before record ${stats.began}: its snapshots were lost after that part of the journal had been dropped` },
  }
}

/** What is live goes on without them; the next first start would not. */
function filesHealth(faults: readonly Detail[]): HealthReport['parts'] {
  if (faults.length === 0) return {}
  const named = faults.slice(0, MOST_NAMED).map(({ where, why }) => `${where}: ${why}`)
  return { ruleFiles: { state: 'failing', why: `${named.join('; ')}${faults.length > MOST_NAMED ? ' …' : ''}` } }
}

/** That a desk takes nothing, or refused something, holds nobody else up. */
function desksHealth(desks: Parts['desks']): HealthReport['parts'] {
  if (typeof desks === 'string') return { desks: { state: 'failing', why: desks } }
  if (desks.length === 0) return {}
  const faults = desks.flatMap(({ desk, pending, dead, disabled, why }) => [
    ...(disabled === null ? [] : [`${desk} takes nothing since ${formatInstant(disabled.at)}: ${disabled.why}; ${pending} deliveries wait`]),
    ...(dead === 0 ? [] : [`${desk} has ${dead} dead letters, the newest: ${why ?? ''}`]),
  ])
  const detail = Object.fromEntries(desks.map(({ desk, pending, dead }) => [desk, { pending, dead }]))
  return { desks: { ...(faults.length === 0 ? { state: 'ok' } : { state: 'failing', why: faults.join('; ') }), ...detail } }
}

function camerasHealth(cameras: Cameras): HealthReport['parts'][string] {
  const blind = Object.entries(cameras.status()).filter(([, { state }]) => state === 'waiting' || state === 'failed')
  if (blind.length === 0) return { state: 'ok' }
  const named = blind.slice(0, MOST_NAMED).map(([camera, { state }]) => `${camera} (${state})`)
  return { state: 'failing', why: `${blind.length} cameras see nothing: ${named.join(', ')}${blind.length > MOST_NAMED ? ' …' : ''}` }
}

function faultyIf(why: string | undefined): HealthReport['parts'][string] {
  return why === undefined ? { state: 'ok' } : { state: 'failing', why }
}

function journalHealth(ingest: Ingest): HealthReport['parts'][string] {
  const health = ingest.health()
  return health.state === 'ok' ? health : { state: 'failing', why: health.why }
}

function engineHealth(engine: EngineThread): HealthReport['parts'][string] {
  const state = engine.state()
  if (state === 'running') return faultyIf(engine.stats()?.historyFault?.waiting ? 'it waits until the history can be written' : undefined)
  const fault = engine.fault()
  return state === 'starting' ? { state: 'starting' } : { state: 'failing', why: `the engine is ${state}${fault === undefined ? '' : `: ${fault}`}` }
}
