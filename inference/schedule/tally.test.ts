import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type CoverageHour, totalOf } from '../../domain/coverage.ts'
import { HOUR, MINUTE, SECOND } from '../../domain/time.ts'
import { CameraCoverage } from './camera-coverage.ts'
import type { Pair } from './pair.ts'
import { type KeptHour, Tally } from './tally.ts'

const T0 = 100 * HOUR
const pair = (algorithm: string, everyMs = 30 * SECOND, schedule: string | null = null): Pair => ({ algorithm, everyMs, schedule, zones: null, holdMs: 0, severity: 'minor' })

function expectBalanced(hour: CoverageHour): void {
  expect(hour.frames).toBe(hour.inferred + totalOf(hour.gated) + totalOf(hour.dropped))
}

describe('Tally', () => {
  it('is not blind while looks come within the interval', () => {
    const tally = new Tally('cam', 'a', 30 * SECOND, T0)
    for (let at = T0 + 29 * SECOND; at < T0 + HOUR; at += 29 * SECOND) tally.inferred(at, 'source_lost')
    expect(tally.take(T0 + HOUR)[0]).toMatchObject({ inferred: 124, frames: 124, blindMs: {} })
  })

  it('is blind from the end of the interval to the next look, each part for its cause, hour by hour', () => {
    const tally = new Tally('cam', 'a', MINUTE, T0 + 50 * MINUTE)
    tally.account(T0 + 55 * MINUTE, true, 'source_lost')
    expect(tally.isBlind(T0 + 55 * MINUTE)).toBe(true)
    tally.account(T0 + 65 * MINUTE, true, 'no_budget')
    tally.inferred(T0 + 70 * MINUTE, 'no_budget')
    expect(tally.isBlind(T0 + 71 * MINUTE)).toBe(false)
    expect(tally.take(T0 + 71 * MINUTE).map(({ hour, blindMs }) => [hour - T0, blindMs])).toEqual([
      [0, { source_lost: 4 * MINUTE, no_budget: 5 * MINUTE }],
      [HOUR, { no_budget: 10 * MINUTE }],
    ])
  })

  it('off duty it owes nothing, and after that a look within an interval', () => {
    const tally = new Tally('cam', 'a', MINUTE, T0)
    tally.account(T0 + 10 * MINUTE, false, 'gated')
    tally.account(T0 + 10.5 * MINUTE, true, 'gated')
    expect(tally.isBlind(T0 + 10.9 * MINUTE)).toBe(false)
    tally.account(T0 + 12 * MINUTE, true, 'gated')
    expect(tally.take(T0 + 12 * MINUTE)[0]?.blindMs).toEqual({ off_schedule: 10 * MINUTE, gated: MINUTE })
  })

  it('the time that the platform was down is blind, up to a day of it', () => {
    const before: CoverageHour = { camera: 'cam', algorithm: 'a', hour: T0, through: T0 + 20 * MINUTE, frames: 5, inferred: 5, gated: {}, dropped: {}, blindMs: {} }
    const tally = new Tally('cam', 'a', MINUTE, T0 + 30 * MINUTE, { hour: structuredClone(before), gone: false })
    tally.inferred(T0 + 30.5 * MINUTE, 'source_lost')
    expect(tally.take(T0 + 31 * MINUTE)).toEqual([{ ...before, through: T0 + 30.5 * MINUTE, frames: 6, inferred: 6, blindMs: { stopped: 10 * MINUTE } }])
    const late = new Tally('cam', 'a', MINUTE, T0 + 100 * HOUR, { hour: structuredClone(before), gone: false })
    expect(late.take(T0 + 100 * HOUR).reduce((sum, { blindMs }) => sum + totalOf(blindMs), 0)).toBe(24 * HOUR)
  })

  it('accounts for every ms and every frame exactly once, whatever happens', () => {
    const event = fc.record({
      after: fc.integer({ min: 0, max: 20 * MINUTE }),
      what: fc.constantFrom('look', 'gated', 'dropped', 'on', 'off', 'take'),
    })
    fc.assert(
      fc.property(fc.array(event, { maxLength: 100 }), fc.integer({ min: SECOND, max: HOUR }), (events, everyMs) => {
        const tally = new Tally('cam', 'a', everyMs, T0)
        const kept = new Map<number, CoverageHour>()
        const keep = (hours: CoverageHour[]) => {
          for (const hour of hours) kept.set(hour.hour, hour)
        }
        let [now, since, on, blind, frames] = [T0, T0, true, 0, 0]
        for (const { after, what } of events) {
          const from = now
          now += after
          // The oracle walks the same time in its own way: everything beyond the interval after the last look.
          const isOn: boolean = what === 'off' ? false : what === 'on' || what === 'look' || on
          if (after > 0 || what === 'look') {
            if (!isOn) blind += now - from
            else if (on) blind += Math.max(0, now - Math.max(from, since + everyMs))
          }
          if (what === 'look') tally.inferred(now, 'gated')
          else tally.account(now, isOn, 'gated')
          if (after > 0 || what === 'look') on = isOn
          if (what === 'look' || (!isOn && after > 0)) since = now
          if (what === 'gated' || what === 'dropped') tally.missed(now, what, 'some')
          if (what === 'look' || what === 'gated' || what === 'dropped') frames++
          if (what === 'take') keep(tally.take(now))
        }
        keep(tally.take(now))
        const hours = [...kept.values()]
        for (const hour of hours) {
          expectBalanced(hour)
          expect(totalOf(hour.blindMs)).toBeLessThanOrEqual(HOUR)
        }
        expect(hours.reduce((sum, hour) => sum + hour.frames, 0)).toBe(frames)
        expect(hours.reduce((sum, { blindMs }) => sum + totalOf(blindMs), 0)).toBe(blind)
      }),
    )
  })
})

