import type { Instant } from '../domain/time.ts'
import { caseEdge } from './city.ts'
import type { Engine } from './engine.ts'
import type { AssetState } from './state.ts'
import { elapseTo, judgeAsking } from './timers.ts'
import { releaseUpTo } from './waiting.ts'

/**
 * Orders begin and end by the engine's clock (S12), not by what devices say: what asks for them is judged again then, at
 * the event time that the asset had reached by that clock, however silent it is.
 */
export function judgeByOrders(engine: Engine, asset: AssetState, clock: Instant): void {
  const now = engine.reached(asset, clock)
  const run = engine.run(asset)
  releaseUpTo(run, now)
  elapseTo(run, now)
  judgeAsking(run, Math.max(now, asset.course.frontier))
}

/** The same where the time of an order began or ended since `from`: a tick may come after it. */
export function judgeByPassed(engine: Engine, asset: AssetState, from: Instant): void {
  const edge = caseEdge(engine.state, asset.id, from)
  if (edge !== undefined) judgeByOrders(engine, asset, edge)
}
