import { expect, it } from 'vitest'
import { judgedPerMessage } from './rules.ts'
import { City } from './rules-city.ts'

const rule = (id: string, selector = ''): string => `rule: ${id}\ntitle: { zh: 规则, en: Rule }\non: cover\n${selector}when: tiltDeg > 15\nseverity: minor\n`

it('a rule whose selector leaves the asset out, or that is over another kind, is not counted as judged', () => {
  const city = new City()
  city.rule('all', rule('all'))
  city.rule('some', rule('some', 'assets: { labels: { set: north } }\n'))
  city.rule('trucks', rule('trucks').replace('on: cover', 'on: vehicle').replace('tiltDeg', 'speedKmh'))
  city.control({ type: 'asset', asset: { id: 'cover-1', kind: 'cover', devices: [], labels: { set: 'north' }, area: null, grid: null, lon: null, lat: null, permits: [] } })
  const devices = 4
  const records = city.batch(
    devices,
    () => 'cover',
    () => ({ tiltDeg: 1 }),
    devices,
  )
  city.engine.step(records)
  // Each of the four is judged by one rule, one of them by another too.
  expect(judgedPerMessage(city)).toBe(5 / 4)
})
