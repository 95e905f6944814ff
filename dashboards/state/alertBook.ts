import type { Alert } from '../../domain/alert.ts'

/** All alerts that the page knows, newest `raisedAt` first, and by id. */
export interface AlertBook {
  newest: readonly Alert[]
  byId: ReadonlyMap<string, Alert>
}

export const EMPTY_BOOK: AlertBook = { newest: [], byId: new Map() }

/** RFC 3339 `Z` with milliseconds sorts as text; the id settles alerts of one moment, so that rows never swap. */
function newerFirst(a: Alert, b: Alert): number {
  return a.raisedAt < b.raisedAt ? 1 : a.raisedAt > b.raisedAt ? -1 : a.id < b.id ? 1 : a.id > b.id ? -1 : 0
}

function same(a: Alert, b: Alert): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}

/** The book with these alerts added or replaced; the same book when nothing differs, so that readers rest. */
export function putAlerts(book: AlertBook, alerts: readonly Alert[]): AlertBook {
  const changed = new Map<string, Alert>()
  for (const alert of alerts) {
    const known = changed.get(alert.id) ?? book.byId.get(alert.id)
    if (known === undefined || !same(known, alert)) changed.set(alert.id, alert)
  }
  if (changed.size === 0) return book
  const byId = new Map(book.byId)
  for (const [id, alert] of changed) byId.set(id, alert)
  const added = [...changed.values()].filter((alert) => book.byId.get(alert.id)?.raisedAt !== alert.raisedAt).sort(newerFirst)
  const moved = new Set(added.map((alert) => alert.id))
  const kept = book.newest.flatMap((alert) => (moved.has(alert.id) ? [] : [changed.get(alert.id) ?? alert]))
  return { newest: merge(added, kept), byId }
}

function merge(a: readonly Alert[], b: readonly Alert[]): Alert[] {
  const out: Alert[] = []
  let [i, j] = [0, 0]
  while (i < a.length || j < b.length) {
    const [x, y] = [a[i], b[j]]
    const takeA = y === undefined || (x !== undefined && newerFirst(x, y) < 0)
    const next = takeA ? x : y
    if (takeA) i++
    else j++
    if (next) out.push(next)
  }
  return out
}
