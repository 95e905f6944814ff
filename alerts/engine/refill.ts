import type { Offset } from '../../domain/ids.ts'
import type { ControlRecord } from '../../domain/record.ts'
import type { Instant } from '../../domain/time.ts'
import { Engine } from '../../rules/engine.ts'
import { MemoryHistory } from '../../rules/memory-history.ts'
import type { EngineState } from '../../rules/state.ts'
import type { AlertRecord } from '../../store/book/alerts.ts'
import type { Book } from '../../store/book/book.ts'
import { putStanding, type StandingAlert } from '../backtest/standing.ts'

const ALL = 1_000_000

/**
 * A state that begins before the record at `from`, received at `clock`, with the register, the rules and the standing alerts
 * that the book knows, for an engine that lost its past. All of it counts as known since `clock`: nobody is silent for
 * ever of whom nothing is remembered, and what fires goes on from where the book says that it began.
 */
export async function refilled(book: Pick<Book, 'controls' | 'rules' | 'alerts'>, from: Offset, clock: Instant): Promise<EngineState> {
  const engine = new Engine(new MemoryHistory())
  const rules = (await book.rules.inForce(from)).map(ruleRecord)
  const told = (await book.controls.all()).filter(({ offset }) => offset < from)
  for (const record of [...told, ...rules]) engine.step([{ ...record, offset: from - 1, receivedAt: clock }])
  const alerts = await book.alerts.list({ limit: ALL, condition: ['firing', 'recovering'] }, '')
  const standing = Map.groupBy(
    alerts.filter(({ offset }) => offset < from),
    ({ rule }) => rule,
  )
  for (const [rule, its] of standing) putStanding(engine, rule, its.map(standingAlert), [rule])
  return Object.assign(engine.state, { began: from })
}

function ruleRecord({ id, version, state, source, base, areas, by, offset, at: receivedAt }: Awaited<ReturnType<Book['rules']['inForce']>>[number]): ControlRecord {
  return { type: 'rule', by, id, version, state, source, note: '', ...(base !== null && { base }), ...(areas && { areas }), offset, receivedAt }
}

function standingAlert({ id, key, asset, openedAt, severity, values, raisedAt, late, amended, maintenance, observations, lon, lat, model }: AlertRecord): StandingAlert {
  const raised = { raisedAt, late, amended, informed: maintenance !== null, onset: { values, observations, lon, lat, model, late } }
  return { id, key, asset, openedAt, resolvedAt: null, severity, verdict: null, values, raised }
}
