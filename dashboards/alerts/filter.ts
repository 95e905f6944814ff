import type { Alert, Condition, Review } from '../../domain/alert.ts'
import { liesIn } from '../../domain/area.ts'
import type { Reason } from '../../domain/attention.ts'
import type { Severity } from '../../domain/rule.ts'
import type { AlertBook } from '../state/alertBook.ts'
import type { AssetState } from '../state/city.ts'
import { memoLast } from '../state/store.ts'
import { isActive, isShown, isToDo, REASONS, rank } from './words.ts'

/** Which alerts an operator wants to see; an empty list filters nothing. */
export interface Filter {
  /** `todo` not judged · `active` going on · `all`. */
  scope: 'todo' | 'active' | 'all'
  condition: readonly Condition[]
  review: readonly Review[]
  severity: readonly Severity[]
  rule: readonly string[]
  /** Area code, '' for everywhere. */
  area: string
  text: string
  /** Also what is kept quiet. */
  quiet: boolean
}

export const EVERYTHING: Filter = { scope: 'todo', condition: [], review: [], severity: [], rule: [], area: '', text: '', quiet: false }

export type Sorting = 'newest' | 'urgent'

/** How many of the filter's parts narrow the list, the scope apart. */
export function narrowing(filter: Filter): number {
  const lists = [filter.condition, filter.review, filter.severity, filter.rule].filter((list) => list.length > 0).length
  return lists + (filter.area === '' ? 0 : 1) + (filter.text.trim() === '' ? 0 : 1)
}

export const SCOPES = ['todo', 'active', 'all'] as const satisfies readonly Filter['scope'][]

function inScope(alert: Alert, scope: Filter['scope']): boolean {
  switch (scope) {
    case 'todo':
      return isToDo(alert)
    case 'active':
      return isActive(alert)
    case 'all':
      return true
  }
}

function among<T>(list: readonly T[], value: T): boolean {
  return list.length === 0 || list.includes(value)
}

/** True when an alert passes; every word of the text must stand somewhere in its title, asset, key, area or id. */
export function passes(alert: Alert, filter: Filter, assetName: (id: string) => string): boolean {
  if (!filter.quiet && !isShown(alert)) return false
  if (!inScope(alert, filter.scope)) return false
  if (!among(filter.condition, alert.condition) || !among(filter.review, alert.review)) return false
  if (!among(filter.severity, alert.severity) || !among(filter.rule, alert.rule)) return false
  if (filter.area !== '' && !liesIn(filter.area, alert)) return false
  const words = filter.text.toLowerCase().split(/\s+/).filter(Boolean)
  if (words.length === 0) return true
  const text = [alert.title.zh, alert.title.en, alert.asset, alert.key, alert.area, alert.grid, alert.id, assetName(alert.asset)].join('\n').toLowerCase()
  return words.every((word) => text.includes(word))
}

/** Firing before over, worse before better, older before newer: what waits longest of the worst comes first. */
function moreUrgent(a: Alert, b: Alert): number {
  const active = Number(isActive(b)) - Number(isActive(a))
  return active || rank(b.severity) - rank(a.severity) || (a.openedAt < b.openedAt ? -1 : a.openedAt > b.openedAt ? 1 : 0)
}

/** The list as an operator asked for it; computed again only when the alerts or the question changed. */
export function createSelection(): (book: AlertBook, filter: Filter, sorting: Sorting, assets: ReadonlyMap<string, AssetState> | null) => readonly Alert[] {
  return memoLast((book: AlertBook, filter: Filter, sorting: Sorting, assets: ReadonlyMap<string, AssetState> | null) => {
    const found = book.newest.filter((alert) => passes(alert, filter, (id) => assets?.get(id)?.name ?? ''))
    return sorting === 'urgent' ? found.sort(moreUrgent) : found
  })
}

/** Kept quiet, by reason. */
export type QuietCounts = Record<Reason, number>

/** Of those that are shown; what is kept quiet is counted beside. */
export interface Counts {
  todo: number
  active: number
  all: number
  quiet: Record<Filter['scope'], QuietCounts>
  /** Going on and not judged, by severity. */
  severity: Record<Severity, number>
}

export const countsOf = memoLast((book: AlertBook): Counts => {
  const none = (): QuietCounts => ({ silence: 0, maintenance: 0, inhibited: 0, fused: 0, flapping: 0, grouped: 0 })
  const counts: Counts = { todo: 0, active: 0, all: 0, quiet: { todo: none(), active: none(), all: none() }, severity: { critical: 0, major: 0, minor: 0, info: 0 } }
  for (const alert of book.newest) {
    const { by } = alert.attention
    if (!isShown(alert)) {
      if (by) for (const scope of SCOPES) if (inScope(alert, scope)) counts.quiet[scope][by]++
      continue
    }
    counts.all++
    if (isToDo(alert)) counts.todo++
    if (isActive(alert)) counts.active++
    if (isToDo(alert)) counts.severity[alert.severity]++
  }
  return counts
})

/** The reasons that keep something quiet, with how much, the strongest first. */
export function quietParts(counts: QuietCounts): { reason: Reason; count: number }[] {
  return REASONS.map((reason) => ({ reason, count: counts[reason] })).filter(({ count }) => count > 0)
}
