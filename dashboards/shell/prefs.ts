import type { Sorting } from '../alerts/filter.ts'
import { LANGUAGES, type Language } from '../i18n/text.ts'
import { createStore, type Store } from '../state/store.ts'
import { THEMES, type Theme } from './palette.ts'

export const LAYERS = ['alert', 'vehicle', 'cover', 'camera', 'sensor', 'zone'] as const
export type Layer = (typeof LAYERS)[number]

/** What an operator chose for this browser. Nothing here is worth keeping on the server. */
export interface Prefs {
  language: Language
  theme: Theme
  /** A short tone for new critical alerts. */
  sound: boolean
  /** Fly to a new critical alert when the operator has not touched anything for a while. */
  follow: boolean
  sorting: Sorting
  layers: Record<Layer, boolean>
}

const ON: Prefs['layers'] = { alert: true, vehicle: true, cover: true, camera: true, sensor: true, zone: true }

/** Reads stored choices; whatever is not one of today's options falls back to its default. */
export function readPrefs(text: string | null, dark: boolean): Prefs {
  const stored = parse(text)
  const layers = typeof stored.layers === 'object' && stored.layers !== null ? (stored.layers as Record<string, unknown>) : {}
  return {
    language: LANGUAGES.find((language) => language === stored.language) ?? 'zh',
    theme: THEMES.find((theme) => theme === stored.theme) ?? (dark ? 'dark' : 'light'),
    sound: stored.sound === true,
    follow: stored.follow === true,
    sorting: stored.sorting === 'urgent' ? 'urgent' : 'newest',
    layers: Object.fromEntries(LAYERS.map((layer) => [layer, typeof layers[layer] === 'boolean' ? layers[layer] : ON[layer]])) as Prefs['layers'],
  }
}

function parse(text: string | null): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text ?? '{}')
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}

const KEY = 'wanglou.prefs'

/** The choices, kept in this browser; a browser that refuses storage just forgets them. */
export function openPrefs(storage: Pick<Storage, 'getItem' | 'setItem'>, dark: boolean): Store<Prefs> {
  const store = createStore(readPrefs(attempt(() => storage.getItem(KEY)) ?? null, dark))
  store.subscribe(() => attempt(() => storage.setItem(KEY, JSON.stringify(store.get()))))
  return store
}

function attempt<T>(act: () => T): T | undefined {
  try {
    return act()
  } catch {
    return undefined
  }
}
