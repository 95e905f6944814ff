import { afterEach, beforeEach, expect, it } from 'vitest'
import { type TemporaryBook, temporaryBook } from './temporary-book.ts'

let at: TemporaryBook
beforeEach(async () => {
  at = await temporaryBook()
})
afterEach(() => at.remove())

it('remembers the newest of each camera over a restart, of a whole city', async () => {
  const cameras = Array.from({ length: 1201 }, (_, index) => ({ camera: `cam-${index}`, memory: '{"state":"ok"}' }))
  await at.book.cameraHealth.put(cameras)
  await at.book.cameraHealth.put([{ camera: 'cam-7', memory: '{"state":"moved"}' }])
  await at.reopen()
  const kept = await at.book.cameraHealth.all()
  expect(kept).toHaveLength(1201)
  expect(kept.find(({ camera }) => camera === 'cam-7')?.memory).toBe('{"state":"moved"}')
})
