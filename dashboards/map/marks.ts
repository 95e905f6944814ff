import type { Alert } from '../../domain/alert.ts'
import { isOnMap, rank } from '../alerts/words.ts'
import type { AlertBook } from '../state/alertBook.ts'
import { memoLast } from '../state/store.ts'

/** How an asset stands out: the rank of the worst alert upon it (3 critical … 0 info). */
export interface Mark {
  worst: number
}

/** Alerts that belong on the map now. */
export const alertsOnMap = memoLast((book: AlertBook): readonly Alert[] => book.newest.filter(isOnMap))

export const marksOf = memoLast((book: AlertBook): ReadonlyMap<string, Mark> => {
  const marks = new Map<string, Mark>()
  for (const alert of alertsOnMap(book)) {
    const mark = marks.get(alert.asset)
    marks.set(alert.asset, { worst: Math.max(mark?.worst ?? 0, rank(alert.severity)) })
  }
  return marks
})
