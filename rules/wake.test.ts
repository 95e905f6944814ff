import fc from 'fast-check'
import { expect, it } from 'vitest'
import { newWake, WakeQueue } from './wake.ts'

it('wakes each asset once, at the last clock that was set, equal clocks in order of id', () => {
  const Moves = fc.array(fc.tuple(fc.integer({ min: 0, max: 9 }), fc.option(fc.integer({ min: 0, max: 20 }), { nil: Infinity })), { maxLength: 200 })
  fc.assert(
    fc.property(Moves, (moves) => {
      const queue = new WakeQueue()
      const wakes = Array.from({ length: 10 }, (_, i) => newWake(`a${i}`))
      for (const [index, clock] of moves) queue.set(wakes[index] ?? newWake(''), clock)
      const wanted = wakes.filter(({ clock }) => clock < Infinity).sort((a, b) => a.clock - b.clock || (a.id < b.id ? -1 : 1))
      const names = wanted.map(({ id }) => id)
      const got: string[] = []
      for (let wake = queue.pop(20); wake; wake = queue.pop(20)) got.push(wake.id)
      expect(got).toEqual(names)
      expect(queue.next).toBe(Infinity)
    }),
  )
})

it('what is no time wakes nobody and stops nobody', () => {
  const queue = new WakeQueue()
  const [a, b] = [newWake('a'), newWake('b')]
  queue.set(a, 10)
  queue.set(b, Number.NaN)
  queue.set(a, Number.NaN)
  expect([queue.next, queue.pop(1e15)]).toEqual([Infinity, undefined])
})
