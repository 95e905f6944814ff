import type { Asset } from '../domain/asset.ts'
import { CameraConfigSchema } from '../domain/camera.ts'
import { bboxOf } from '../domain/geo.ts'
import type { AssetId, GatewayId } from '../domain/ids.ts'
import type { ControlRecord } from '../domain/record.ts'
import { checkpoint } from './checkpoint.ts'
import type { Engine } from './engine.ts'
import { endUnselected, putAsset } from './register.ts'
import { type CompiledRule, compileRule } from './rule.ts'
import { dropCase, putCase } from './state.ts'

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
    case 'gateway':
      return applyGateway(engine, record)
    // Verdicts, acknowledgements and silences belong to review, which the engine does not own (S11).
    case 'verdict':
    case 'acknowledge':
    case 'silence':
    case 'calendar':
    case 'reminder':
    case 'tick':
      return
  }
}

function applyRule(engine: Engine, record: Extract<ControlRecord, { type: 'rule' }>): void {
  const { state } = engine
  const old = state.rules.get(record.id)
  // A draft is only written down; the version that runs goes out of force by becoming one.
  if (record.state === 'draft' && old?.version !== record.version) return
  const rule = record.state === 'live' || record.state === 'shadow' ? compiled(engine, record, record.state) : undefined
  if (rule) state.rules.set(record.id, rule)
  else state.rules.delete(record.id)
  for (const asset of state.assets.values()) {
    asset.rules = undefined
    asset.timed = undefined
    if (old) endUnselected(engine, asset, old)
    // Data before this point is not judged again by the new version; a checkpoint here lets later late data be.
    if (asset.course.frontier >= 0) checkpoint(asset, true)
    if (rule && rule.absences.length > 0) engine.judgeSilence(asset)
    else engine.reschedule(asset)
  }
}

/** A journalled rule that this version of the language no longer takes must not stop the others: it is counted and left out. */
function compiled(engine: Engine, record: Extract<ControlRecord, { type: 'rule' }>, ruleState: CompiledRule['state']): CompiledRule | undefined {
  try {
    return compileRule({ id: record.id, version: record.version, state: ruleState, source: record.source, since: record.offset })
  } catch {
    engine.state.counts.brokenRules++
    return undefined
  }
}

function putZone(engine: Engine, asset: Asset): void {
  if (!asset.zone) {
    engine.state.zones.delete(asset.id)
    return
  }
  engine.state.zones.set(asset.id, { id: asset.id, type: asset.zone.type, polygon: asset.zone.polygon, box: bboxOf(asset.zone.polygon) })
}

function putCamera(engine: Engine, id: string, config: unknown): void {
  const parsed = CameraConfigSchema.safeParse(config)
  if (parsed.success) engine.state.cameras.set(id, parsed.data.zones)
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
  const was = state.draining.has(gateway)
  if (record.state === 'draining') {
    if (was) return
    state.draining.set(gateway, record.receivedAt)
  } else if (!state.draining.delete(gateway)) return
  for (const asset of state.assets.values()) if (asset.devices.some((device) => state.devices.get(device)?.gateway === gateway)) engine.advance(asset)
}
