import { expect, it } from 'vitest'
import { gridsOf } from './grids.ts'

it('names every grid that something watched stands in once, own ids too', () => {
  const assets = ['370602001001002', 'g-1', null, '370602001001002'].map((grid) => ({ grid }))
  expect(gridsOf(assets)).toEqual([
    { id: '370602001001002', assets: 2 },
    { id: 'g-1', assets: 1 },
  ])
})
