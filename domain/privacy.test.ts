import { describe, expect, it } from 'vitest'
import { seesOriginals, withoutPlates } from './privacy.ts'
import { ROLES } from './role.ts'

it('operators and above see originals', () => {
  expect(ROLES.filter((role) => seesOriginals({ role }))).toEqual(['operator', 'dispatcher', 'author', 'admin'])
})

describe('withoutPlates', () => {
  const box = [0, 0, 0.1, 0.1]
  const looks = [
    {
      at: 1,
      objects: [
        { label: 'car', track: 't1', box, plate: '沪A12345' },
        { label: 'truck', track: 't2', box, plate: '沪B1' },
        { label: 'person', box },
      ],
    },
  ]

  it('takes out the plates of objects, however deep they lie, and leaves all else', () => {
    expect(withoutPlates({ looks, by: null })).toEqual({
      data: {
        looks: [
          {
            at: 1,
            objects: [
              { label: 'car', track: 't1', box },
              { label: 'truck', track: 't2', box },
              { label: 'person', box },
            ],
          },
        ],
        by: null,
      },
      plates: 2,
    })
  })

  it('leaves those that it is told to, and what is no object of a picture', () => {
    expect(withoutPlates(looks, ({ track }) => track === 't1')).toMatchObject({ data: [{ objects: [{ plate: '沪A12345' }, { track: 't2' }, {}] }], plates: 1 })
    expect(withoutPlates({ asset: 'v-1', labels: { plate: '沪A12345' } })).toEqual({ data: { asset: 'v-1', labels: { plate: '沪A12345' } }, plates: 0 })
  })
})
