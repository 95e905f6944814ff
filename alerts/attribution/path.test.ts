import { describe, expect, it } from 'vitest'
import { NINE } from '../../fixtures/records.ts'
import { type Fix, whereAt } from './path.ts'

const fix = (second: number, x: number, y: number, v: Fix['v'] = null): Fix => ({ at: NINE + second * 1000, x, y, v })
const at = (fixes: readonly Fix[], second: number) => whereAt(fixes, NINE + second * 1000)
const EAST = { x: 10, y: 0 }

describe('where a vehicle was', () => {
  it.each<[string, Fix[], number, { x: number; y: number } | undefined]>([
    ['at a fix', [fix(0, 0, 0), fix(10, 100, 0)], 10, { x: 100, y: 0 }],
    ['half-way on a straight road', [fix(0, 0, 0, EAST), fix(10, 100, 0, EAST)], 5, { x: 50, y: 0 }],
    ['half-way without velocities', [fix(0, 0, 0), fix(10, 60, 80)], 5, { x: 30, y: 40 }],
    ['a little after its last fix', [fix(0, 0, 0, EAST)], 1, { x: 9.9, y: 0 }],
    ['a little before its first', [fix(0, 0, 0, EAST)], -1, { x: -9.9, y: 0 }],
    ['long after its last fix', [fix(0, 0, 0, EAST)], 91, undefined],
    ['in a gap of ten minutes', [fix(0, 0, 0), fix(600, 100, 0)], 300, { x: 50, y: 0 }],
    ['in a longer one', [fix(0, 0, 0), fix(601, 100, 0)], 300, undefined],
    ['without fixes', [], 0, undefined],
  ])('%s', (_, fixes, second, expected) => {
    const where = at(fixes, second)
    expect(where && { x: Math.round(where.x * 10) / 10, y: Math.round(where.y * 10) / 10 }).toEqual(expected)
  })

  it('takes a turn with the velocities at both ends, and forgets them over a long gap', () => {
    const turn = (gap: number) => at([fix(0, 0, 0, EAST), fix(gap, gap * 5, gap * 5, { x: 0, y: 10 })], gap / 2)
    expect((turn(10)?.x ?? 0) - 25).toBeGreaterThan(5)
    expect(((turn(300)?.x ?? 0) - 750) / 300).toBeLessThan(0.05)
  })

  it('is known at a fix, less in the middle of a gap, and the less the longer it is', () => {
    const sd = (gap: number, second: number) => Math.sqrt(at([fix(0, 0, 0, EAST), fix(gap, gap * 10, 0, EAST)], second)?.variance ?? Number.NaN)
    expect(sd(10, 0)).toBe(0)
    const middles = [10, 30, 60, 120, 300, 600].map((gap) => sd(gap, gap / 2))
    expect(middles).toEqual([...middles].sort((a, b) => a - b))
    expect(middles[0]).toBeLessThan(5)
  })

  it('cannot have been farther aside than the fastest truck drives', () => {
    const hurried = at([fix(0, 0, 0), fix(60, 60 * 26.95, 0)], 30)
    const idle = at([fix(0, 0, 0), fix(60, 60, 0)], 30)
    expect(hurried?.variance).toBeLessThan(idle?.variance ?? 0)
    expect(Math.sqrt(idle?.variance ?? 0)).toBeLessThan(27 * 30)
  })
})
