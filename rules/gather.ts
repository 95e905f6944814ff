import type { Transition } from '../domain/alert.ts'
import { areaAt, liesIn, placeOfArea } from '../domain/area.ts'
import type { Asset } from '../domain/asset.ts'
import type { AssetId, DeviceId } from '../domain/ids.ts'
import { DAY, type Instant, SECOND } from '../domain/time.ts'
import { selected } from './assets.ts'
import type { Engine } from './engine.ts'
import { alertOf, amendedBy, reconciled, type Stretch } from './gather-alerts.ts'
import { enqueue, type Gathering, type Member, newGathering, prune, rewind, SILENT, stretchAt, walk } from './gathering.ts'
import type { HoldEvent } from './hold.ts'
import type { Interval, Span } from './reconcile.ts'
import type { CompiledRule } from './rule.ts'
import { skewAt } from './skew.ts'
import type { AssetState, EngineState, KeyState, Lanes, Onset, RaisedAlert, Selected } from './state.ts'
import { type DeviceClock, GRACE_MS, IDLE_MS, PATIENCE_MS, skewOf, watermark } from './watermark.ts'

/** A device that holds an area up is looked at again after so long: it may have caught up. */
const AGAIN_MS = 5 * SECOND
/** Behind this nothing changes any more: the reach of a backfill. */
const REACH_MS = DAY

/**
 * The second stage of rules with `gather`. Their keys raise nothing; when enough assets of one area were true within the
 * window, the area has one alert. Stretches of all members are counted in order of corrected time (S7), up to the least
 * watermark of the members' devices; what changes behind that is counted again, at most once a second, and amends.
 */
export class Gathers {
  readonly #engine: Engine

  constructor(engine: Engine) {
    this.#engine = engine
    for (const gathering of this.#all.values()) engine.wakeAt(gathering.wake, gathering.wakeAt ?? Infinity)
  }

  get #all(): EngineState['gatherings'] {
    return this.#engine.state.gatherings
  }

  /** A member's key began to be true, or ended to. */
  hear(asset: AssetState, rule: CompiledRule, name: string, key: KeyState, event: HoldEvent): void {
    if (event.what === 'raised' && key.onset) {
      const gathering = this.#for(rule, asset.asset)
      if (gathering) this.#begin(gathering, this.#member(asset, name, { begun: event.at, ended: null, onset: key.onset, severity: key.severity }))
    } else if (event.what === 'resolved') {
      this.#end(this.#for(rule, asset.asset, false), asset, event.at, (member) => member.name === name)
    }
  }

