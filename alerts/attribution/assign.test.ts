import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { assign } from './assign.ts'

/** Every way to give each sighting a vehicle of its own or none, one after the other. */
function byHand(vehicles: readonly (readonly number[])[], unknown: readonly number[]): { vehicles: number[][]; unknown: number[] } {
  const sums = { vehicles: vehicles.map(() => unknown.map(() => 0)), unknown: unknown.map(() => 0) }
  let total = 0
  const go = (s: number, taken: readonly (number | null)[], weight: number): void => {
    if (s === unknown.length) {
      total += weight
      for (const [at, v] of taken.entries()) {
        const row = v === null ? sums.unknown : sums.vehicles[v]
        if (row) row[at] = (row[at] ?? 0) + weight
      }
      return
    }
    go(s + 1, [...taken, null], weight * (unknown[s] ?? 0))
    vehicles.forEach((weights, v) => {
      if (!taken.includes(v)) go(s + 1, [...taken, v], weight * (weights[s] ?? 0))
    })
  }
  go(0, [], 1)
  const share = (row: number[]): number[] => row.map((sum) => sum / total)
  return { vehicles: sums.vehicles.map(share), unknown: share(sums.unknown) }
}

const rounded = (shares: readonly number[]): number[] => shares.map((share) => Math.round(share * 1e7))

describe('who was who', () => {
  it.each([
    ['one passer, one vehicle that fits four times as well as an unknown one', [[4]], [1], [[0.8]], [0.2]],
    ['two passers are not both the one vehicle that is known to have passed', [[8, 8]], [1, 1], [[8 / 17, 8 / 17]], [9 / 17, 9 / 17]],
    ['nobody passed', [[0]], [1], [[0]], [1]],
    ['no vehicle at all', [], [1, 2], [], [1, 1]],
  ])('%s', (_, vehicles, unknown, expected, nobody) => {
    const { vehicles: shares, unknown: rest } = assign(vehicles, unknown)
    expect(rounded([...shares.flat(), ...rest])).toEqual(rounded([...expected.flat(), ...nobody]))
  })

  it('is what counting every way one by one gives', () => {
    const density = fc.double({ min: 0, max: 50, noNaN: true })
    const sizes = fc.tuple(fc.integer({ min: 0, max: 4 }), fc.integer({ min: 1, max: 4 }))
    const problem = sizes.chain(([v, s]) =>
      fc.tuple(
        fc.array(fc.array(density, { minLength: s, maxLength: s }), { minLength: v, maxLength: v }),
        fc.array(fc.double({ min: 0.01, max: 5, noNaN: true }), { minLength: s, maxLength: s }),
      ),
    )
    fc.assert(
      fc.property(problem, ([vehicles, unknown]) => {
        const [told, counted] = [assign(vehicles, unknown), byHand(vehicles, unknown)]
        expect(rounded([...told.vehicles.flat(), ...told.unknown])).toEqual(rounded([...counted.vehicles.flat(), ...counted.unknown]))
      }),
    )
  })
})
