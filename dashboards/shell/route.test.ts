import { describe, expect, it } from 'vitest'
import { readPrefs } from './prefs.ts'
import { pathOf, type Route, readRoute } from './route.ts'

describe('addresses', () => {
  it.each<[string, Route]>([
    ['/', { page: 'map', alert: null }],
    ['/alerts/a%2F1', { page: 'map', alert: 'a/1' }],
    ['/cases', { page: 'cases', case: null }],
    ['/cases/C-1', { page: 'cases', case: 'C-1' }],
    ['/rules', { page: 'rules', rule: null }],
    ['/rules/cover-displaced', { page: 'rules', rule: 'cover-displaced' }],
    ['/calendars', { page: 'calendars', calendar: null }],
    ['/calendars/night-market', { page: 'calendars', calendar: 'night-market' }],
    ['/cameras/cam-1', { page: 'cameras', camera: 'cam-1' }],
    ['/coverage', { page: 'coverage' }],
    ['/devices', { page: 'devices' }],
    ['/health', { page: 'health' }],
  ])('%s leads there and back', (path, route) => {
    expect(readRoute(path)).toEqual(route)
    expect(pathOf(route)).toBe(path)
  })

  it.each(['/nowhere', '/alerts/%E0%A4%A', '/constructor'])('%s leads to the map', (path) => {
    expect(readRoute(path)).toEqual({ page: 'map', alert: null })
  })
})

describe('stored choices', () => {
  it.each([null, '', '{', '7', 'null', '{"language":"fr","theme":7,"layers":[1],"sorting":"worst"}'])('%s gives the defaults', (text) => {
    expect(readPrefs(text, true)).toEqual({
      language: 'zh',
      theme: 'dark',
      sound: false,
      follow: false,
      sorting: 'newest',
      layers: { alert: true, vehicle: true, cover: true, camera: true, sensor: true, zone: true },
    })
  })

  it('come back as they were stored', () => {
    const chosen = { ...readPrefs(null, false), language: 'en' as const, sound: true, layers: { ...readPrefs(null, false).layers, camera: false } }
    expect(readPrefs(JSON.stringify(chosen), true)).toEqual(chosen)
  })
})