  /** A backfill found other stretches of this rule's keys in an asset (S6). */
  amend(asset: AssetState, rule: CompiledRule, intervals: readonly Interval[], span: Span): void {
    const gathering = this.#for(rule, asset.asset, intervals.length > 0)
    if (!gathering) return
    const old = gathering.members.get(asset.id) ?? []
    const inSpan = (member: Member): boolean => member.begun <= span.end && (member.ended === null || member.ended > span.from.at)
    const left = old.filter((member) => !inSpan(member))
    const found = intervals.map((interval) => this.#found(asset, interval, old.filter(inSpan), span))
    const next = [...left, ...found].sort((a, b) => a.from - b.from || (a.name < b.name ? -1 : 1))
    if (next.length === old.length && next.every((member) => old.includes(member))) return
    if (next.length > 0) gathering.members.set(asset.id, next)
    else gathering.members.delete(asset.id)
    this.#disturb(gathering)
  }

  /** The rule no longer judges the asset: it counts no longer than what it has shown so far makes it. */
  leave(asset: AssetState, rule: CompiledRule): void {
    this.#end(this.#for(rule, asset.asset, false), asset, this.#engine.state.clock, () => true)
  }

  /** The asset was registered in another area: what is true of it counts there from now on. `was`: rules that applied before. */
  moved(asset: AssetState, before: Asset | undefined, was: Selected): void {
    const { clock } = this.#engine.state
    const is = selected(this.#engine.state, asset)
    for (const rule of was.byName.values()) {
      if (!rule.gather || areaOf(rule, before) === areaOf(rule, asset.asset)) continue
      const old = this.#for(rule, before, false)
      const standing = (old?.members.get(asset.id) ?? []).filter(({ ended }) => ended === null)
      this.#end(old, asset, clock, () => true)
      const gathering = is.byName.has(rule.name) ? this.#for(rule, asset.asset) : undefined
      if (gathering) for (const member of standing) this.#begin(gathering, { ...member, begun: clock, from: clock })
    }
  }

  /** A rule was edited or is gone: its areas are counted by the new numbers from here on. `was`: its versions before. */
  ruleChanged(id: string, was: Lanes): void {
    for (const gathering of this.#all.values()) {
      if (gathering.rule !== id && gathering.rule !== `${id}@shadow`) continue
      const quorum = ruleOf(gathering, this.#engine.state.rules.get(id))?.gather
      if (quorum?.by !== gathering.quorum.by) this.#drop(gathering, ruleOf(gathering, was))
      else if (quorum.count !== gathering.quorum.count || quorum.withinMs !== gathering.quorum.withinMs) {
        gathering.quorum = quorum
        gathering.base = gathering.frontier
        this.#disturb(gathering)
      }
    }
  }

  wake(id: string): void {
    const gathering = this.#all.get(id)
    const rule = gathering && ruleOf(gathering, this.#engine.state.rules.get(gathering.rule.replace(/@shadow$/, '')))
    if (!gathering || !rule) return
    gathering.wakeAt = null
    if (gathering.dirty) this.#recount(gathering, rule)
    const to = this.#watermark(gathering)
    walk(gathering, to, this.#walker(gathering, rule), activeIn(gathering) !== undefined)
    gathering.frontier = Math.max(gathering.frontier, to)
    if (gathering.frontier - gathering.base > 2 * REACH_MS) {
      gathering.base = gathering.frontier - REACH_MS
      prune(gathering)
    }
    if (gathering.members.size === 0 && gathering.raised.length === 0) this.#all.delete(id)
    else this.#wakeBy(gathering, this.#due(gathering))
  }

  #for(rule: CompiledRule, asset: Asset | undefined, create = true): Gathering | undefined {
    const area = areaOf(rule, asset)
    if (area === null || !rule.gather || !asset) return undefined
    const known = this.#all.get(`${rule.name}|${area}`)
    if (known || !create) return known
    const made = newGathering(rule.name, area, rule.gather, asset)
    this.#all.set(made.id, made)
    return made
  }

  #member(asset: AssetState, name: string, { begun, ended, onset, severity }: { begun: Instant; ended: Instant | null; onset: Onset; severity: Member['severity'] }): Member {
    const { observations, lon, lat, late } = onset
    const skew = this.#skew(asset)
    const to = ended === null ? null : ended + skew
    return { asset: asset.id, name, begun, ended, from: begun + skew, to, severity, devices: [...asset.devices], observations, lon, lat, late }
  }

  /** From an asset's event time to corrected time. Several devices of one asset are merged in corrected time already. */
  #skew(asset: AssetState): number {
    const clock = asset.devices.length === 1 ? this.#engine.state.devices.get(asset.devices[0] as DeviceId) : undefined
    return clock ? skewOf(clock) : 0
  }

  #begin(gathering: Gathering, member: Member): void {
    gathering.members.set(member.asset, [...(gathering.members.get(member.asset) ?? []), member])
    this.#edge(gathering, member.from, true, member.asset)
  }

  #end(gathering: Gathering | undefined, asset: AssetState, at: Instant, which: (member: Member) => boolean): void {
    const members = gathering?.members.get(asset.id)
    if (!gathering || !members) return
    const ended = members.map((member) => {
      if (member.ended !== null || !which(member)) return member
      const to = Math.max(member.from, at + this.#skew(asset))
      this.#edge(gathering, to + gathering.quorum.withinMs, false, asset.id)
      return { ...member, ended: at, to }
    })
    gathering.members.set(asset.id, ended)
  }

  #edge(gathering: Gathering, at: Instant, begins: boolean, asset: AssetId): void {
    if (at <= gathering.frontier) return this.#disturb(gathering)
    enqueue(gathering, { at, begins, asset })
    this.#wakeBy(gathering, at + GRACE_MS)
  }

