import type { Observation } from '../domain/observation.ts'
import type { HistoryReader } from '../domain/ports/history.ts'
import type { ControlRecord } from '../domain/record.ts'
import { DAY, type Instant } from '../domain/time.ts'
import { newAsset, rulesFor } from './assets.ts'
import { applyObservation, newRun, type Run, type Sink } from './course.ts'
import { reachOf } from './reach.ts'
import type { CompiledRule } from './rule.ts'
import { eventAt } from './skew.ts'
import { type AssetState, copyCourse, type EngineState, type OpenCase } from './state.ts'
import { elapseTo, judgeAsking } from './timers.ts'

/** A record of a maintenance order, or of any other case. */
export type OrderRecord = Extract<ControlRecord, { type: 'case' }>

/** What is explained: `orders` are all records of the asset's cases, in journal order; without them the present ones count. */
export interface PastQuery {
  at: Instant
  orders?: readonly OrderRecord[]
}

/** An asset as it was, ready to be asked. */
export interface Past {
  run: Run
  /** Nothing from before this is known; null: everything that counts is. */
  begins: Instant | null
}

const SILENT: Sink = { event: () => {}, severity: () => {} }
/** More is not gone through: the engine's thread stands still meanwhile. */
const MOST_OBSERVATIONS = 50_000

/**
 * The asset as it was at `at`: from the newest checkpoint before, else from a fresh beginning as long before as its rules
 * reach back. Orders and the clock are those of the time; rules, zones and calendars the present ones.
 */
export function runUpTo(state: EngineState, history: HistoryReader, asset: AssetState, { at, orders }: PastQuery, rules: readonly CompiledRule[]): Past {
  const present = asset.course.frontier <= at
  const from = present ? undefined : asset.checkpoints.findLast((each) => each.at <= at)
  const course = present ? copyCourse(asset.course) : from ? copyCourse(from.course) : newAsset(state, asset.id, asset.asset, asset.devices, asset.knownSince).course
  // What throws while it is explained is not the engine's to take out: a replay would not find it.
  const own: EngineState = { ...state, counts: { ...state.counts }, faults: [], clock: Math.min(state.clock, at) }
  const run = newRun({ state: own, asset: { ...asset, course }, course, sink: SILENT, rulesFor: (which, kind) => rulesFor(state, which, kind) })
  const then = orders && own.clock < state.clock ? new OrdersThen(orders) : undefined
  let begins: Instant | null = null
  if (!present) {
    const { observations, begin } = from ? { observations: observed(history, asset, from.at, at), begin: from.at } : longEnough(history, asset, at, rules)
    if (!from && begin > asset.knownSince) begins = begin
    then?.put(run, begin)
    for (const each of observations) {
      if (eventAt(asset, each) <= begin && each.offset <= (from?.offset ?? 0)) continue
      then?.pass(run, begin, eventAt(asset, each))
      applyObservation(run, each, eventAt(asset, each), false)
    }
    then?.pass(run, begin, at)
  }
  then?.put(run, at)
  own.clock = Math.min(state.clock, at)
  if (run.course.frontier <= at) elapseTo(run, at)
  return { run, begins }
}

/** As far back as the rules reach; an asset that says very much, a day. */
function longEnough(history: HistoryReader, asset: AssetState, at: Instant, rules: readonly CompiledRule[]): { observations: Observation[]; begin: Instant } {
  const reach = Math.max(DAY, ...rules.map(({ file }) => reachOf(file)))
  for (const begin of [at - reach, at - DAY]) {
    const observations = observed(history, asset, Math.max(0, begin), at, begin === at - DAY ? undefined : MOST_OBSERVATIONS + 1)
    if (observations.length <= MOST_OBSERVATIONS || begin === at - DAY) return { observations, begin: Math.max(0, begin) }
  }
  return { observations: [], begin: at }
}

/** What the asset's devices said, in order of event time. */
export function observed(history: HistoryReader, asset: AssetState, from: Instant, to: Instant, limit?: number): Observation[] {
  return asset.devices
    .flatMap((device) => history.read({ device, from: Math.max(0, from), to, ...(limit !== undefined && { limit }) }))
    .filter((each) => each.offset >= asset.since && eventAt(asset, each) <= to)
    .sort((a, b) => eventAt(asset, a) - eventAt(asset, b) || a.offset - b.offset)
}

/** The orders of an asset as they were at any time: they came and ended by the clock of the journal. */
class OrdersThen {
  readonly #records: readonly OrderRecord[]
  /** When something of them changed, in order. */
  readonly #edges: readonly Instant[]
  #next = 0

  constructor(records: readonly OrderRecord[]) {
    this.#records = records
    this.#edges = [...new Set(records.flatMap(({ receivedAt, from, to }) => [receivedAt, from, to]).filter((edge) => edge !== null))].sort((a, b) => a - b)
  }

  put({ state, asset }: Run, clock: Instant): void {
    const open = new Map<string, OpenCase>()
    for (const { id, case: type, asset: of, from, to, receivedAt, open: isOpen } of this.#records) {
      if (receivedAt > clock || of !== asset.id) continue
      if (isOpen) open.set(id, { id, type, asset: of, from, to })
      else open.delete(id)
    }
    state.cases = new Map([[asset.id as string, open]])
    state.clock = clock
  }

  /** Everything that changed after `from` and up to `to`. */
  pass(run: Run, from: Instant, to: Instant): void {
    for (let edge = this.#edges[this.#next]; edge !== undefined && edge <= to; edge = this.#edges[++this.#next]) {
      if (edge <= from) continue
      elapseTo(run, edge)
      this.put(run, edge)
      judgeAsking(run, Math.max(edge, run.course.frontier))
    }
  }
}
