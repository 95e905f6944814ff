import type { FeatureCollection } from 'geojson'
import type { Alert, AlertDetail, Verdict } from '../../domain/alert.ts'
import type { Area, AreaLevel } from '../../domain/area.ts'
import type { Backtest, Explanation, RuleAsks, RuleDiff, RuleFault, RuleStats } from '../../domain/authoring.ts'
import type { Calendar } from '../../domain/calendar.ts'
import type { CameraConfig, CameraSource } from '../../domain/camera.ts'
import type { Case } from '../../domain/case.ts'
import type { Kind } from '../../domain/fields.ts'
import type { CoverageView } from '../../domain/ports/coverage.ts'
import type { AssetView, CalendarView, RuleBrief, RuleHead, RuleMove, RuleView } from '../../domain/ports/register.ts'
import type { LedgerView, ObservationView, RejectView } from '../../domain/ports/telemetry.ts'
import type { Principal } from '../../domain/role.ts'
import type { Guard, Param } from '../../domain/rule.ts'
import type { SilenceView } from '../../domain/silence.ts'
import type { LanguageWord } from '../rules/completion.ts'
import { type List, type Query, request, withQuery } from './request.ts'

/** What the platform says of its city (`GET site`). */
export interface Site {
  name: { zh: string; en: string }
  center: [lon: number, lat: number]
  zoom: number
  tileUrl: string | null
}
/** Over HTTP times are RFC 3339 texts. */
export type AssetRow = Omit<AssetView, 'at'> & { at: string | number | null }
type Timed<T> = Omit<T, 'at' | 'since'> & { at: string; since: string }
/** A rule as it is now, how it fares and which objects it looks at; `inForce` are all its versions that run. */
export type RuleRow = Omit<Timed<RuleHead>, 'inForce'> & { inForce: Timed<RuleBrief>[]; stats: RuleStats; sees: RuleAsks }
export type RuleVersion = Timed<RuleView> & { moves: (Omit<RuleMove, 'at'> & { at: string })[] }
/** What a new version consists of and where it goes at once. */
export interface RuleSave {
  /** The newest version that the author knows. */
  version: number
  source: string
  note: string
  state: 'draft' | 'shadow' | 'live'
  areas?: readonly string[]
  guard?: Guard
}
export interface RuleMoveWish {
  note: string
  areas?: readonly string[]
  guard?: Guard
}
/** An edit to try over stored observations; times RFC 3339. */
export interface BacktestWish {
  source?: string
  version?: number
  set?: Record<string, Param['value']>
  from: string
  to: string
}
export type CameraRow = CameraConfig & { id: string; version: number; status: unknown }
export type CalendarRow = Omit<CalendarView, 'at'> & { at: string }
/** `status` for all; `parts` for operators and above. */
export interface Health {
  status: string
  parts?: Record<string, { state: string; why?: string } & Record<string, unknown>>
}

const id = encodeURIComponent

export const session = {
  whoAmI: () => request<Principal>('/session'),
  login: (name: string, password: string) => request<unknown>('/session', { method: 'POST', body: { name, password } }),
  logout: () => request<unknown>('/session', { method: 'DELETE' }),
}

export const alerts = {
  one: (alert: string, signal?: AbortSignal) => request<AlertDetail>(`/alerts/${id(alert)}`, { signal }),
  list: (query: Query, signal?: AbortSignal) => request<List<Alert>>('/alerts', { query, signal }),
  /** With `members` what is done to an alert is done to the others of its group too. */
  acknowledge: (alert: string, members: boolean) => request<Alert>(`/alerts/${id(alert)}/acknowledge`, { method: 'POST', body: withMembers({}, members) }),
  judge: (alert: string, verdict: Verdict, reason: string, members: boolean) =>
    request<Alert>(`/alerts/${id(alert)}/verdict`, { method: 'POST', body: withMembers({ verdict, reason }, members) }),
  dispatch: (alert: string, note: string, members: boolean) => request<Case>(`/alerts/${id(alert)}/dispatch`, { method: 'POST', body: withMembers({ note }, members) }),
}

function withMembers(body: object, members: boolean): object {
  return members ? { ...body, members } : body
}

/** A silence as an operator orders it; times are RFC 3339. */
export type SilenceOrder = Pick<SilenceView, 'kind' | 'matchers' | 'to' | 'reason'> & { from?: string }

export const silences = {
  list: (query: Query, signal?: AbortSignal) => request<List<SilenceView>>('/silences', { query, signal }),
  create: (order: SilenceOrder) => request<SilenceView>('/silences', { method: 'POST', body: order }),
  end: (silence: string) => request<SilenceView>(`/silences/${id(silence)}`, { method: 'DELETE' }),
}

export const cases = {
  one: (item: string, signal?: AbortSignal) => request<Case>(`/cases/${id(item)}`, { signal }),
  move: (item: string, to: string, note: string) => request<Case>(`/cases/${id(item)}/transitions`, { method: 'POST', body: { to, note, photos: [] } }),
}

