import { describe, expect, it } from 'vitest'
import type { Observation } from '../../domain/observation.ts'
import { formatInstant } from '../../domain/time.ts'
import { parseRuleFile } from '../../rules/file.ts'
import { drawnField, MOST_POINTS, thinned } from './chart.ts'
import { BEGIN, bookRule } from './world.fixture.ts'

function fileOf(source: string) {
  const parsed = parseRuleFile(source)
  if ('errors' in parsed) throw new Error(parsed.errors[0]?.why)
  return parsed.file
}
const observed = (at: number, payload: object): Observation => ({ at: BEGIN + at, receivedAt: BEGIN + at, payload }) as Observation

describe('the chart of a backtest', () => {
  it.each([
    ['cover-displaced', { tiltDeg: 15, hold: '2s' }, { tiltDeg: 20, hold: '2s' }, { field: 'tiltDeg', unit: 'deg', thresholds: [{ param: 'tiltDeg', live: 15, edit: 20 }] }],
    ['truck-speeding', { speedKmh: 60 }, { speedKmh: 60 }, { field: 'speedKmh', unit: 'km/h', thresholds: [{ param: 'speedKmh', live: 60, edit: 60 }] }],
    ['vehicle-no-parking', { score: 0.4 }, { score: 0.2 }, { field: 'bestScore', unit: '1', thresholds: [{ param: 'score', live: 0.4, edit: 0.2 }] }],
    ['truck-banned-zone', {}, {}, undefined],
  ])('of %s draws what the edited param is compared with', (rule, live, edited, expected) => {
    const drawn = drawnField(fileOf(bookRule(rule)), live, edited)
    expect(drawn && { field: drawn.field, unit: drawn.unit, thresholds: drawn.thresholds }).toEqual(expected)
  })

  it('draws the field of the param that is edited, not the first one', () => {
    const source = bookRule('cover-displaced')
      .replace(/^when: .*$/m, 'when: tiltDeg > params.tiltDeg || waterMm > params.waterMm')
      .replace('params:', 'params:\n  waterMm: { value: 800, unit: mm }')
    expect(drawnField(fileOf(source), { tiltDeg: 15, waterMm: 800 }, { tiltDeg: 15, waterMm: 700 })?.field).toBe('waterMm')
  })

  it('keeps the least and the greatest value of each stretch, in at most 500 points', () => {
    const observations = Array.from({ length: 5000 }, (_, i) => observed(i * 1000, { tiltDeg: i % 10 === 0 ? 90 : i % 7 }))
    const points = thinned(observations, ({ payload }) => payload.tiltDeg as number, BEGIN, BEGIN + 5_000_000)
    expect(points.length).toBeLessThanOrEqual(MOST_POINTS)
    // Seven seconds in, the value is 0.
    expect(points[0]).toEqual({ at: formatInstant(BEGIN), min: 0, max: 90 })
    expect(Math.max(...points.map(({ max }) => max))).toBe(90)
  })

  it('leaves out stretches in which nothing was said', () => {
    expect(thinned([observed(0, { tiltDeg: 3 }), observed(900, {})], ({ payload }) => payload.tiltDeg as number | undefined, BEGIN, BEGIN + 1000)).toEqual([
      { at: formatInstant(BEGIN), min: 3, max: 3 },
    ])
  })
})
