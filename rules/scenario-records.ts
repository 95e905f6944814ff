import { parse } from 'yaml'
import { AssetSchema } from '../domain/asset.ts'
import type { Kind } from '../domain/fields.ts'
import type { SceneObject } from '../domain/observation.ts'
import { type Instant, parseDuration } from '../domain/time.ts'
import type { Scenario, ScenarioAsset, ScenarioControl, ScenarioObservation, Series } from './scenario-file.ts'

/** A record as it will stand in the journal, but for offset and receipt. */
export type Draft = Record<string, unknown> & { type: string }

/** What the engine gets, when by its clock; the same clock in the order given. */
export interface Planned {
  clock: Instant
  what: { feed: Draft } | 'restart' | { reminder: number; sentAt: Instant | null }
}

const DEFAULT_ID = 'a-1'

export function beginOf(scenario: Scenario): Instant {
  return Date.parse(scenario.begins)
}

export function ms(text: string): number {
  return parseDuration(text) ?? Number.NaN
}

/** The city before anything happens. */
export function cityOf(kind: Kind, scenario: Scenario): Draft[] {
  const { zones, calendars, asset, others, picture, algorithms } = scenario
  const drafts: Draft[] = Object.entries(calendars).map(([id, calendar]) => ({ type: 'calendar', by: 'scenario', id, calendar }))
  for (const { id, type, polygon, line, calendar } of zones)
    drafts.push({
      type: 'zone',
      by: 'scenario',
      asset: AssetSchema.parse({ id, kind: 'zone', zone: { type, polygon: polygon ? [polygon] : [], ...(line && { line }), ...(calendar !== undefined && { calendar }) } }),
    })
  for (const each of asset ? [asset, ...others] : others) drafts.push(registration(kind, scenario, each))
  if (picture.length > 0 || algorithms)
    drafts.push({ type: 'camera', by: 'scenario', id: assetId(scenario), version: 1, config: { zones: picture, algorithms: algorithms ?? null } })
  return drafts
}

const ASSET_KINDS: Partial<Record<Kind, string>> = { cover: 'cover', vehicle: 'vehicle', scene: 'camera', sensor: 'sensor' }

function registration(kind: Kind, scenario: Scenario, asset: ScenarioAsset): Draft {
  const at = (text: string | null): Instant | null => (text === null ? null : beginOf(scenario) + ms(text))
  const permits = asset.permits.map((permit) => ({ ...permit, from: at(permit.from), to: at(permit.to) }))
  return { type: 'asset', by: 'scenario', asset: AssetSchema.parse({ kind: ASSET_KINDS[kind] ?? 'other', ...asset, permits }) }
}

/** Everything that happens, in order of the clock. */
export function plan(kind: Kind, scenario: Scenario): Planned[] {
  const begin = beginOf(scenario)
  const planned: Planned[] = [...scenario.series.map(rowsOf), scenario.observations].flatMap((list) => inTurn(kind, scenario, list))
  for (const control of scenario.controls) planned.push({ clock: begin + ms(control.at), what: controlOf(kind, control, scenario) })
  for (const at of scenario.restart) planned.push({ clock: begin + ms(at), what: 'restart' })
  return planned.sort((a, b) => a.clock - b.clock)
}

function inTurn(kind: Kind, scenario: Scenario, observations: readonly ScenarioObservation[]): Planned[] {
  let last = 0
  return observations.flatMap((observation) => {
    const { at, received, repeat } = observation
    last = Math.max(last, ms(received ?? at))
    const clock = beginOf(scenario) + (received === undefined ? last : ms(received))
    const feed = observationOf(kind, scenario, observation)
    return Array.from({ length: repeat + 1 }, () => ({ clock, what: { feed } }))
  })
}

function observationOf(usual: Kind, scenario: Scenario, observation: ScenarioObservation): Draft {
  const { at, received: _received, repeat: _repeat, see, device = assetId(scenario), gateway = 'gw', kind = usual, ...fields } = observation
  const instant = beginOf(scenario) + ms(at)
  const payload = { at: instant, ...(see !== undefined && { objects: objectsOf(scenario, see) }), ...fields }
  return { type: 'observation', kind, device, gateway, at: instant, payload }
}

/** What one look shows. */
export function objectsOf({ things }: Pick<Scenario, 'things'>, see: string): SceneObject[] {
  if (see === '-') return []
  return see.split('+').map((word) => {
    const [name = '', score] = word.split('=')
    const thing = things[name]
    if (!thing) throw new Error(`there is no thing ${name}`)
    return { ...thing, track: thing.track ?? name, score: score === undefined ? thing.score : Number(score) }
  })
}

function controlOf(kind: Kind, control: ScenarioControl, scenario: Scenario): Planned['what'] {
  const at = beginOf(scenario) + ms(control.at)
  if ('gateway' in control) return { feed: { type: 'gateway', by: control.of, gateway: control.of, state: control.gateway, at, oldest: null } }
  if ('reminder' in control) return { reminder: control.reminder, sentAt: control.failed ? null : at }
  if ('register' in control) return { feed: registration(kind, scenario, control.register) }
  return { feed: caseOf(control, control.asset ?? assetId(scenario)) }
}

function caseOf(control: { case: string; open: boolean }, asset: string): Draft {
  return {
    type: 'case',
    by: 'scenario',
    id: `case-${control.case}-${asset}`,
    case: control.case,
    asset,
    alert: null,
    state: control.open ? 'accepted' : 'closed',
    open: control.open,
    from: null,
    to: null,
    desk: null,
    note: '',
    photos: [],
  }
}

function rowsOf({ every, from, delay, device, gateway, kind, ...fields }: Series): ScenarioObservation[] {
  const columns = Object.entries(fields).map(([name, text]) => [name, expand(String(text), name === 'see')] as const)
  const length = Math.max(0, ...columns.map(([, values]) => values.length))
  const sender = { ...(device && { device }), ...(gateway && { gateway }), ...(kind && { kind }) }
  const rows: ScenarioObservation[] = []
  for (let i = 0; i < length; i++) {
    const row: Record<string, unknown> = {}
    for (const [name, values] of columns) if (values[i] !== undefined) row[name] = values[i]
    const at = ms(from) + i * ms(every)
    if (Object.keys(row).length > 0) rows.push({ ...row, ...sender, at: `${at}ms`, ...(delay !== '0' && { received: `${at + ms(delay)}ms` }), repeat: 0 } as ScenarioObservation)
  }
  return rows
}

function expand(text: string, verbatim: boolean): unknown[] {
  return text.split(/\s+/).flatMap((word) => {
    const [, value = word, times = '1'] = /^(.+?)x(\d+)$/.exec(word) ?? []
    return Array.from({ length: Number(times) }, () => (value === '_' ? undefined : verbatim ? value : parse(value)))
  })
}

function assetId({ asset }: Scenario): string {
  return asset?.id ?? DEFAULT_ID
}
