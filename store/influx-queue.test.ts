import { describe, expect, it } from 'vitest'
import { LineQueue } from './influx-queue.ts'

function filled(lines: number, form: { batchLines: number; limit: number }): { queue: LineQueue; dropped: number } {
  const queue = new LineQueue(form)
  let dropped = 0
  for (let line = 0; line < lines; line++) dropped += queue.push(`${line}`)
  return { queue, dropped }
}

describe('the queue of lines', () => {
  it('gives batches back oldest first', () => {
    const { queue, dropped } = filled(5, { batchLines: 2, limit: 100 })
    expect([queue.length, dropped, queue.shift(), queue.shift(), queue.shift(), queue.shift(), queue.length]).toEqual([5, 0, ['0', '1'], ['2', '3'], ['4'], undefined, 0])
  })

  it('full, drops a batch of the oldest and says how many lines that were', () => {
    const { queue, dropped } = filled(7, { batchLines: 2, limit: 5 })
    expect([queue.length, dropped, queue.shift()]).toEqual([5, 2, ['2', '3']])
  })

  it('takes a batch back as the oldest, or drops it for want of room', () => {
    const { queue } = filled(4, { batchLines: 2, limit: 4 })
    const batch = queue.shift() ?? []
    expect([queue.unshift(batch), queue.length]).toEqual([0, 4])
    const again = queue.shift() ?? []
    queue.push('4')
    expect([queue.unshift(again), queue.length, queue.shift()]).toEqual([2, 3, ['2', '3']])
  })
})
