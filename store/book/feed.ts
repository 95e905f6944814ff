import { type FeedEvent, feedEventOf } from '../../domain/feed.ts'
import type { Tables } from './book.ts'

/** Where the live feed resumes from. */
export interface FeedSource {
  /** Alert, case and rule events after `seq`, in order, at most `limit`; `gone` if that place is not in this book. */
  since(seq: number, limit: number): Promise<FeedEvent[] | 'gone'>
  head(): Promise<number>
}

export function createFeedSource({ events }: Pick<Tables, 'events'>): FeedSource {
  return {
    head: events.head,
    async since(seq, limit) {
      const head = await events.head()
      const oldest = (await events.oldest()) ?? head + 1
      // A seq that this book has not reached yet was given out by another one: what stands after it here is something else.
      if (seq > head || seq + 1 < oldest) return 'gone'
      return (await events.after(seq, head, { types: 'every', limit }, '')).map(feedEventOf).filter((event) => event !== undefined)
    },
  }
}