describe('CameraCoverage', () => {
  it('counts a look for the pairs on duty and keeps the identity of the others', () => {
    const coverage = new CameraCoverage('cam')
    const [day, night] = [pair('day'), pair('night', 30 * SECOND, 'night')]
    coverage.set([day, night], T0)
    coverage.inferred(T0 + SECOND, [day], 'gated')
    coverage.missed(T0 + 2 * SECOND, [day], 'gated', 'still')
    coverage.missed(T0 + 3 * SECOND, [day, night], 'dropped', 'superseded')
    const hours = coverage.take(T0 + 4 * SECOND)
    for (const hour of hours) expectBalanced(hour)
    expect(hours).toMatchObject([
      { algorithm: 'day', frames: 3, inferred: 1, gated: { still: 1 }, dropped: { superseded: 1 } },
      { algorithm: 'night', frames: 3, inferred: 0, gated: { off_schedule: 2 }, dropped: { superseded: 1 } },
    ])
  })

  it('tells the rules once that pairs are blind, again when others are or the cause is another, and once that all is well', () => {
    const coverage = new CameraCoverage('cam')
    const [often, rarely] = [pair('often', 10 * SECOND), pair('rarely', 60 * SECOND)]
    coverage.set([often, rarely], T0)
    const at = (s: number) => T0 + s * SECOND
    const news = (s: number, cause: 'source_lost' | 'no_budget' = 'source_lost') => {
      coverage.account(at(s), [often, rarely], cause)
      return coverage.news(at(s), cause)
    }
    expect(news(5)).toBeUndefined()
    expect(news(15)).toEqual({ camera: 'cam', at: at(15), cause: 'source_lost', algorithms: ['often'] })
    expect(news(25)).toBeUndefined()
    expect(news(65)?.algorithms).toEqual(['often', 'rarely'])
    expect(news(70, 'no_budget')?.cause).toBe('no_budget')
    coverage.inferred(at(75), [often, rarely], 'no_budget')
    expect(news(76)?.algorithms).toEqual([])
    expect(news(80)).toBeUndefined()
  })

  it('says after a start that all is well as soon as it has looked, since it cannot know what was said before', () => {
    const coverage = new CameraCoverage('cam')
    coverage.set([pair('a')], T0)
    expect(coverage.news(T0 + SECOND, 'gated')).toBeUndefined()
    coverage.inferred(T0 + 2 * SECOND, [pair('a')], 'gated')
    expect(coverage.news(T0 + 3 * SECOND, 'gated')).toMatchObject({ algorithms: [] })
  })

  it('gives up what was counted for a pair that is gone', () => {
    const coverage = new CameraCoverage('cam')
    coverage.set([pair('a'), pair('b')], T0)
    coverage.inferred(T0, [pair('a'), pair('b')], 'gated')
    coverage.set([pair('b')], T0 + SECOND)
    expect(coverage.take(T0 + SECOND).map(({ algorithm }) => algorithm)).toEqual(['a', 'b'])
    coverage.inferred(T0 + 2 * SECOND, [pair('b')], 'gated')
    expect(coverage.take(T0 + 3 * SECOND).map(({ algorithm, inferred }) => [algorithm, inferred])).toEqual([['b', 2]])
  })

  it.each([
    ['when its hour had been taken', true],
    ['when it had not', false],
  ])('goes on with the hour of a pair that comes back, and nothing was owed meanwhile: %s', (_, taken) => {
    const hours = new Map<string, KeptHour>()
    const kept = { take: (name: string) => hours.get(name), put: (name: string, hour: CoverageHour) => void hours.set(name, { hour, gone: true }) }
    const coverage = new CameraCoverage('cam', kept)
    coverage.set([pair('a')], T0)
    coverage.inferred(T0 + SECOND, [pair('a')], 'gated')
    coverage.missed(T0 + 2 * SECOND, [pair('a')], 'gated', 'still')
    coverage.set([], T0 + 3 * SECOND)
    if (taken) coverage.take(T0 + 3 * SECOND)
    coverage.set([pair('a')], T0 + 30 * MINUTE)
    coverage.inferred(T0 + 30 * MINUTE + SECOND, [pair('a')], 'gated')
    expect(coverage.take(T0 + 31 * MINUTE).at(-1)).toMatchObject({ hour: T0, frames: 3, inferred: 2, gated: { still: 1 }, blindMs: {} })
    coverage.set([], T0 + 40 * MINUTE)
    coverage.set([pair('a')], T0 + 90 * MINUTE)
    coverage.inferred(T0 + 90 * MINUTE, [pair('a')], 'gated')
    expect(coverage.take(T0 + 91 * MINUTE).at(-1)).toMatchObject({ hour: T0 + HOUR, frames: 1, inferred: 1, blindMs: {} })
  })
})
