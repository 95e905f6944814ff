import type { Alert } from '../../domain/alert.ts'
import type { AssetKind } from '../../domain/asset.ts'
import type { Case } from '../../domain/case.ts'
import type { AssetChange } from '../../domain/feed.ts'
import type { AssetId } from '../../domain/ids.ts'
import type { AssetRow } from '../api/client.ts'
import { msOf } from '../i18n/times.ts'
import { type AlertBook, EMPTY_BOOK, putAlerts } from './alertBook.ts'

/** An asset as the map and the cards need it; `at` is the time of its newest observation, NaN when it never reported. */
export type AssetState = Omit<AssetRow, 'at'> & { at: number }

/** Everything that the live feed keeps true. Each part is replaced when it changes and the same object while it does not. */
export interface City {
  alerts: AlertBook
  cases: ReadonlyMap<string, Case>
  assets: ReadonlyMap<string, AssetState>
  /** Counts up when an asset that stands still appears, moves or goes: only then are the map's fixed points built again. */
  places: number
  /** Alerts that came in live and that nobody at this page has looked at. */
  unread: ReadonlySet<string>
  loaded: boolean
}

export const EMPTY_CITY: City = { alerts: EMPTY_BOOK, cases: new Map(), assets: new Map(), places: 0, unread: new Set(), loaded: false }

export type CityEvent =
  /** Read from a list: nothing in it is news. */
  | { what: 'listed'; alerts: readonly Alert[] }
  /** From the feed, or the answer to what an operator did. */
  | { what: 'alert'; alert: Alert }
  | { what: 'case'; case: Case }
  | { what: 'asset'; change: AssetChange }
  | { what: 'register'; assets: readonly AssetRow[] }
  | { what: 'read'; alert: string }
  | { what: 'readAll' }
  /** After a reset: what follows is the whole truth again. */
  | { what: 'forget' }
  | { what: 'loaded' }

/** The city after a batch of events. Pure; each part is copied at most once per batch, not once per event. */
export function reduceCity(city: City, events: readonly CityEvent[]): City {
  const last = events.findLastIndex((event) => event.what === 'forget')
  const from = last === -1 ? city : { ...EMPTY_CITY, places: city.places + 1, unread: city.unread }
  const rest = last === -1 ? events : events.slice(last + 1)
  const next: City = {
    alerts: putAlerts(
      from.alerts,
      rest.flatMap((event) => (event.what === 'listed' ? event.alerts : event.what === 'alert' ? [event.alert] : [])),
    ),
    cases: putCases(from.cases, rest),
    ...putAssets(from, rest),
    unread: putUnread(from, rest),
    loaded: from.loaded || rest.some((event) => event.what === 'loaded'),
  }
  const parts = Object.keys(next) as (keyof City)[]
  return parts.every((part) => next[part] === city[part]) ? city : next
}

function putCases(cases: City['cases'], events: readonly CityEvent[]): City['cases'] {
  const changed = events.flatMap((event) => (event.what === 'case' ? [event.case] : []))
  if (changed.length === 0) return cases
  const next = new Map(cases)
  for (const item of changed) next.set(item.id, item)
  return next
}

function putAssets(city: City, events: readonly CityEvent[]): Pick<City, 'assets' | 'places'> {
  const changes = events.filter((event) => event.what === 'asset' || event.what === 'register')
  if (changes.length === 0) return { assets: city.assets, places: city.places }
  const assets = new Map(city.assets)
  let { places } = city
  const put = (next: AssetState): void => {
    const before = assets.get(next.id)
    assets.set(next.id, next)
    if (next.kind !== 'vehicle' && (before?.lon !== next.lon || before?.lat !== next.lat || before?.kind !== next.kind)) places++
  }
  for (const event of changes) {
    if (event.what === 'register') for (const row of event.assets) put(fromRow(row, assets.get(row.id)))
    if (event.what === 'asset') put(changed(assets.get(event.change.id), event.change))
  }
  return { assets, places }
}

/** The list may be older than what the feed said while it was on its way. */
function fromRow(row: AssetRow, known: AssetState | undefined): AssetState {
  const at = msOf(row.at)
  if (known && known.at > at) return { ...row, values: known.values, at: known.at, lon: known.lon, lat: known.lat }
  return { ...row, at }
}

function changed(known: AssetState | undefined, change: AssetChange): AssetState {
  const base = known ?? discovered(change)
  const at = msOf(change.at)
  // What comes late fills gaps but overrides nothing newer.
  if (base.at > at) return { ...base, values: { ...change.values, ...base.values } }
  return { ...base, lon: change.lon ?? base.lon, lat: change.lat ?? base.lat, at, values: { ...base.values, ...change.values } }
}

/** A device that nobody registered reported for the first time: it is an asset of its own from now on. */
function discovered(change: AssetChange): AssetState {
  return {
    id: change.id as AssetId,
    kind: change.kind as AssetKind,
    name: '',
    lon: null,
    lat: null,
    devices: [],
    area: null,
    grid: null,
    department: null,
    matter: null,
    zone: null,
    labels: {},
    permits: [],
    origin: 'auto',
    values: {},
    at: Number.NaN,
  }
}

function putUnread(city: City, events: readonly CityEvent[]): City['unread'] {
  const unread = new Set(city.unread)
  let touched = false
  for (const event of events) {
    if (event.what === 'alert' && isNews(event.alert, city)) {
      unread.add(event.alert.id)
      touched = true
    }
    if (event.what === 'alert' && (event.alert.review !== 'open' || !event.alert.attention.shown)) touched = unread.delete(event.alert.id) || touched
    if (event.what === 'read') touched = unread.delete(event.alert) || touched
    if (event.what === 'readAll' && unread.size > 0) {
      unread.clear()
      touched = true
    }
  }
  return touched ? unread : city.unread
}

function isNews(alert: Alert, city: City): boolean {
  if (!city.loaded || !alert.attention.shown || alert.review !== 'open') return false
  // What was silenced until now is as new to people as what has just come; members of a group were counted on its row.
  const before = city.alerts.byId.get(alert.id)?.attention
  return before === undefined || (!before.shown && before.by !== 'grouped' && before.by !== 'flapping')
}
