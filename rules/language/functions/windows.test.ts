import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { brief, Hand, START } from '../../hand.fixture.ts'
import { Call } from '../memory.fixture.ts'
import { paneLength } from './windows.ts'

const SAMPLES: [at: number, waterMm: number][] = [
  [0, 100],
  [10, 400],
  [20, 200],
  [30, 500],
  [60, 300],
]

describe('S13 windows', () => {
  // At 60 s the window (0, 60] holds 400, 200, 500 and 300: the sample at 0 has just left it.
  it.each<[string, number]>([
    ["avg(waterMm, '1m')", 350],
    ["min(waterMm, '1m')", 200],
    ["max(waterMm, '1m')", 500],
    ["sum(waterMm, '1m')", 1400],
    ["stddev(waterMm, '1m')", Math.sqrt(12_500)],
    ["first(waterMm, '1m')", 400],
    ["last(waterMm, '1m')", 300],
    ["delta(waterMm, '1m')", -100],
    ["rate(waterMm, '1m')", -2],
    ["count(waterMm >= 300, '1m')", 3],
    ["avg(waterMm >= 300, '1m')", 0.75],
    ["avg(waterMm * 2, '1m')", 700],
    ["max(avg(waterMm, '20s'), '1m')", 350],
  ])('%s is %d', (text, expected) => {
    const call = new Call(`${text} > 0.0`)
    for (const [at, waterMm] of SAMPLES) {
      call.observe(at, { waterMm })
      call.restart()
    }
    expect(call.value).toBeCloseTo(expected, 9)
  })

  it('an empty window is unknown, and so is the rate of one sample', () => {
    const call = new Call("rate(waterMm, '1m') > 0.0")
    expect(call.observe(0, { tiltDeg: 3 })).toBe(undefined)
    expect(call.observe(1, { waterMm: 3 })).toBe(undefined)
    expect(call.observe(2, { waterMm: 5 })).toBe(true)
    expect(call.wait(61)).toBe(undefined)
    expect(call.wait(62)).toBe(undefined)
  })

  it('a value is sampled when an observation carries it, a condition whenever it is known', () => {
    const value = new Call("sum(waterMm, '1m') > 0.0")
    const condition = new Call("count(waterMm > 10, '1m') > 0.0")
    for (const call of [value, condition]) {
      call.observe(0, { tiltDeg: 1 })
      call.observe(1, { waterMm: 50 })
      call.observe(2, { tiltDeg: 1 })
    }
    expect([value.value, condition.value]).toEqual([50, 2])
  })

  it('panes leave with their newest sample, one after the other', () => {
    const call = new Call("count(tiltDeg > 5, '1m') > 0.0")
    for (const at of [0, 10, 30]) call.observe(at, { tiltDeg: 9 })
    const seen: unknown[] = []
    for (let at = call.turns; at < Infinity; at = call.turns) seen.push([at, call.wait(at), call.value])
    expect(seen).toEqual([
      [60, true, 2],
      [70, true, 1],
      [90, undefined, undefined],
    ])
  })

  it.each([
    ['count', (values: readonly number[]) => values.length],
    ['min', (values: readonly number[]) => Math.min(...values)],
    ['max', (values: readonly number[]) => Math.max(...values)],
    ['avg', (values: readonly number[]) => values.reduce((sum, each) => sum + each, 0) / values.length],
    ['first', (values: readonly number[]) => values[0]],
    ['last', (values: readonly number[]) => values.at(-1)],
    ['delta', (values: readonly number[]) => (values.at(-1) ?? 0) - (values[0] ?? 0)],
    ['stddev', (values: readonly number[]) => deviation(values)],
    ['rate', (values: readonly number[], times: readonly number[]) => ((values.at(-1) ?? 0) - (values[0] ?? 0)) / ((times.at(-1) ?? 0) - (times[0] ?? 0))],
  ] as const)('%s is exact to the pane: that of all samples since a pane ago, or of fewer', (name, of) => {
    const sample = fc.record({ at: fc.integer({ min: 0, max: 7200 }), value: fc.integer({ min: 0, max: 2000 }) })
    fc.assert(
      fc.property(fc.uniqueArray(sample, { selector: ({ at }) => at, minLength: 1, maxLength: 200 }), (samples) => {
        samples.sort((a, b) => a.at - b.at)
        const call = new Call(name === 'count' ? "count(waterMm >= 0, '10m') > 0.0" : `${name}(waterMm, '10m') > 0.0`)
        for (const { at, value } of samples) call.observe(at, { waterMm: value })
        const now = samples.at(-1)?.at ?? 0
        // What leaves late leaves with its pane: the answer is that of a suffix which begins within a pane of the window's edge.
        const [first, last] = [now - 600 - paneLength(600_000) / 1000, now - 600].map((from) => samples.findIndex(({ at }) => at > from))
        const answers = Array.from({ length: (last ?? 0) - (first ?? 0) + 1 }, (_, i) => samples.slice((first ?? 0) + i)).map((those) =>
          of(
            those.map(({ value }) => value),
            those.map(({ at }) => at),
          ),
        )
        const said = call.value as number | undefined
        expect(answers.some((each) => (said === undefined ? !Number.isFinite(each) : Math.abs((each ?? Number.NaN) - said) <= 1e-6 * Math.max(1, Math.abs(said))))).toBe(true)
      }),
    )
  })

  it('sum is exact to the pane', () => {
    const at = fc.integer({ min: 0, max: 7200 })
    fc.assert(
      fc.property(fc.uniqueArray(at, { minLength: 1, maxLength: 300 }), (times) => {
        times.sort((a, b) => a - b)
        const call = new Call("sum(waterMm, '10m') > 0.0")
        for (const each of times) call.observe(each, { waterMm: 1 })
        const now = times.at(-1) ?? 0
        const among = (from: number): number => times.filter((each) => each > from).length
        expect(call.value).toBeGreaterThanOrEqual(among(now - 600))
        expect(call.value).toBeLessThanOrEqual(among(now - 600 - paneLength(600_000) / 1000))
      }),
    )
  })
})

