import { createHash } from 'node:crypto'
import type { EditReason, Transition } from '../domain/alert.ts'
import type { AlertId, Offset } from '../domain/ids.ts'
import type { Instant } from '../domain/time.ts'
import type { CompiledRule } from './rule.ts'
import type { AssetState, RaisedAlert } from './state.ts'

/** How long a resolved alert is remembered at least, so that late data can amend it: the reach of a backfill twice over. */
const REMEMBER_MS = 2 * 86_400_000

/** Identity: a hash of rule without version, key and openedAt (S8). */
export function alertId(rule: string, key: string, openedAt: Instant): AlertId {
  return `a${createHash('sha256').update(`${rule}\n${key}\n${openedAt}`).digest('hex').slice(0, 23)}` as AlertId
}

/** The key as the alert shows it: the asset, or asset/zone/track for rules over objects. */
export function keyOf(asset: AssetState, name: string): string {
  const bar = name.indexOf('|')
  return bar < 0 ? asset.id : `${asset.id}/${name.slice(bar + 1)}`
}

/** An alert as it is raised. */
export function newAlert(
  asset: AssetState,
  rule: CompiledRule,
  name: string,
  { severity, onset }: Pick<RaisedAlert, 'severity' | 'onset'>,
  { openedAt, firedAt, raisedAt, informed }: { openedAt: Instant; firedAt: Instant; raisedAt: Instant; informed: boolean },
): RaisedAlert {
  const key = keyOf(asset, name)
  return {
    id: alertId(rule.id, key, openedAt),
    key,
    ruleVersion: rule.version,
    condition: 'firing',
    openedAt,
    raisedAt,
    resolvedAt: null,
    severity,
    informed,
    late: onset.late,
    amended: null,
    onset,
    ...(rule.waitMs !== undefined && { firedAt }),
  }
}

/** The condition side of an alert as a transition. */
export function transitionOf(
  asset: Pick<AssetState, 'id' | 'devices'>,
  rule: CompiledRule,
  alert: RaisedAlert,
  what: Transition['what'],
  at: Instant,
  record: { offset: Offset; n: number; why?: EditReason },
): Transition {
  return {
    ...record,
    what,
    at,
    alert: alert.id,
    rule: rule.id,
    ruleVersion: alert.ruleVersion,
    shadow: rule.state === 'shadow',
    key: alert.key,
    asset: asset.id,
    devices: [...asset.devices],
    condition: alert.condition,
    severity: alert.informed ? 'info' : alert.severity,
    dispatch: alert.informed ? null : (rule.file.dispatch ?? null),
    openedAt: alert.openedAt,
    raisedAt: alert.raisedAt,
    resolvedAt: alert.resolvedAt,
    late: alert.late,
    amended: alert.amended,
    lon: alert.onset.lon,
    lat: alert.onset.lat,
    values: { ...alert.onset.values },
    params: { ...rule.params },
    observations: [...alert.onset.observations],
    model: alert.onset.model,
  }
}

/** The alert of this key that is not resolved. */
export function activeAlert(asset: AssetState, name: string): RaisedAlert | undefined {
  const last = asset.raised.get(name)?.at(-1)
  return last && last.resolvedAt === null ? last : undefined
}

/** Puts an alert in the place of its older self, or adds it; what is beyond the reach of late data is forgotten. */
export function remember(asset: AssetState, name: string, alert: RaisedAlert): void {
  const list = asset.raised.get(name) ?? []
  const index = list.findIndex((each) => each.id === alert.id)
  if (index >= 0) list[index] = alert
  else list.push(alert)
  const kept = reachable(asset, list)
  // The unresolved one stays last, where activeAlert looks for it.
  kept.sort((a, b) => Number(a.resolvedAt === null) - Number(b.resolvedAt === null) || a.openedAt - b.openedAt)
  if (kept.length > 0) asset.raised.set(name, kept)
  else asset.raised.delete(name)
}

function reachable(asset: AssetState, alerts: readonly RaisedAlert[]): RaisedAlert[] {
  const since = rememberedSince(asset)
  return alerts.filter((each) => each.resolvedAt === null || each.resolvedAt >= since)
}

/** A backfill finds again all that was after the checkpoint it begins at, which is older where the asset was silent. */
function rememberedSince({ course, checkpoints }: AssetState): Instant {
  return Math.min(course.frontier - REMEMBER_MS, checkpoints[0]?.at ?? Infinity)
}

/** Forgets what is beyond the reach of late data under keys that will not come again, as every track's does not. */
export function forgetOld(asset: AssetState): void {
  for (const [id, { at }] of asset.reminders) if (at < rememberedSince(asset)) asset.reminders.delete(id)
  for (const [name, alerts] of asset.raised) {
    const kept = reachable(asset, alerts)
    if (kept.length === 0) asset.raised.delete(name)
    else if (kept.length < alerts.length) asset.raised.set(name, kept)
  }
}

/** The name of the rule that a key of a course belongs to. */
export function ruleOf(name: string): string {
  const bar = name.indexOf('|')
  return bar < 0 ? name : name.slice(0, bar)
}
