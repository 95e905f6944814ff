import type { Asset } from '../domain/asset.ts'
import { CalendarSchema } from '../domain/calendar.ts'
import { CameraConfigSchema } from '../domain/camera.ts'
import type { AssetId, DeviceId, GatewayId } from '../domain/ids.ts'
import type { ControlRecord } from '../domain/record.ts'
import { hasTimed, selected } from './assets.ts'
import { edit, endKeys } from './edit.ts'
import type { Engine } from './engine.ts'
import { applyRule } from './lanes.ts'
import { settleLate } from './late.ts'
import { zoneOf } from './objects.ts'
import { judgeByOrders } from './orders.ts'
import { putAsset } from './register.ts'
import { applyReminder } from './remind.ts'
import type { CompiledRule } from './rule.ts'
import { type AssetState, type CameraState, dropCase, putCase } from './state.ts'
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

function putZone(engine: Engine, asset: Asset): void {
  const shape = shapeOf(asset)
  if (shape) engine.state.zones.put(shape)
  else engine.state.zones.delete(asset.id)
}

function putCamera(engine: Engine, id: string, config: unknown): void {
  const parsed = CameraConfigSchema.safeParse(config)
  if (!parsed.success) return
  const { zones, algorithms, source } = parsed.data
  const { state } = engine
  const asset = state.assets.get(state.assetOf.get(id as DeviceId) ?? (id as AssetId))
  if (asset) settleLate(engine, asset)
  const was = asset && selected(state, asset)
  const before = state.cameras.get(id)
  const after: CameraState = { zones, algorithms, hasSource: source !== null }
  if (asset && before) endUnseen(engine, asset, before, after)
  state.cameras.set(id, after)
  if (!asset || !was) return
  asset.rules = undefined
  asset.timed = undefined
  edit(engine, asset, was)
  engine.reschedule(asset)
}

/** What a camera can no longer see is over for it: everything with its source, and what stood in a zone that is no longer there. */
function endUnseen(engine: Engine, asset: AssetState, before: CameraState, after: CameraState): void {
  const blind = before.hasSource && !after.hasSource
  for (const rule of selected(engine.state, asset).byKind.get('scene') ?? []) {
    const kept = new Set(zonesFor(rule, after))
    const gone = new Set(zonesFor(rule, before).filter((zone) => !kept.has(zone)))
    if (blind) endKeys(engine, asset, rule, 'not_looking')
    else if (gone.size > 0) endKeys(engine, asset, rule, 'not_looking', (name) => gone.has(zoneOf(name)))
  }
}

/** Zones of the picture in which a rule over objects looks. */
function zonesFor({ file, zones: bound }: CompiledRule, { zones }: CameraState): string[] {
  return zones.filter(({ id, type }) => (bound ? bound.includes(id) : type === file.objects?.zone)).map(({ id }) => id)
}

/** What time can turn may be true already under the new calendar, or no longer. */
function putCalendar(engine: Engine, record: Extract<ControlRecord, { type: 'calendar' }>): void {
  const parsed = CalendarSchema.safeParse(record.calendar)
  if (!parsed.success) return
  engine.state.calendars.set(record.id, parsed.data)
  for (const asset of engine.state.assets.values()) if (hasTimed(engine.state, asset)) engine.judgeTimed(asset)
}

function applyCase(engine: Engine, record: Extract<ControlRecord, { type: 'case' }>): void {
  const { state } = engine
  if (record.asset === null) return
  const asset = state.assets.get(record.asset as AssetId)
  if (asset) settleLate(engine, asset)
  if (record.open) putCase(state, { id: record.id, type: record.case, asset: record.asset, from: record.from, to: record.to })
  else dropCase(state, record.asset, record.id)
  if (!asset) return
  judgeByOrders(engine, asset, state.clock)
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
