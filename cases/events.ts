import type { Events } from '../domain/ports/cases.ts'
import type { Book } from '../store/book/book.ts'

/** Alerts' and cases' events for consumers that poll (domain/ports/cases.ts). */
export function createEvents(book: Book): Events {
  return {
    async after(seq, query, who) {
      // The head is asked for first: an event that arrives in between is left for the next call instead of being skipped.
      const head = await book.events.head()
      const items = await book.events.after(seq, head, query, who.area)
      const last = items.at(-1)
      return { items, next: items.length === query.limit && last ? last.seq : Math.max(seq, head) }
    },
  }
}
