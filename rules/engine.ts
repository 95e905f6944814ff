import { type EditReason, goesOn, type Transition } from '../domain/alert.ts'
import type { Kind } from '../domain/fields.ts'
import type { AssetId, DeviceId, GatewayId } from '../domain/ids.ts'
import { effectiveAt, type Observation } from '../domain/observation.ts'
import type { HistoryReader } from '../domain/ports/history.ts'
import type { Projected } from '../domain/projection.ts'
import type { ControlRecord, JournalRecord } from '../domain/record.ts'
import type { Instant } from '../domain/time.ts'
import { newAsset, ruleNamed, rulesFor } from './assets.ts'
import { BACKFILL_MS } from './backfill.ts'
import { checkpoint } from './checkpoint.ts'
import { caseBoundary } from './city.ts'
import { applyControl } from './controls.ts'
import { applyObservation, newRun, type Run, type Sink } from './course.ts'
import { Gathers } from './gather.ts'
import { gatheringOf } from './gathering.ts'
import type { HoldEvent } from './hold.ts'
import { informs } from './judge.ts'
import { takeOutDue } from './lanes.ts'
import { lateDue, settleLate, takeLate } from './late.ts'
import { judgeByPassed } from './orders.ts'
import { Ahead } from './quarantine.ts'
import { activeAlert, newAlert, remember, transitionOf } from './raised.ts'
import { count, hearReminder, withReminder } from './remind.ts'
import type { CompiledRule } from './rule.ts'
import { corrected, eventAt, noteSkew } from './skew.ts'
import { type AssetState, type EngineState, emptyState, type KeyState, type Quarantine, type RaisedAlert } from './state.ts'
import { elapseTo, judgeTimed, nextDue } from './timers.ts'
import { awaitSlower, releaseUpTo } from './waiting.ts'
import { type Wake, WakeQueue } from './wake.ts'
import { Watch } from './watch.ts'
import { clockReaching, type DeviceClock, GRACE_MS, hear, keyWatermark, newDevice } from './watermark.ts'

export interface EngineOptions {
  watch?: Watch
  /** Of versions that took too long, from further on in the journal. */
  quarantines?: readonly Quarantine[]
}

/**
 * The rule engine: `step` takes records of the journal in order and gives what follows from them. It reads no clock
 * (its clock is `receivedAt`, S2), asks nobody but the history of the very same journal (for late data, S6), and works
 * record by record, so that neither batching nor a restart shows in what it says (S14). The state is changed in place
 * because copying it for each batch would cost more than the rules; `freeze`/`thaw` (snapshot.ts) make it a value.
 */
