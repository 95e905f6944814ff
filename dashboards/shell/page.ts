import { createContext, useContext } from 'react'
import type { Principal } from '../../domain/role.ts'
import type { RuleRow, Site } from '../api/client.ts'
import type { City } from '../state/city.ts'
import type { Live } from '../state/live.ts'
import { createStore, type Store, useStore } from '../state/store.ts'
import type { Prefs } from './prefs.ts'
import { pathOf, type Route, readRoute } from './route.ts'

/** What every part of the signed-in page may use. */
export interface Page {
  live: Live
  prefs: Store<Prefs>
  route: Store<Route>
  go: (route: Route) => void
  who: Principal
  site: Site
  /** As last read: when the page was opened or looked at again, a version was moved here, or an alert came of one not known. */
  rules: ReadonlyMap<string, RuleRow>
  takeRules: (rules: readonly RuleRow[]) => void
  reloadRules: () => void
  signOut: () => void
}

export const PageContext = createContext<Page | null>(null)

export function usePage(): Page {
  const page = useContext(PageContext)
  if (!page) throw new Error('usePage outside of the signed-in page')
  return page
}

export function useCity<T>(select: (city: City) => T): T {
  return useStore(usePage().live.city, select)
}

/** The address bar as a store: going somewhere is a history entry, going back is the browser's. */
export function openRoute(world: Window): { route: Store<Route>; go: (route: Route) => void; close: () => void } {
  const route = createStore(readRoute(world.location.pathname))
  const hear = (): void => route.update(() => readRoute(world.location.pathname))
  world.addEventListener('popstate', hear)
  return {
    route,
    go: (to) => {
      if (pathOf(to) === world.location.pathname) return
      world.history.pushState(null, '', pathOf(to))
      hear()
    },
    close: () => world.removeEventListener('popstate', hear),
  }
}

const clock = createStore(Date.now())
let watchers = 0
let timer: ReturnType<typeof setInterval> | undefined

const watchClock: typeof clock.subscribe = (hear) => {
  if (watchers++ === 0) {
    clock.update(() => Date.now())
    timer = setInterval(() => clock.update(() => Date.now()), 1000)
  }
  const leave = clock.subscribe(hear)
  return () => {
    leave()
    if (--watchers === 0) clearInterval(timer)
  }
}

/** The time by the second (or coarser, so that a component renders no more often than its text changes); one timer for the page. */
export function useNow(everyMs = 1000): number {
  return useStore({ ...clock, subscribe: watchClock }, (now) => Math.floor(now / everyMs) * everyMs)
}
