import { expect, it } from 'vitest'
import { newest } from './newest.ts'

/** A source whose items arrive when the test says so. */
function tap() {
  const queue: (() => IteratorResult<number>)[] = []
  let wake: (() => void) | undefined
  const put = (next: () => IteratorResult<number>) => {
    queue.push(next)
    wake?.()
  }
  const source: AsyncIterable<number> = {
    [Symbol.asyncIterator]: () => ({
      next: async () => {
        for (;;) {
          const next = queue.shift()
          if (next) return next()
          await new Promise<void>((resolve) => {
            wake = resolve
          })
        }
      },
    }),
  }
  return {
    source,
    item: (value: number) => put(() => ({ done: false, value })),
    end: () => put(() => ({ done: true, value: undefined })),
    fail: () =>
      put(() => {
        throw new Error('the camera is gone')
      }),
  }
}
const settled = () => new Promise<void>((resolve) => setImmediate(resolve))

it('hands out the newest and counts the rest', async () => {
  const { source, item, end } = tap()
  const dropped: number[] = []
  const frames = newest(source, (frame) => dropped.push(frame))
  const first = frames.next()
  item(1)
  expect(await first).toEqual({ done: false, value: 1 })
  for (const value of [2, 3, 4]) item(value)
  await settled()
  expect(await frames.next()).toEqual({ done: false, value: 4 })
  expect(dropped).toEqual([2, 3])
  end()
  expect((await frames.next()).done).toBe(true)
})

it('hands out the last item before the error', async () => {
  const { source, item, fail } = tap()
  const frames = newest(source, () => undefined)
  item(1)
  fail()
  expect(await frames.next()).toEqual({ done: false, value: 1 })
  await expect(frames.next()).rejects.toThrow('the camera is gone')
})

it('counts what waits when the reader leaves', async () => {
  const { source, item, end } = tap()
  const dropped: number[] = []
  const frames = newest(source, (frame) => dropped.push(frame))
  item(1)
  await frames.next()
  item(2)
  end()
  await settled()
  await frames.return()
  expect(dropped).toEqual([2])
})