export class Engine {
  readonly state: EngineState
  /** Rules that gather alerts of an area. */
  readonly gathers: Gathers
  readonly history: HistoryReader
  /** Where another thread can see what is judged. */
  readonly watch: Watch
  readonly #ahead: Ahead
  #blamed: Quarantine[] = []
  readonly #wakes = new WakeQueue()
  readonly #rulesFor = (asset: AssetState, kind: Kind): readonly CompiledRule[] => rulesFor(this.state, asset, kind)
  readonly #sink: Sink = {
    event: (asset, rule, name, key, event) => this.#event(asset, rule, name, key, event),
    severity: (asset, rule, name, key, at) => {
      const alert = activeAlert(asset, name)
      if (alert) this.change(asset, rule, name, { ...alert, severity: key.severity }, 'severity', at)
    },
  }
  #out: Projected[] = []
  #n = 0

  constructor(history: HistoryReader, state: EngineState = emptyState(), { watch = new Watch(), quarantines = [] }: EngineOptions = {}) {
    this.history = history
    this.state = state
    this.watch = watch
    this.#ahead = new Ahead(quarantines, state.offset)
    for (const lanes of state.rules.values()) for (const rule of [lanes.live, lanes.trial, lanes.shadow]) if (rule) watch.name(rule)
    for (const asset of state.assets.values()) this.reschedule(asset)
    this.gathers = new Gathers(this)
  }

  /** Consecutive records → transitions, discoveries and the control records themselves, in order. */
  step(records: readonly JournalRecord[]): Projected[] {
    this.#out = []
    this.state.began ||= records[0]?.offset ?? 0
    this.watch.begin()
    try {
      for (const record of records) this.#one(record)
    } finally {
      this.watch.end()
    }
    return this.#out
  }

  /** The clock for which a tick must be journalled if nothing else arrives by then (S2). */
  get nextWake(): Instant {
    return this.#wakes.next
  }

  #one(record: JournalRecord): void {
    const { state } = this
    state.offset = record.offset
    state.clock = Math.max(state.clock, record.receivedAt)
    this.#n = 0
    this.watch.record(record.offset)
    if (this.#ahead.waiting || state.faults.length > 0) this.#blamed.push(...takeOutDue(this, this.#ahead))
    for (let due = this.#wakes.next; due <= state.clock; due = this.#wakes.next) this.#wake(this.#wakes.pop(due)?.id as AssetId, due)
    if (record.type === 'observation') return this.#observe(record)
    if (record.type !== 'tick') this.#out.push(record)
    applyControl(this, record)
  }

  say(entry: Projected): void {
    this.#out.push(entry)
  }

  /** Versions that threw, each told once: their quarantine is to be journalled, so that it shows. */
  takeBlamed(): Quarantine[] {
    return [...this.#blamed.splice(0), ...this.state.faults].filter((fault) => this.#ahead.isNew(fault))
  }

  #wake(id: AssetId, due: Instant): void {
    const gathering = gatheringOf(id)
    if (gathering !== undefined) return this.gathers.wake(gathering)
    const asset = this.state.assets.get(id)
    if (!asset) return
    settleLate(this, asset)
    judgeByPassed(this, asset, due)
    this.advance(asset)
  }

  wakeAt(wake: Wake, clock: Instant): void {
    this.#wakes.set(wake, clock)
  }

  /** Lets an asset's timers catch up with its watermark. */
  advance(asset: AssetState): void {
    const to = this.reached(asset)
    const run = this.run(asset)
    releaseUpTo(run, to)
    elapseTo(run, to)
    this.refreshInform(asset)
    this.reschedule(asset, run)
  }

  /** The event time up to which timers of the asset may fire by this clock. */
  reached(asset: AssetState, clock = this.state.clock): Instant {
    const clocks = this.#clocks(asset)
    return clocks.length > 0 ? keyWatermark(clocks, clock, this.state.draining) : clock - GRACE_MS
  }

  #clocks(asset: AssetState): DeviceClock[] {
    const clocks: DeviceClock[] = []
    for (const id of asset.devices) {
      const clock = this.state.devices.get(id)
      if (clock) clocks.push(corrected(asset, clock, this.state.offset))
    }
    return clocks
  }

  run(asset: AssetState): Run {
    return newRun({ state: this.state, asset, course: asset.course, sink: this.#sink, rulesFor: this.#rulesFor }, asset.nextDue, asset.timed)
  }

  #observe(observation: Observation): void {
    const asset = this.#assetOf(observation)
    const late = this.#hear(observation, effectiveAt(observation))
    if (asset.devices.length > 1) this.#noteSkew(asset, observation)
    const at = eventAt(asset, observation)
    // What waits must be judged while checkpoints still reach back so far.
    if (asset.late && at - asset.late.at > BACKFILL_MS) settleLate(this, asset)
    if (asset.devices.length > 1 && at >= asset.course.frontier) {
      awaitSlower(asset, observation, at)
      return this.advance(asset)
    }
    if (at < asset.course.frontier) return takeLate(this, asset, observation, at)
    const run = this.run(asset)
    applyObservation(run, observation, at, late)
    checkpoint(asset, observation.offset)
    const clocks = this.#clocks(asset)
    // The watermark may already have passed what this observation began.
    elapseTo(run, keyWatermark(clocks, this.state.clock, this.state.draining))
    if (asset.raised.size > 0) this.refreshInform(asset)
    this.reschedule(asset, run, clocks)
  }

  /**
   * A gateway's own word is the presence of a device that bears its id, so that rules can say when its silence is an
   * alert. It counts at its receipt: what the gateway's clock says cannot make it late.
   */
  hearGateway({ offset, receivedAt, gateway, state }: Extract<ControlRecord, { type: 'gateway' }>): void {
    const presence = state === 'online' || state === 'draining' ? 'online' : 'offline'
    const payload = { at: receivedAt, state: presence }
    this.#observe({ type: 'observation', offset, receivedAt, kind: 'presence', device: gateway as DeviceId, gateway: gateway as GatewayId, at: receivedAt, payload })
  }

  #noteSkew(asset: AssetState, { device, offset }: Observation): void {
    const clock = this.state.devices.get(device)
    if (clock) noteSkew(asset, clock, offset)
  }

  #hear(observation: Observation, at: Instant): boolean {
    const clock = this.state.devices.get(observation.device)
    if (clock) return hear(clock, at, observation.receivedAt, this.state.draining)
    this.state.devices.set(observation.device, newDevice(observation.device, observation.gateway, at, observation.receivedAt))
    return false
  }

  #assetOf(observation: Observation): AssetState {
    const id = this.state.assetOf.get(observation.device) ?? (observation.device as string as AssetId)
    const known = this.state.assets.get(id)
    if (known) return known
    this.#out.push({ type: 'discovered', offset: observation.offset, receivedAt: observation.receivedAt, asset: id, device: observation.device, kind: observation.kind })
    return this.addAsset(newAsset(this.state, id, undefined, [observation.device], observation.receivedAt))
  }

  addAsset(asset: AssetState): AssetState {
    this.state.assets.set(asset.id, asset)
    for (const device of asset.devices) this.state.assetOf.set(device as DeviceId, asset.id)
    return asset
  }

  removeAsset(asset: AssetState): void {
    this.state.assets.delete(asset.id)
    this.#wakes.set(asset.wake, Infinity)
  }

  /** Queues the clock at which the asset's next timer can fire. */
  reschedule(asset: AssetState, run: Run = { ...this.run(asset), due: undefined, timed: undefined }, clocks = this.#clocks(asset)): void {
    asset.nextDue = nextDue(run)
    asset.timed = run.timed
    const due = Math.min(asset.nextDue, asset.waiting[0] ? eventAt(asset, asset.waiting[0]) : Infinity)
    const reached = due === Infinity ? Infinity : clocks.length > 0 ? clockReaching(due, clocks, this.state.draining) : due + GRACE_MS
    const wake = Math.min(reached, caseBoundary(this.state, asset.id), lateDue(asset))
    this.#wakes.set(asset.wake, Math.max(wake, this.state.clock + 1))
  }

  /** Severity and dispatch of firing alerts follow the maintenance orders (S12). */
  refreshInform(asset: AssetState): void {
    for (const name of asset.raised.keys()) {
      const rule = ruleNamed(this.state, asset, name)
      const alert = activeAlert(asset, name)
      if (!rule || !alert) continue
      const informed = informs(this.run(asset), rule, name)
      if (informed !== alert.informed) this.change(asset, rule, name, { ...alert, informed }, 'severity', this.state.clock)
    }
  }

  /** A rule that is new or whose params changed may already be true of assets that are silent. */
  judgeTimed(asset: AssetState): void {
    const now = this.reached(asset)
    const run: Run = { ...this.run(asset), due: undefined, timed: undefined }
    elapseTo(run, now)
    judgeTimed(run, Math.max(now, asset.course.frontier))
    this.reschedule(asset, run)
  }

  #event(asset: AssetState, rule: CompiledRule, name: string, key: KeyState, event: HoldEvent): void {
    if (rule.gather) return this.gathers.hear(asset, rule, name, key, event)
    if (event.what === 'remind' || event.what === 'left') return hearReminder(this, asset, rule, name, key, event)
    if (event.what === 'raised') return this.raise(asset, rule, name, key, event)
    const alert = activeAlert(asset, name)
    if (!alert) return
    // With nothing to wait for, an alert that begins to recover is resolved at the same instant.
    if (event.what === 'recovering' && rule.clearMs === 0) return
    const condition = CONDITION[event.what]
    const standing = goesOn({ condition })
    this.change(asset, rule, name, { ...alert, condition, severity: standing ? key.severity : alert.severity, resolvedAt: standing ? null : event.at }, event.what, event.at)
  }

  /** `why`: an edit raises it. */
  raise(asset: AssetState, rule: CompiledRule, name: string, key: KeyState, event: { at: Instant; since: Instant }, why?: EditReason): void {
    if (!key.onset) return
    if (rule.waitMs !== undefined && rule.state !== 'shadow') count(this, rule.id, 'stayed')
    const informed = informs(this.run(asset), rule, name)
    const onset = withReminder(asset, rule, name, event.since, key.onset)
    const alert = newAlert(asset, rule, name, { severity: key.severity, onset }, { openedAt: event.since, firedAt: event.at, raisedAt: this.state.clock, informed })
    this.change(asset, rule, name, alert, 'raised', event.at, why)
  }

  change(asset: AssetState, rule: CompiledRule, name: string, alert: RaisedAlert, what: Transition['what'], at: Instant, why?: EditReason): void {
    const changed = { ...alert, ruleVersion: rule.version }
    remember(asset, name, changed)
    this.emit(asset, rule, changed, what, at, why)
  }

  emit(asset: Pick<AssetState, 'id' | 'devices'>, rule: CompiledRule, alert: RaisedAlert, what: Transition['what'], at: Instant, why?: EditReason): void {
    const { state } = this
    this.#out.push({ type: 'transition', receivedAt: state.clock, ...transitionOf(asset, rule, alert, what, at, { offset: state.offset, n: this.#n++, ...(why && { why }) }) })
  }
}

const CONDITION = {
  recovering: 'recovering',
  refired: 'firing',
  resolved: 'resolved',
} as const
