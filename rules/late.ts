import type { Observation } from '../domain/observation.ts'
import { type Instant, SECOND } from '../domain/time.ts'
import { BACKFILL_MS, backfill, type Surroundings } from './backfill.ts'
import type { Engine } from './engine.ts'
import { informs } from './judge.ts'
import { askMissing } from './remind.ts'
import { eventAt } from './skew.ts'
import type { AssetState } from './state.ts'
import { nextDue } from './timers.ts'
import { GRACE_MS } from './watermark.ts'

/**
 * Late data of one asset is judged in one backfill per so much of the journal's clock: an outbox that is emptied newest
 * first would otherwise run the whole day again for each of its messages. The first one is judged at once, and what is
 * late by no more than the grace always is, because timers have not passed it (S3).
 */
const TOGETHER_MS = SECOND
const MOST_REMEMBERED = 1000

/** The clock at which late data that waits is judged. */
export function lateDue({ late, backfilledAt }: AssetState): Instant {
  return late ? backfilledAt + TOGETHER_MS : Infinity
}

/** Takes an observation at event time `at`, behind the asset's frontier. */
export function takeLate(engine: Engine, asset: AssetState, observation: Observation, at: Instant): void {
  switch (whatOf(engine, asset, at)) {
    case 'too_late':
      engine.state.counts.tooLateForRules++
      asset.tooLate.push(observation.offset)
      if (asset.tooLate.length > MOST_REMEMBERED) asset.tooLate.shift()
      return
    case 'now':
      settleLate(engine, asset, observation)
      return engine.advance(asset)
    case 'wait':
      asset.late = { at: Math.min(at, asset.late?.at ?? at), to: Math.max(at, asset.late?.to ?? at), n: (asset.late?.n ?? 0) + 1 }
      return engine.reschedule(asset, engine.run(asset))
  }
}

function whatOf({ state }: Engine, asset: AssetState, at: Instant): 'now' | 'wait' | 'too_late' {
  const [oldest] = asset.checkpoints
  const behind = asset.course.frontier - at
  if (!oldest || oldest.at > at || behind > BACKFILL_MS) return 'too_late'
  return behind <= GRACE_MS || state.clock >= asset.backfilledAt + TOGETHER_MS ? 'now' : 'wait'
}

/** Late data that waits is judged now, together with `observation`. */
export function settleLate(engine: Engine, asset: AssetState, observation?: Observation): void {
  const { state, history } = engine
  if (!asset.late && !observation) return
  const own = observation ? [eventAt(asset, observation)] : []
  const waiting = asset.late ? [asset.late.at, asset.late.to] : []
  const span = { at: Math.min(...own, ...waiting), to: Math.max(...own, ...waiting) }
  const waited = asset.late?.n ?? 0
  Object.assign(asset, { late: null, backfilledAt: state.clock })
  const around: Surroundings = {
    state,
    history,
    emit: (which, rule, alert, what, when) => engine.emit(which, rule, alert, what, when),
    informed: (which, rule, name) => informs(engine.run(which), rule, name),
    gathered: (which, rule, found, span) => engine.gathers.amend(which, rule, found, span),
  }
  if (!backfill(around, asset, span, state.offset, observation)) state.counts.tooLateForRules += waited
  askMissing(engine, asset)
  asset.nextDue = nextDue({ ...engine.run(asset), due: undefined, timed: undefined })
}
