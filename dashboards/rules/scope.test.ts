import { expect, it } from 'vitest'
import type { AssetId } from '../../domain/ids.ts'
import { applies, overrides } from './scope.ts'

const cover = { id: 'c-1' as AssetId, kind: 'cover' as const, area: '370602', grid: '370602001001001', labels: { road: 'north' } }

it.each([
  ['every cover', { on: 'cover' }, true],
  ['no cover by a rule over vehicles', { on: 'vehicle' }, false],
  ['those of a street', { on: 'cover', assets: { area: '370602001' } }, true],
  ['not those of another', { on: 'cover', assets: { area: '370602002' } }, false],
  ['those with a label', { on: 'cover', assets: { labels: { road: 'north' } } }, true],
  ['not those without', { on: 'cover', assets: { labels: { road: 'south' } } }, false],
  ['whoever can be absent', { on: 'presence' }, true],
  ['the kind that it names', { on: 'presence', assets: { kind: 'camera' } }, false],
] as const)('a rule applies to %s', (_, rule, expected) => {
  expect(applies(rule, cover)).toBe(expected)
})

it('a grid with an id of the city’s own lies in its area, and is named by itself', () => {
  const own = { ...cover, grid: 'g-1' }
  expect(['370602', 'g-1', 'g', '370611'].map((area) => applies({ on: 'cover', assets: { area } }, own))).toEqual([true, true, false, false])
})

it.each([
  [{ asset: 'c-1', params: {} }, true],
  [{ asset: 'c-2', params: {} }, false],
  [{ area: '3706', params: {} }, true],
  [{ labels: { road: 'south' }, params: {} }, false],
] as const)('an override %j is of the asset: %s', (override, expected) => {
  expect(overrides(override, cover)).toBe(expected)
})
