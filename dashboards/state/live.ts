import type { Alert } from '../../domain/alert.ts'
import type { Case } from '../../domain/case.ts'
import type { AssetRow } from '../api/client.ts'
import { type FeedMessage, type FeedState, type FeedWorld, openFeed } from '../api/feed.ts'
import { type Problem, problemOf } from '../api/problem.ts'
import { eachPage } from '../api/request.ts'
import { type City, type CityEvent, EMPTY_CITY, reduceCity } from './city.ts'
import { createPace } from './pace.ts'
import { createStore, type Store } from './store.ts'

/** The store takes the feed's events in batches of this length at the longest; the map takes no more either. */
export const BATCH_MS = 250
const ALERTS_AT_FIRST = 200
const ALERTS_HELD = 10_000
const CASES_HELD = 5000

export interface LiveState {
  feed: FeedState
  /** Why the lists could not be read; null when all is well. */
  failed: Problem | null
  /** Cursor of the alerts that are older than what the page holds. */
  older: string | null
  /** How often somebody has saved or moved a version of a rule since the page was opened. */
  rules: number
}

export interface Live {
  city: Store<City>
  state: Store<LiveState>
  /** What an operator's own action answered: shown at once, the feed will say it again. */
  put: (event: CityEvent) => void
  reload: () => void
  loadOlder: () => Promise<void>
  close: () => void
}

/**
 * Keeps one city true: reads the lists once the feed is open (so that nothing falls between), then follows the feed.
 * `heard` is told of every alert that the feed brings, `moved` when rules have changed, or may have.
 */
export function startLive(world: FeedWorld, heard: (alert: Alert) => void = () => undefined, moved: () => void = () => undefined): Live {
  const city = createStore<City>(EMPTY_CITY)
  const state = createStore<LiveState>({ feed: { state: 'connecting' }, failed: null, older: null, rules: 0 })
  const put = (events: readonly CityEvent[]): void => city.update((now) => reduceCity(now, events))
  const pace = createPace<CityEvent>(BATCH_MS, put, world)
  let loading = new AbortController()

  const reload = (): void => {
    loading.abort()
    loading = new AbortController()
    void load(loading.signal, put, state).catch((thrown) => failWith(state, thrown))
  }
  const reloadAssets = (): void => void loadAssets(loading.signal, put).catch((thrown) => failWith(state, thrown))
  const rulesMoved = (): void => {
    state.update((now) => ({ ...now, rules: now.rules + 1 }))
    moved()
  }
  // An import is a burst of them, and one reason to read the rules.
  const moves = createPace<'moved'>(BATCH_MS, rulesMoved, world)
  const onMessage = (message: FeedMessage): void => {
    if (message.event === 'rule') return moves.add('moved')
    if (message.event === 'reset') {
      moves.add('moved')
      return reload()
    }
    pace.add(toEvent(message))
    if (message.event === 'alert') heard(message.data)
  }
  const feed = openFeed(
    {
      message: onMessage,
      state: (next) => state.update((now) => ({ ...now, feed: next })),
      opened: (missed) => {
        if (!city.get().loaded) reload()
        else if (missed) reloadAssets()
      },
    },
    world,
  )
  return {
    city,
    state,
    put: (event) => put([event]),
    reload,
    loadOlder: () => loadOlder(state, put),
    close: () => {
      feed.close()
      pace.close()
      moves.close()
      loading.abort()
    },
  }
}

function toEvent(message: Exclude<FeedMessage, { event: 'reset' | 'rule' }>): CityEvent {
  if (message.event === 'alert') return { what: 'alert', alert: message.data }
  return message.event === 'case' ? { what: 'case', case: message.data } : { what: 'asset', change: message.data }
}

type Put = (events: readonly CityEvent[]) => void

async function load(signal: AbortSignal, put: Put, state: Store<LiveState>): Promise<void> {
  state.update((now) => ({ ...now, failed: null }))
  let first = true
  // The old picture stays until the new one begins to arrive: a reset must not blank the operator's screen.
  const takeAlerts = (items: Alert[]): void => {
    put([...(first ? [{ what: 'forget' } as const] : []), { what: 'listed', alerts: items }])
    first = false
  }
  await eachPage<Alert>('/alerts', { limit: ALERTS_AT_FIRST, most: ALERTS_AT_FIRST, signal }, takeAlerts)
  put([{ what: 'loaded' }])
  const older = await eachPage<Alert>('/alerts', { limit: 2000, most: ALERTS_HELD, signal }, takeAlerts)
  state.update((now) => ({ ...now, older }))
  await loadAssets(signal, put)
  await eachPage<Case>('/cases', { limit: 1000, most: CASES_HELD, signal }, (items) => put(items.map((item) => ({ what: 'case', case: item }))))
}

async function loadAssets(signal: AbortSignal, put: Put): Promise<void> {
  await eachPage<AssetRow>('/assets', { limit: 10_000, most: 100_000, signal }, (items) => put([{ what: 'register', assets: items }]))
}

async function loadOlder(state: Store<LiveState>, put: Put): Promise<void> {
  const cursor = state.get().older
  if (cursor === null) return
  const older = await eachPage<Alert>('/alerts', { cursor, limit: 2000, most: 2000 }, (items) => put([{ what: 'listed', alerts: items }]))
  state.update((now) => ({ ...now, older }))
}

function failWith(state: Store<LiveState>, thrown: unknown): void {
  if (thrown instanceof DOMException && thrown.name === 'AbortError') return
  state.update((now) => ({ ...now, failed: problemOf(thrown) }))
}

export function isSignedOut(problem: Problem | null): boolean {
  return problem !== null && problem.status === 401
}
