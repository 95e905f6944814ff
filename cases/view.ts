import { districtOf } from '../domain/area.ts'
import type { Change } from '../domain/projection.ts'
import { type Publication, viewOf } from '../domain/publication.ts'
import { topics } from '../domain/topics.ts'
import type { Book } from '../store/book/book.ts'
import { caseOf } from '../store/book/changes.ts'

/** What `city/v1/case/{district}/{id}` shows after a change; nothing if the change is not one of a case. */
export function casePublications({ event, closed }: Change): Publication[] {
  if (!event.type.startsWith('city.wanglou.case.')) return []
  return viewOf('case', topics.case(districtOf(event.area), event.subject), event.data, closed)
}

/** The whole view again, for a broker that forgot it: one message per case that is not over. */
export async function* standingCases(book: Book): AsyncIterable<Publication> {
  const size = 500
  let after = ''
  for (;;) {
    const records = await book.cases.unclosed(after, size)
    for (const record of records) yield* viewOf('case', topics.case(districtOf(record.place), record.id), await caseOf(book, record), false)
    const last = records.at(-1)
    if (records.length < size || last === undefined) return
    after = last.id
  }
}
