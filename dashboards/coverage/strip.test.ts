import { describe, expect, it } from 'vitest'
import type { CoverageView } from '../../domain/ports/coverage.ts'
import { HOUR } from '../../domain/time.ts'
import { stripOf } from './strip.ts'

const T0 = Date.parse('2026-11-21T00:00:00Z')
const hour = (index: number, blindMinutes: number, more: Partial<CoverageView['hours'][number]> = {}): CoverageView['hours'][number] => ({
  at: new Date(T0 + index * HOUR).toISOString(),
  ...{ frames: 10, inferred: 10, gated: {}, dropped: {}, blindMinutes, causes: {} },
  ...more,
})

describe('stripOf', () => {
  it('has every hour, also those of which nothing is known', () => {
    const strip = stripOf([hour(1, 0), hour(3, 60)], T0 + 1, T0 + 5 * HOUR)
    expect(strip.map(({ at, tone }) => [(at - T0) / HOUR, tone])).toEqual([
      [0, 'unknown'],
      [1, 'seen'],
      [2, 'unknown'],
      [3, 'blind'],
      [4, 'unknown'],
    ])
  })

  it.each([
    ['seen', hour(0, 0)],
    ['little', hour(0, 0.1)],
    ['much', hour(0, 5.1)],
    ['blind', hour(0, 30.1)],
    ['off', hour(0, 0, { inferred: 0, causes: { off_schedule: 60 } })],
    ['seen', hour(0, 0, { causes: { off_schedule: 20 } })],
  ])('%s', (tone, given) => {
    expect(stripOf([given], T0, T0 + HOUR)[0]?.tone).toBe(tone)
  })
})
