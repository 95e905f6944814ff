import { describe, expect, it } from 'vitest'
import { Window } from './window.ts'

describe('window', () => {
  it('lets go of a prefix without holes, whatever the order of acknowledgements', () => {
    const window = new Window()
    for (const n of [3, 4, 7, 8]) window.sent(n)
    expect([window.acked(4), window.oldest, window.size]).toEqual([undefined, 3, 3])
    expect([window.acked(3), window.oldest, window.size]).toEqual([4, 7, 2])
    expect([window.acked(8), window.acked(7), window.size, window.oldest]).toEqual([undefined, 8, 0, undefined])
  })

  it('keeps its count over many thousand messages', () => {
    const window = new Window()
    let through = 0
    for (let n = 1; n <= 5000; n++) {
      window.sent(n)
      if (n > 10) through = window.acked(n - 10) ?? through
    }
    expect([through, window.size, window.oldest]).toEqual([4990, 10, 4991])
  })
})
