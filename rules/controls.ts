import type { Asset } from '../domain/asset.ts'
import { CalendarSchema } from '../domain/calendar.ts'
import { CameraConfigSchema } from '../domain/camera.ts'
import type { AssetId, DeviceId, GatewayId } from '../domain/ids.ts'
import type { ControlRecord } from '../domain/record.ts'
import { isTimed, selected } from './assets.ts'
import { edit } from './edit.ts'
import type { Engine } from './engine.ts'
import { putAsset } from './register.ts'
import { applyReminder } from './remind.ts'
import { type CompiledRule, compileRule } from './rule.ts'
import { dropCase, type Lanes, putCase } from './state.ts'
import { shapeOf } from './zones.ts'

/** What a control record changes in the engine's picture of the city (S1). */
export function applyControl(engine: Engine, record: ControlRecord): void {
  switch (record.type) {
    case 'rule':
      return applyRule(engine, record)
    case 'asset':
      return record.asset.kind === 'zone' ? putZone(engine, record.asset as Asset) : putAsset(engine, record.asset as Asset, record.receivedAt)
    case 'zone':
      return putZone(engine, record.asset as Asset)
    case 'camera':
      return putCamera(engine, record.id, record.config)
    case 'case':
      return applyCase(engine, record)
    case 'calendar':
      return putCalendar(engine, record)
    case 'gateway':
      return applyGateway(engine, record)
    case 'reminder':
      return applyReminder(engine, record)
    // Verdicts, acknowledgements and silences belong to review, which the engine does not own (S11).
    case 'verdict':
    case 'acknowledge':
    case 'silence':
    case 'tick':
      return
  }
}

function applyRule(engine: Engine, record: Extract<ControlRecord, { type: 'rule' }>): void {
  const { state } = engine
  const before = state.rules.get(record.id) ?? NO_LANES
  const after = lanesAfter(before, record, () => compiled(engine, record))
  if (after === before) return
  const chosen = new Map([...state.assets.values()].map((asset) => [asset, selected(state, asset)]))
  if (after.live || after.trial || after.shadow) state.rules.set(record.id, after)
  else state.rules.delete(record.id)
  for (const [asset, was] of chosen) {
    asset.rules = undefined
    asset.timed = undefined
    edit(engine, asset, was, [record.id, `${record.id}@shadow`])
  }
  engine.gathers.ruleChanged(record.id, before)
}

const NO_LANES: Lanes = { live: undefined, trial: undefined, shadow: undefined }

/** Which versions are in force after the record. A version stands in one lane only. */
function lanesAfter(before: Lanes, record: Extract<ControlRecord, { type: 'rule' }>, compile: () => CompiledRule | undefined): Lanes {
  if (record.state === 'removed') return NO_LANES
  const without = (rule: CompiledRule | undefined): CompiledRule | undefined => (rule?.version === record.version ? undefined : rule)
  const rest: Lanes = { live: without(before.live), trial: without(before.trial), shadow: without(before.shadow) }
  switch (record.state) {
    case 'draft':
    case 'quarantined':
      return rest.live === before.live && rest.trial === before.trial && rest.shadow === before.shadow ? before : rest
    case 'shadow':
      return { ...rest, shadow: compile() }
    case 'live':
      // What was live everywhere stays so where the new version is not tried, and takes its place again when that is put back.
      return record.areas ? { ...rest, trial: compile() } : { ...rest, live: compile() ?? rest.live, trial: undefined }
  }
}

/** A journalled rule that this version of the language no longer takes must not stop the others: it is counted and left out. */
function compiled(engine: Engine, record: Extract<ControlRecord, { type: 'rule' }>): CompiledRule | undefined {
  const { id, version, source, base, areas, offset, receivedAt } = record
  try {
    return compileRule({ id, version, state: record.state === 'shadow' ? 'shadow' : 'live', source, base, areas, since: offset, sinceAt: receivedAt })
  } catch {
    engine.state.counts.brokenRules++
    return undefined
  }
}

function putZone(engine: Engine, asset: Asset): void {
  const shape = shapeOf(asset)
  if (shape) engine.state.zones.put(shape)
  else engine.state.zones.delete(asset.id)
}

function putCamera(engine: Engine, id: string, config: unknown): void {
  const parsed = CameraConfigSchema.safeParse(config)
  if (!parsed.success) return
  const { zones, algorithms } = parsed.data
  const asset = engine.state.assets.get(engine.state.assetOf.get(id as DeviceId) ?? (id as AssetId))
  const was = asset && selected(engine.state, asset)
  engine.state.cameras.set(id, { zones, algorithms })
  if (!asset || !was) return
  asset.rules = undefined
  asset.timed = undefined
  edit(engine, asset, was)
}

/** What time can turn may be true already under the new calendar, or no longer. */
function putCalendar(engine: Engine, record: Extract<ControlRecord, { type: 'calendar' }>): void {
  const parsed = CalendarSchema.safeParse(record.calendar)
  if (!parsed.success) return
  engine.state.calendars.set(record.id, parsed.data)
  for (const asset of engine.state.assets.values()) if (isTimed(engine.state, asset)) engine.judgeTimed(asset)
}

function applyCase(engine: Engine, record: Extract<ControlRecord, { type: 'case' }>): void {
  const { state } = engine
  if (record.asset === null) return
  if (record.open) putCase(state, { id: record.id, type: record.case, asset: record.asset, from: record.from, to: record.to })
  else dropCase(state, record.asset, record.id)
  const asset = state.assets.get(record.asset as AssetId)
  if (!asset) return
  engine.refreshInform(asset)
  engine.reschedule(asset)
}

function applyGateway(engine: Engine, record: Extract<ControlRecord, { type: 'gateway' }>): void {
  const { state } = engine
  const gateway = record.gateway as GatewayId
  engine.hearGateway(record)
  const was = state.draining.has(gateway)
  if (record.state === 'draining') {
    if (was) return
    state.draining.set(gateway, record.receivedAt)
  } else if (!state.draining.delete(gateway)) return
  for (const asset of state.assets.values()) if (asset.devices.some((device) => state.devices.get(device)?.gateway === gateway)) engine.advance(asset)
}
