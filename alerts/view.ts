import { districtOf } from '../domain/area.ts'
import type { Change } from '../domain/projection.ts'
import { type Publication, viewOf } from '../domain/publication.ts'
import { topics } from '../domain/topics.ts'
import type { Book } from '../store/book/book.ts'
import { alertOf } from '../store/book/changes.ts'
import { placeCode } from '../store/book/scope.ts'

/** What `city/v1/alert/{district}/{id}` shows after a change; nothing if the change is not one of an alert. */
export function alertPublications({ event, closed }: Change): Publication[] {
  if (!event.type.startsWith('city.wanglou.alert.')) return []
  return viewOf('alert', topics.alert(districtOf(event.area), event.subject), event.data, closed)
}

/** The whole view again, for a broker that forgot it: one message per alert that is not closed. */
export async function* standingAlerts(book: Book): AsyncIterable<Publication> {
  const size = 500
  let after = ''
  for (;;) {
    const records = await book.alerts.unclosed(after, size)
    for (const record of records) yield* viewOf('alert', topics.alert(districtOf(placeCode(record.area, record.grid)), record.id), await alertOf(book, record), false)
    const last = records.at(-1)
    if (records.length < size || last === undefined) return
    after = last.id
  }
}
