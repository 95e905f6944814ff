import type { Transition } from '../domain/alert.ts'
import type { DeviceId } from '../domain/ids.ts'
import { SEVERITIES, type Severity } from '../domain/rule.ts'
import type { Instant } from '../domain/time.ts'
import { type Gathering, type Member, stretchAt } from './gathering.ts'
import { alertId } from './raised.ts'
import { isWithdrawn, overlaps, pair } from './reconcile.ts'
import type { CompiledRule } from './rule.ts'
import type { Onset, RaisedAlert } from './state.ts'

/** Of a large gathering an alert names so many assets, devices and observations; the count is whole. */
const MOST_NAMES = 20
const MOST_OBSERVATIONS = 100

/** A stretch during which the number was reached, as a recount finds it. */
export interface Stretch {
  openedAt: Instant
  resolvedAt: Instant | null
  /** It was reached at the base already: where it began is settled. */
  carried: boolean
  /** What would be raised; undefined: an alert with this beginning exists. */
  alert: RaisedAlert | undefined
}

/** The alert of a number that is reached at `at`, of those who count then. */
export function alertOf(gathering: Gathering, rule: CompiledRule, at: Instant, clock: Instant): RaisedAlert {
  const members = membersAt(gathering, at)
  return {
    id: mint(gathering, rule, at),
    key: gathering.area,
    ruleVersion: rule.version,
    condition: 'firing',
    openedAt: at,
    raisedAt: clock,
    resolvedAt: null,
    severity: members.reduce<Severity>((gravest, { severity }) => graver(gravest, severity), 'info'),
    informed: false,
    late: members.at(-1)?.late ?? false,
    amended: null,
    onset: onsetOf(members),
    devices: devicesOf(members),
  }
}

/**
 * The alert after one more asset counts; undefined while that is no news: a graver severity is, and twice as many as were
 * told last. Severity does not fall before the end.
 */
export function amendedBy(alert: RaisedAlert, member: Member, gathering: Gathering, at: Instant): RaisedAlert | undefined {
  const severity = graver(alert.severity, member.severity)
  if (severity === alert.severity && gathering.counted.size < 2 * Number(alert.onset.values.count)) return undefined
  const members = membersAt(gathering, at)
  return { ...alert, severity, onset: { ...onsetOf(members), lon: alert.onset.lon, lat: alert.onset.lat }, devices: devicesOf(members) }
}

/** One stretch of each asset that counts, in order of when these began. */
function membersAt(gathering: Gathering, at: Instant): Member[] {
  const members: Member[] = []
  for (const asset of gathering.counted.keys()) {
    const member = stretchAt(gathering, asset, at)
    if (member) members.push(member)
  }
  return members.sort((a, b) => a.from - b.from || (a.asset < b.asset ? -1 : 1))
}

function onsetOf(members: readonly Member[]): Onset {
  const names = members.slice(0, MOST_NAMES).map(({ asset }) => asset)
  const placed = members.filter(({ lon, lat }) => lon !== null && lat !== null)
  return {
    values: { count: members.length, assets: members.length > MOST_NAMES ? `${names.join(' ')} …` : names.join(' ') },
    observations: members.flatMap(({ observations }) => observations).slice(-MOST_OBSERVATIONS),
    lon: mean(placed.map(({ lon }) => lon as number)),
    lat: mean(placed.map(({ lat }) => lat as number)),
    model: null,
    late: false,
  }
}

function mean(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length
}

function devicesOf(members: readonly Member[]): DeviceId[] {
  return members.flatMap(({ devices }) => devices).slice(0, MOST_NAMES)
}

function graver(a: Severity, b: Severity): Severity {
  return SEVERITIES.indexOf(a) <= SEVERITIES.indexOf(b) ? a : b
}

/** An id is minted once: if an alert that has since been moved in time bears this one, the newcomer gets the next. */
function mint({ area, raised }: Gathering, rule: CompiledRule, at: Instant): RaisedAlert['id'] {
  const first = alertId(rule.id, area, at)
  let id = first
  for (let n = 2; raised.some((alert) => alert.id === id && !(id === first && isWithdrawn(alert))); n++) id = alertId(rule.id, `${area} ${n}`, at)
  return id
}

export interface AlertChange {
  alert: RaisedAlert
  what: Transition['what']
  at: Instant
}

/** What a recount found against what was raised: nothing is deleted, and what is settled stays as it was (S6, S7). */
export function reconciled({ raised, base }: Gathering, stretches: readonly Stretch[]): AlertChange[] {
  const open = raised.filter(({ resolvedAt }) => resolvedAt === null || resolvedAt > base)
  const left = new Set(open.filter((alert) => !isWithdrawn(alert)))
  const changes = pair(stretches, left).flatMap(([stretch, alert]) => (alert ? amended(alert, stretch) : born(stretch, open)))
  for (const alert of left) changes.push(alert.openedAt <= base ? ended(alert, base) : withdrawn(alert, stretches))
  return changes
}

function amended(alert: RaisedAlert, { openedAt: found, resolvedAt, carried, alert: made }: Stretch): AlertChange[] {
  const openedAt = carried ? alert.openedAt : found
  if (alert.openedAt === openedAt && alert.resolvedAt === resolvedAt) return []
  const onset = openedAt === alert.openedAt ? alert.onset : (made?.onset ?? alert.onset)
  const condition = resolvedAt === null ? 'firing' : 'resolved'
  return [{ alert: { ...alert, openedAt, resolvedAt, condition, onset, amended: 'times' }, what: 'amended', at: resolvedAt ?? openedAt }]
}

/** A number that was reached unnoticed; or one that was disproved and was right after all. */
function born({ openedAt, resolvedAt, alert }: Stretch, open: readonly RaisedAlert[]): AlertChange[] {
  const revived = open.find((each) => isWithdrawn(each) && each.openedAt === openedAt)
  const condition = resolvedAt === null ? 'firing' : 'resolved'
  if (revived) return [{ alert: { ...revived, resolvedAt, condition, amended: 'times' }, what: 'amended', at: resolvedAt ?? openedAt }]
  if (!alert) return []
  const raised: AlertChange = { alert, what: 'raised', at: openedAt }
  return resolvedAt === null ? [raised] : [raised, { alert: { ...alert, resolvedAt, condition: 'resolved' }, what: 'resolved', at: resolvedAt }]
}

/** It had begun rightly; by what is known or asked now it is over. */
function ended(alert: RaisedAlert, base: Instant): AlertChange {
  const gone: RaisedAlert = { ...alert, condition: 'resolved', resolvedAt: base }
  return alert.resolvedAt === null ? { alert: gone, what: 'resolved', at: base } : { alert: { ...gone, amended: 'times' }, what: 'amended', at: base }
}

function withdrawn(alert: RaisedAlert, stretches: readonly Stretch[]): AlertChange {
  const resolvedAt = alert.resolvedAt ?? alert.openedAt
  const why = stretches.some((stretch) => overlaps(stretch, alert)) ? 'merged' : 'disproved'
  return { alert: { ...alert, condition: 'resolved', resolvedAt, amended: why }, what: 'amended', at: resolvedAt }
}