export const city = {
  site: (signal?: AbortSignal) => request<Site>('/site', { signal }),
  basemap: (signal?: AbortSignal) => request<FeatureCollection>('/basemap', { signal }),
  assets: (query: Query, signal?: AbortSignal) => request<List<AssetRow>>('/assets', { query, signal }),
  areas: (level: AreaLevel, signal?: AbortSignal) => request<List<Area>>('/areas', { query: { level, limit: 1000 }, signal }),
  rules: (signal?: AbortSignal) => request<List<RuleRow>>('/rules', { query: { limit: 1000 }, signal }),
  observations: (query: Query, signal?: AbortSignal) => request<List<ObservationView>>('/observations', { query, signal }),
  ledger: (query: Query, signal?: AbortSignal) => request<List<LedgerView>>('/ledger', { query, signal }),
  coverage: (query: Query, signal?: AbortSignal) => request<List<CoverageView>>('/coverage', { query, signal }),
  rejects: (query: Query, signal?: AbortSignal) => request<List<RejectView>>('/rejects', { query, signal }),
  health: (signal?: AbortSignal) => request<Health>('/health', { signal }),
}

export const rules = {
  one: (rule: string, signal?: AbortSignal) => request<RuleRow>(`/rules/${id(rule)}`, { signal }),
  versions: (rule: string, signal?: AbortSignal) => request<List<RuleVersion>>(`/rules/${id(rule)}/versions`, { query: { limit: 1000 }, signal }),
  /** Without `to`: what version `n` changed in the one before it. */
  diff: (rule: string, n: number, to?: number, signal?: AbortSignal) => request<RuleDiff>(`/rules/${id(rule)}/versions/${n}/diff`, { query: { to }, signal }),
  save: (rule: string, save: RuleSave) => request<RuleVersion>(`/rules/${id(rule)}`, { method: 'PUT', body: save }),
  move: (rule: string, n: number, state: 'draft' | 'shadow' | 'live', wish: RuleMoveWish) =>
    request<RuleVersion>(`/rules/${id(rule)}/versions/${n}/${state}`, { method: 'POST', body: wish }),
  check: (rule: string, source: string, signal?: AbortSignal) =>
    request<{ errors: RuleFault[]; warnings: RuleFault[] }>(`/rules/${id(rule)}/check`, { method: 'POST', body: { source }, signal }),
  language: (on: Kind, each: 'object' | undefined, signal?: AbortSignal) => request<{ words: LanguageWord[] }>('/rule-language', { query: { on, each }, signal }),
  explain: (rule: string, asset: string, at: string | undefined, signal?: AbortSignal) =>
    request<Explanation>(`/rules/${id(rule)}/explain`, { method: 'POST', body: at === undefined ? { asset } : { asset, at }, signal }),
  explainAsset: (asset: string, at: string | undefined, signal?: AbortSignal) => request<Explanation>(`/assets/${id(asset)}/explain`, { query: { at }, signal }),
}

export const backtests = {
  /** Answers soon, over or not, so that a bar is seen and can be stopped. */
  start: (rule: string, wish: BacktestWish, signal?: AbortSignal) =>
    request<Backtest>(`/rules/${id(rule)}/backtest`, { method: 'POST', query: { wait: '300ms' }, body: wish, signal }),
  /** Answers when it is over or a moment has passed, so that a bar moves. */
  one: (backtest: string, signal?: AbortSignal) => request<Backtest>(`/backtests/${id(backtest)}`, { query: { wait: '1s' }, signal }),
  cancel: (backtest: string) => request<Backtest>(`/backtests/${id(backtest)}`, { method: 'DELETE' }),
}

export interface LiveLink {
  kind: 'mjpeg' | 'still'
  url: string
  until: string
}

export const cameras = {
  one: (camera: string, signal?: AbortSignal) => request<CameraRow>(`/cameras/${id(camera)}`, { signal }),
  /** What to play and until when. */
  live: (camera: string, signal?: AbortSignal) => request<LiveLink>(`/cameras/${id(camera)}/live`, { signal }),
  /** Without a source it is left as it is: who may change zones need not know where the pictures come from. */
  save: (camera: string, config: Omit<CameraConfig, 'source'> & { version: number; source?: CameraSource | null }) =>
    request<CameraRow>(`/cameras/${id(camera)}`, { method: 'PUT', body: config }),
}

export const calendars = {
  list: (signal?: AbortSignal) => request<List<CalendarRow>>('/calendars', { query: { limit: 1000 }, signal }),
  /** Version 0 makes one; else the version that was read. */
  save: (calendar: string, version: number, what: Calendar) => request<CalendarRow>(`/calendars/${id(calendar)}`, { method: 'PUT', body: { ...what, version } }),
}

/** The newest picture of a camera; `turn` changes to fetch a newer one past the cache. */
export function stillUrl(camera: string, turn: number): string {
  return withQuery(`/api/v1/cameras/${id(camera)}/still`, { t: turn })
}

/** All that proves an alert as a ZIP; without `original` other people and vehicles are blurred in it. */
export function evidenceZipUrl(alert: string, original: boolean): string {
  return withQuery(`/api/v1/alerts/${id(alert)}/evidence.zip`, { original: original ? 'true' : undefined })
}

/** The picture of a camera that is nearest to a moment (ms). */
export function stillAtUrl(camera: string, at: number): string {
  return withQuery(`/api/v1/cameras/${id(camera)}/still`, { at: new Date(at).toISOString() })
}
