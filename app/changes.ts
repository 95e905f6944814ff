import { alertPublications, standingAlerts } from '../alerts/view.ts'
import type { Feed } from '../api/feed.ts'
import { casePublications, standingCases } from '../cases/view.ts'
import { placeCode } from '../domain/area.ts'
import { type AssetChange, type FeedEvent, feedEventOf } from '../domain/feed.ts'
import type { Change } from '../domain/projection.ts'
import type { Publication } from '../domain/publication.ts'
import type { Book } from '../store/book/book.ts'

/** Where changes go once the book has them. */
export interface Outlets {
  feed: Feed
  publish(publication: Publication, area: string | null): void
  /** Look for work that the book has queued. */
  kick(): void
}

/** Tells everybody outside what the book has committed: live views, MQTT, desks, evidence. Never throws, never waits. */
export function tellChanges(changes: readonly Change[], { feed, publish, kick }: Outlets): void {
  if (changes.length === 0) return
  feed.publish(changes.map(({ event }) => feedEventOf(event)).filter((event) => event !== undefined))
  for (const change of changes) {
    for (const publication of [...alertPublications(change), ...casePublications(change)]) {
      publish(publication, change.event.area)
    }
  }
  kick()
}

/** What the book has queued may wait a moment: who is told of an alert must not wait for those who look for the work of the one before. */
const GATHER_MS = 100

/** Kicks all of them once, a moment after the first of many kicks. */
export function gatheredKicks(kicks: () => readonly (() => void)[]): { kick(): void; close(): void } {
  let timer: NodeJS.Timeout | undefined
  return {
    kick() {
      timer ??= setTimeout(() => {
        timer = undefined
        for (const kick of kicks()) kick()
      }, GATHER_MS)
    },
    close: () => clearTimeout(timer),
  }
}

/** A broker that was restarted knows no retained views: they are published again. */
export async function republish(book: Book, publish: Outlets['publish']): Promise<void> {
  for await (const publication of standingAlerts(book)) publish(publication, areaIn(publication))
  for await (const publication of standingCases(book)) publish(publication, areaIn(publication))
}

function areaIn({ payload }: Publication): string | null {
  const { grid = null, area = null } = JSON.parse(payload) as { grid?: string | null; area?: string | null }
  return placeCode(area, grid)
}

export function assetEvents(changes: readonly AssetChange[], areaOf: (change: AssetChange) => string | null): FeedEvent[] {
  return changes.map((data) => ({ event: 'asset', area: areaOf(data), data }))
}