function deviation(values: readonly number[]): number {
  const mean = values.reduce((sum, each) => sum + each, 0) / values.length
  return Math.sqrt(values.reduce((sum, each) => sum + (each - mean) ** 2, 0) / values.length)
}

const RULE = `rule: cover-water-window
title: { zh: 水位, en: Water }
on: cover
when: displaced || avg(waterMm, '1m') > 500
severity: major
`

describe('windows in the engine', () => {
  it('a window empties while the device is silent, and the condition turns at that very time', () => {
    const hand = new Hand()
    hand.rule('cover-water-window', RULE)
    hand.cover('c', 0, { waterMm: 900, displaced: false })
    hand.cover('c', 30, { waterMm: 200 })
    expect(brief(hand.transitions)).toEqual(['raised cover-water-window c'])
    hand.restart()
    expect(hand.engine.nextWake).toBe(START + 62_000)
    expect(hand.tick(62).map(({ what, at }) => [what, (at - START) / 1000])).toEqual([['resolved', 60]])
  })

  it('a call that logic passes by is fed all the same', () => {
    const hand = new Hand()
    hand.rule('cover-water-window', RULE)
    hand.cover('c', 0, { waterMm: 900, displaced: true })
    hand.cover('c', 10, { displaced: false })
    expect(brief(hand.transitions)).toEqual(['raised cover-water-window c'])
  })

  it('S6 a late sample changes what was said since', () => {
    const hand = new Hand()
    hand.rule('cover-water-window', RULE)
    hand.cover('c', 0, { waterMm: 400, displaced: false })
    hand.cover('c', 50, { waterMm: 400 })
    expect(hand.transitions).toEqual([])
    hand.cover('c', 20, { waterMm: 900 }, 51)
    expect(hand.transitions.map(({ what, openedAt }) => [what, (openedAt - START) / 1000])).toEqual([['raised', 20]])
  })
})
