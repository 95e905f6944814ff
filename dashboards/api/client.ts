import type { FeatureCollection } from 'geojson'
import type { Alert, AlertDetail, Verdict } from '../../domain/alert.ts'
import type { Case } from '../../domain/case.ts'
import type { AssetView, RuleView } from '../../domain/ports/register.ts'
import type { LedgerView, ObservationView, RejectView } from '../../domain/ports/telemetry.ts'
import type { Principal } from '../../domain/role.ts'
import type { SilenceView } from '../../domain/silence.ts'
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
export type RuleRow = Omit<RuleView, 'at'> & { at: string | number }
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
  rules: (signal?: AbortSignal) => request<List<RuleRow>>('/rules', { query: { limit: 1000 }, signal }),
  observations: (query: Query, signal?: AbortSignal) => request<List<ObservationView>>('/observations', { query, signal }),
  ledger: (query: Query, signal?: AbortSignal) => request<List<LedgerView>>('/ledger', { query, signal }),
  rejects: (query: Query, signal?: AbortSignal) => request<List<RejectView>>('/rejects', { query, signal }),
  health: (signal?: AbortSignal) => request<Health>('/health', { signal }),
}

/** The newest picture of a camera; `turn` changes to fetch a newer one past the cache. */
export function stillUrl(camera: string, turn: number): string {
  return withQuery(`/api/v1/cameras/${id(camera)}/still`, { t: turn })
}
