import { describe, expect, it } from 'vitest'
import type { AssetChange } from '../../domain/feed.ts'
import { alertWith, quietBy } from '../alerts/alert.fixture.ts'
import type { AssetRow } from '../api/client.ts'
import { type City, type CityEvent, EMPTY_CITY, reduceCity } from './city.ts'

const cover = (id: string, part: Partial<AssetRow> = {}): AssetRow =>
  ({ id, kind: 'cover', name: id, lon: 117, lat: 39, devices: [], values: { tiltDeg: 1 }, at: '2026-11-21T01:00:00.000Z', ...part }) as AssetRow
const change = (id: string, part: Partial<AssetChange> = {}): AssetChange => ({
  id,
  kind: 'cover',
  observed: 'cover',
  lon: 117,
  lat: 39,
  at: Date.parse('2026-11-21T01:01:00.000Z'),
  values: { tiltDeg: 20 },
  ...part,
})
const cityAfter = (...events: CityEvent[]): City => reduceCity(EMPTY_CITY, events)
const at = (minute: number): string => `2026-11-21T01:${String(minute).padStart(2, '0')}:00.000Z`

describe('alerts', () => {
  it('stand newest first however they arrive, and the later word on one replaces the earlier', () => {
    const city = cityAfter(
      { what: 'listed', alerts: [alertWith({ id: 'b', raisedAt: at(2) })] },
      { what: 'alert', alert: alertWith({ id: 'c', raisedAt: at(1) }) },
      { what: 'alert', alert: alertWith({ id: 'a', raisedAt: at(3) }) },
      { what: 'alert', alert: alertWith({ id: 'b', raisedAt: at(2), review: 'acknowledged' }) },
    )
    expect(city.alerts.newest.map(({ id, review }) => [id, review])).toEqual([
      ['a', 'open'],
      ['b', 'acknowledged'],
      ['c', 'open'],
    ])
  })

  it('keep their order when batches come one by one', () => {
    const ids = ['k', 'c', 'x', 'a', 'm', 'b']
    const alerts = ids.map((id, index) => alertWith({ id, raisedAt: at((index * 7) % 5) }))
    const one = alerts.reduce((city, alert) => reduceCity(city, [{ what: 'alert', alert }]), EMPTY_CITY)
    const all = cityAfter({ what: 'listed', alerts })
    expect(one.alerts.newest).toEqual(all.alerts.newest)
    expect([...one.alerts.byId.keys()].sort()).toEqual([...ids].sort())
  })

  it('that say nothing new leave the very same city', () => {
    const city = cityAfter({ what: 'listed', alerts: [alertWith({ id: 'a' })] })
    expect(reduceCity(city, [{ what: 'alert', alert: alertWith({ id: 'a' }) }])).toBe(city)
    expect(reduceCity(city, [])).toBe(city)
  })
})

describe('unread', () => {
  const loaded = cityAfter({ what: 'listed', alerts: [alertWith({ id: 'old' })] }, { what: 'loaded' })

  it.each<[string, CityEvent[], string[]]>([
    ['a new open alert counts', [{ what: 'alert', alert: alertWith({ id: 'new' }) }], ['new']],
    ['one that is kept quiet does not', [{ what: 'alert', alert: alertWith({ id: 'new', attention: quietBy('silence') }) }], []],
    [
      'until its silence is over',
      [
        { what: 'alert', alert: alertWith({ id: 'new', attention: quietBy('silence') }) },
        { what: 'alert', alert: alertWith({ id: 'new' }) },
      ],
      ['new'],
    ],
    [
      'one that now stands for its group does not',
      [
        { what: 'alert', alert: alertWith({ id: 'new', attention: quietBy('grouped') }) },
        { what: 'alert', alert: alertWith({ id: 'new' }) },
      ],
      [],
    ],
    ['a change of a known one does not', [{ what: 'alert', alert: alertWith({ id: 'old', condition: 'resolved' }) }], []],
    [
      'one that was judged elsewhere no longer counts',
      [
        { what: 'alert', alert: alertWith({ id: 'new' }) },
        { what: 'alert', alert: alertWith({ id: 'new', review: 'judged' }) },
      ],
      [],
    ],
    [
      'looking at it is reading it',
      [
        { what: 'alert', alert: alertWith({ id: 'new' }) },
        { what: 'read', alert: 'new' },
      ],
      [],
    ],
    ['all can be read at once', [{ what: 'alert', alert: alertWith({ id: 'n1' }) }, { what: 'alert', alert: alertWith({ id: 'n2' }) }, { what: 'readAll' }], []],
    ['what a list brings is no news', [{ what: 'listed', alerts: [alertWith({ id: 'older' })] }], []],
  ])('%s', (_, events, unread) => {
    expect([...events.reduce((city, event) => reduceCity(city, [event]), loaded).unread]).toEqual(unread)
  })

  it('does not count what the feed says before the first list is there', () => {
    expect([...cityAfter({ what: 'alert', alert: alertWith({ id: 'new' }) }).unread]).toEqual([])
  })
})

