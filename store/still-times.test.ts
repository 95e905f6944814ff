import { describe, expect, it } from 'vitest'
import { HOUR, type Instant, SECOND } from '../domain/time.ts'
import { insertAt, thinned } from './still-times.ts'
import { TIERS } from './stills.ts'

const START = 1_795_222_803_000
const at = (second: number): Instant => START + second * SECOND
const RULES = { count: 600, withinMs: 2 * HOUR, tiers: TIERS }

describe('which stills a ring keeps', () => {
  it('all of two minutes, then one in ten seconds, then one a minute; and what stays once stays until its tier is sparser', () => {
    let times: Instant[] = []
    let before: Instant[] = []
    for (let second = 0; second <= 9000; second++) {
      insertAt(times, at(second))
      const dropped = thinned(times, at(second), RULES)
      times = times.filter((time) => !dropped.has(time))
      // Nothing that a sparser tier had chosen is ever taken back.
      if (second === 8000) before = times.filter((time) => at(second) - time > 15 * 60 * SECOND)
    }
    const ages = times.map((time) => (at(9000) - time) / SECOND)
    const count = (from: number, to: number): number => ages.filter((age) => age > from && age <= to).length
    expect([count(-1, 120), count(120, 900), count(900, 7200), count(7200, 9999)]).toEqual([121, 78, 105, 0])
    expect(before.filter((time) => at(9000) - time <= 2 * HOUR && !times.includes(time))).toEqual([])
  })
})
