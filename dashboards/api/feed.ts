import type { Alert } from '../../domain/alert.ts'
import type { Case } from '../../domain/case.ts'
import type { AssetChange, RuleChange } from '../../domain/feed.ts'
import { API, withQuery } from './request.ts'

/** `connecting` before the first event, `live`, or `down` with the time of the next attempt (ms). */
export type FeedState = { state: 'connecting' } | { state: 'live' } | { state: 'down'; nextTry: number }

export type FeedMessage =
  | { event: 'alert'; data: Alert }
  | { event: 'case'; data: Case }
  | { event: 'asset'; data: AssetChange }
  | { event: 'rule'; data: RuleChange }
  | { event: 'reset' }

export interface FeedEnds {
  message: (message: FeedMessage) => void
  state: (state: FeedState) => void
  /** Live (again); `missed` says that events may have passed meanwhile that the feed does not send again (assets bear no id). */
  opened: (missed: boolean) => void
}

/** What the feed needs of its surroundings; tests hand in their own clock, chance and server. */
export interface FeedWorld {
  open: (url: string) => EventSource
  now: () => number
  random: () => number
  later: (ms: number, run: () => void) => () => void
}

const EVENTS = ['alert', 'case', 'asset', 'rule'] as const
/** The server sends a comment every 15 s, which EventSource hides; a dead connection shows by the browser's own error. */
const FIRST_WAIT_MS = 1000
const LONGEST_WAIT_MS = 20_000

/** How long to wait before attempt n (0 is the first after the break): doubling, with chance so that a hundred pages do not come back at once. */
export function waitBefore(attempt: number, random: number): number {
  return Math.round(Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** attempt) * (0.5 + random / 2))
}

/**
 * The live feed. EventSource resumes by itself only while the connection merely breaks; after an HTTP error it gives
 * up for good, so every break is handled here: close, wait, open again with the last id in the query.
 */
export function openFeed(ends: FeedEnds, world: FeedWorld): { close: () => void } {
  let source: EventSource | undefined
  let cancel: (() => void) | undefined
  let lastId = ''
  let attempt = 0
  let closed = false

  const keep = ({ lastEventId }: MessageEvent<string>): void => {
    if (lastEventId !== '') lastId = lastEventId
  }
  const take = (event: (typeof EVENTS)[number], message: MessageEvent<string>): void => {
    keep(message)
    ends.message({ event, data: JSON.parse(message.data) } as FeedMessage)
  }
  const open = (): void => {
    const current = world.open(withQuery(`${API}/feed`, { lastEventId: lastId }))
    source = current
    current.onopen = () => {
      ends.state({ state: 'live' })
      ends.opened(attempt > 0)
      attempt = 0
    }
    for (const event of EVENTS) current.addEventListener(event, (message) => take(event, message))
    // Says where the present is, so that a break before the first event loses nothing.
    current.addEventListener('ready', keep)
    current.addEventListener('reset', (message: MessageEvent<string>) => {
      // The id that we hold lies before the server's horizon: asking with it again would reset for ever.
      lastId = message.lastEventId
      ends.message({ event: 'reset' })
    })
    current.onerror = () => {
      current.close()
      if (closed || source !== current) return
      const wait = waitBefore(attempt++, world.random())
      ends.state({ state: 'down', nextTry: world.now() + wait })
      cancel = world.later(wait, open)
    }
  }
  ends.state({ state: 'connecting' })
  open()
  return {
    close: () => {
      closed = true
      cancel?.()
      source?.close()
    },
  }
}
