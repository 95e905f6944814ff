import { Hand } from './hand.fixture.ts'
import { ruleText } from './rule.fixture.ts'

export const GRID = '370602001002003'
export const HIGH = 900

/** A rule that gathers wet covers. */
export function source({ count = 3, within = '10m', by = 'grid', more = '' } = {}): string {
  return ruleText({ id: 'flood', on: 'cover', when: 'waterMm > 800.0', more: `gather: { by: ${by}, count: ${count}, within: ${within} }\n${more}` })
}

/** Covers c-1 … in one grid, of which each has reported often enough for its clock to be known. */
export function city(rule = source(), covers = 5, offsets: readonly number[] = []): Hand {
  const hand = new Hand()
  hand.rule('flood', rule, 1, -100)
  for (let n = 1; n <= covers; n++) hand.asset(-100, { id: `c-${n}`, grid: GRID, area: GRID.slice(0, 12), lon: 121 + n / 100, lat: 37 })
  for (let at = -60; at < 0; at += 10) for (let n = 1; n <= covers; n++) hand.cover(`c-${n}`, at - (offsets[n - 1] ?? 0), { waterMm: 100 }, at)
  return hand
}
