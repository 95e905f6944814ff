import { expect, it } from 'vitest'
import { createStore, memoLast } from './store.ts'

it('tells its hearers of a new value only', () => {
  const store = createStore({ n: 1 })
  let heard = 0
  const leave = store.subscribe(() => heard++)
  store.update((state) => state)
  expect(heard).toBe(0)
  store.update(({ n }) => ({ n: n + 1 }))
  leave()
  store.update(({ n }) => ({ n: n + 1 }))
  expect([heard, store.get().n]).toEqual([1, 3])
})

it('computes again only when an argument is another one', () => {
  let runs = 0
  const list = [1, 2]
  const sum = memoLast((numbers: readonly number[], times: number) => {
    runs++
    return numbers.reduce((total, number) => total + number * times, 0)
  })
  expect([sum(list, 2), sum(list, 2), runs]).toEqual([6, 6, 1])
  expect([sum([1, 2], 2), sum(list, 3), runs]).toEqual([6, 9, 3])
})
