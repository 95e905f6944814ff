import { expect, it } from 'vitest'
import { Backoff } from './backoff.ts'

it('doubles from 1 s to 30 s and starts again after a success', () => {
  const backoff = new Backoff()
  expect(Array.from({ length: 7 }, () => backoff.next())).toEqual([1000, 2000, 4000, 8000, 16_000, 30_000, 30_000])
  backoff.reset()
  expect(backoff.next()).toBe(1000)
})