  #found(asset: AssetState, interval: Interval, old: readonly Member[], span: Span): Member {
    const begun = interval.firedAt ?? interval.openedAt + interval.rule.forMs
    const same = old.find((member) => member.name === interval.name && member.begun === begun)
    // Where the re-run met the old course again, what is still true ends where it ended before.
    const standing = old.find((member) => member.name === interval.name && (member.ended === null || member.ended > span.end))
    const ended = interval.resolvedAt ?? (span.end === Infinity ? null : (standing?.ended ?? null))
    if (same?.ended === ended) return same
    const made = this.#member(asset, interval.name, { begun, ended, onset: interval.onset, severity: interval.severity })
    return same ? { ...made, from: same.from, to: made.to === null ? null : Math.max(made.to, same.from) } : made
  }

  /** What was counted may be wrong. */
  #disturb(gathering: Gathering): void {
    gathering.dirty = true
    this.#wakeBy(gathering, 0)
  }

  /** Wakes at whole seconds, so that however much is said the members' watermarks are looked at once in each. */
  #wakeBy(gathering: Gathering, due: Instant): void {
    if (due === Infinity) return
    const clock = Math.ceil(Math.max(due, this.#engine.state.clock + 1) / SECOND) * SECOND
    gathering.wakeAt = Math.min(gathering.wakeAt ?? Infinity, clock)
    this.#engine.wakeAt(gathering.wake, gathering.wakeAt)
  }

  /** The clock at which the slowest device will have come to the next edge if nothing arrives, but looked at now and then. */
  #due(gathering: Gathering): Instant {
    const { clock, draining } = this.#engine.state
    const at = gathering.queue.at(-1)?.at ?? Infinity
    if (clock < at + GRACE_MS) return at + GRACE_MS
    let latest = clock
    for (const [device, skew] of this.#clocks(gathering)) {
      const reached = draining.has(device.gateway) ? at + PATIENCE_MS : at - skew - device.newest + device.receivedAt + GRACE_MS
      if (device.floor + skew < at) latest = Math.max(latest, reached)
    }
    return Math.min(latest, at + PATIENCE_MS, clock + AGAIN_MS)
  }

  /** The least watermark of the members' devices that are not idle, in corrected time; at most a minute behind the clock (S7). */
  #watermark(gathering: Gathering): Instant {
    const { clock, draining } = this.#engine.state
    let least = Infinity
    for (const [device, skew] of this.#clocks(gathering)) least = Math.min(least, watermark(device, clock, draining) + skew)
    return Math.max(least === Infinity ? clock - PATIENCE_MS : least, clock - PATIENCE_MS)
  }

  *#clocks(gathering: Gathering): Iterable<[clock: DeviceClock, skew: number]> {
    const { clock, assets, devices, offset } = this.#engine.state
    for (const id of gathering.members.keys()) {
      const asset = assets.get(id)
      for (const name of asset?.devices ?? []) {
        const device = devices.get(name)
        if (asset && device && clock - device.receivedAt <= IDLE_MS) yield [device, asset.devices.length > 1 ? skewAt(asset, name, offset) : skewOf(device)]
      }
    }
  }

  #walker(gathering: Gathering, rule: CompiledRule): Parameters<typeof walk>[2] {
    return {
      opened: (at) => this.#change(gathering, rule, alertOf(gathering, rule, at, this.#engine.state.clock), 'raised', at),
      closed: (at) => {
        const alert = activeIn(gathering)
        if (alert) this.#change(gathering, rule, { ...alert, condition: 'resolved', resolvedAt: at }, 'resolved', at)
      },
      joined: (asset, at) => {
        const alert = activeIn(gathering)
        const member = stretchAt(gathering, asset, at)
        const changed = alert && member && amendedBy(alert, member, gathering, at)
        if (changed) this.#change(gathering, rule, changed, changed.severity === alert.severity ? 'amended' : 'severity', at)
      },
    }
  }

  /** Counts everything from the base on once more, and emits what differs from what was raised. */
  #recount(gathering: Gathering, rule: CompiledRule): void {
    gathering.dirty = false
    const { base, frontier } = gathering
    const stretches: Stretch[] = []
    rewind(gathering)
    const carried = walk(gathering, base, SILENT, false)
    const known = new Set(gathering.raised.map(({ openedAt }) => openedAt))
    const opened = (at: Instant): void => {
      const alert = known.has(at) ? undefined : alertOf(gathering, rule, at, this.#engine.state.clock)
      stretches.push({ openedAt: at, resolvedAt: null, carried: carried && stretches.length === 0, alert })
    }
    if (carried) opened(base)
    const closed = (at: Instant): void => {
      const last = stretches.at(-1)
      if (last) last.resolvedAt = at
    }
    walk(gathering, frontier, { opened, closed, joined: () => undefined }, carried)
    for (const { alert, what, at } of reconciled(gathering, stretches)) this.#change(gathering, rule, alert, what, at)
  }

  /** What the rule raised in this area ends now. */
  #drop(gathering: Gathering, rule: CompiledRule | undefined): void {
    const { clock } = this.#engine.state
    const alert = activeIn(gathering)
    if (alert && rule) this.#change(gathering, rule, { ...alert, condition: 'resolved', resolvedAt: clock }, 'resolved', clock)
    this.#all.delete(gathering.id)
    this.#engine.wakeAt(gathering.wake, Infinity)
  }

  #change(gathering: Gathering, rule: CompiledRule, alert: RaisedAlert, what: Transition['what'], at: Instant): void {
    const index = gathering.raised.findIndex(({ id }) => id === alert.id)
    if (index < 0) gathering.raised.push(alert)
    else gathering.raised[index] = alert
    this.#engine.emit({ id: gathering.area as AssetId, devices: [...(alert.devices ?? [])] }, rule, alert, what, at)
  }
}

function areaOf({ gather }: CompiledRule, asset: Asset | undefined): string | null {
  return gather && asset ? areaAt(gather.by, asset) : null
}

function activeIn({ raised }: Gathering): RaisedAlert | undefined {
  return raised.find(({ resolvedAt }) => resolvedAt === null)
}

/** The version that counts in an area; its members may be judged by others. */
export function ruleOf(gathering: Pick<Gathering, 'rule' | 'area'> & Partial<Gathering>, lanes: Lanes | undefined): CompiledRule | undefined {
  const { rule, area, quorum, place = quorum ? placeOfArea(quorum.by, area) : { area, grid: null } } = gathering
  if (rule.endsWith('@shadow')) return lanes?.shadow
  return lanes?.trial?.areas?.some((tried) => liesIn(tried, place)) ? lanes.trial : lanes?.live
}