describe('assets', () => {
  it('merge values over observations and keep the newest time', () => {
    const city = cityAfter({ what: 'register', assets: [cover('c1', { values: { tiltDeg: 1, batteryPct: 80 } })] }, { what: 'asset', change: change('c1') })
    expect(city.assets.get('c1')?.values).toEqual({ tiltDeg: 20, batteryPct: 80 })
    expect(city.assets.get('c1')?.at).toBe(change('c1').at)
  })

  it('that the feed knew newer are not set back by an older list', () => {
    const city = cityAfter({ what: 'asset', change: change('c1', { lon: 118 }) }, { what: 'register', assets: [cover('c1', { name: 'well' })] })
    expect(city.assets.get('c1')).toMatchObject({ name: 'well', lon: 118, values: { tiltDeg: 20 } })
  })

  it('appear when a device that nobody registered reports', () => {
    expect(cityAfter({ what: 'asset', change: change('c9') }).assets.get('c9')).toMatchObject({ origin: 'auto', kind: 'cover', lon: 117 })
  })

  it('take what comes late where nothing newer is known', () => {
    const late = change('c1', { at: 1, lon: 100, values: { tiltDeg: 99, tempC: 7 } })
    const city = cityAfter({ what: 'register', assets: [cover('c1')] }, { what: 'asset', change: late })
    expect(city.assets.get('c1')).toMatchObject({ lon: 117, values: { tiltDeg: 1, tempC: 7 } })
  })

  it('keep their place when an observation bears none', () => {
    const city = cityAfter({ what: 'register', assets: [cover('c1')] }, { what: 'asset', change: change('c1', { lon: null, lat: null }) })
    expect(city.assets.get('c1')).toMatchObject({ lon: 117, lat: 39 })
  })

  it.each<[string, CityEvent, boolean]>([
    ['a new cover', { what: 'register', assets: [cover('c2')] }, true],
    ['a moved cover', { what: 'asset', change: change('c1', { lon: 117.1 }) }, true],
    ['a reading of a cover', { what: 'asset', change: change('c1') }, false],
    ['a moved vehicle', { what: 'asset', change: change('t1', { kind: 'vehicle', observed: 'vehicle', lon: 117.2 }) }, false],
  ])('%s builds the fixed points anew: %s', (_, event, rebuilt) => {
    const city = cityAfter({ what: 'register', assets: [cover('c1'), cover('t1', { kind: 'vehicle' })] })
    expect(reduceCity(city, [event]).places !== city.places).toBe(rebuilt)
  })
})

it('a reset forgets what was there and keeps what follows, in one batch', () => {
  const city = cityAfter({ what: 'listed', alerts: [alertWith({ id: 'gone' })] }, { what: 'register', assets: [cover('c1')] }, { what: 'loaded' })
  const next = reduceCity(city, [{ what: 'alert', alert: alertWith({ id: 'gone too' }) }, { what: 'forget' }, { what: 'listed', alerts: [alertWith({ id: 'here' })] }])
  expect(next.alerts.newest.map(({ id }) => id)).toEqual(['here'])
  expect(next.assets.size).toBe(0)
  expect(next.loaded).toBe(false)
})
