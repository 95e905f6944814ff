import { describe, expect, it } from 'vitest'
import type { RuleId } from '../domain/ids.ts'
import { edited, source, told } from './edit.fixture.ts'
import { Hand } from './hand.fixture.ts'
import { compileRule, withParams } from './rule.ts'

const WITH_A_PARAM = "rule: r\ntitle: { zh: 规则, en: Rule }\non: cover\nparams: { w: { value: 1m, unit: duration } }\nwhen: 'avg(waterMm, params.w) > 500'\nseverity: major\n"

/** Readings of a cover, and what the rule says of them: by a duration that is written out, and by a param that is the same one. */
const READINGS: readonly (readonly [at: number, fields: object])[] = [
  [0, { waterMm: 100, tiltDeg: 1 }],
  [40, { waterMm: 900, tiltDeg: 20 }],
  [70, { waterMm: 950, tiltDeg: 2 }],
  [100, { waterMm: 200, tiltDeg: 20 }],
  [300, { waterMm: 100, tiltDeg: 1 }],
]

function said(words: string): string[] {
  const hand = new Hand()
  hand.rule('r', source(words))
  for (const [at, fields] of READINGS) {
    hand.cover('c', at, fields)
    hand.restart()
  }
  hand.tick(1000)
  return told(hand.transitions)
}

describe('a duration that is a param', () => {
  it.each([
    "avg(waterMm, '1m') > 500",
    "min(waterMm, '1m') > 500",
    "max(waterMm, '1m') > 500",
    "sum(waterMm, '1m') > 1800",
    "stddev(waterMm, '1m') > 300",
    "first(waterMm, '1m') > 800",
    "last(waterMm, '1m') > 800",
    "delta(waterMm, '1m') > 40",
    "rate(waterMm, '1m') > 0.5",
    "count(tiltDeg > 15, '1m') > 0",
    "happened(tiltDeg > 15, '1m')",
    "absent('1m')",
    "delta(waterMm, '1m') > 40 && duration('1m') >= duration('60s')",
  ])('says what one that is written out says: %s', (text) => {
    const written = said(`when: ${text}`)
    const param = said(`params: { w: { value: 60s, unit: duration, min: 1, max: 3600 } }\nwhen: ${text.replaceAll("'1m'", 'params.w')}`)
    expect(written).not.toEqual([])
    expect(param).toEqual(written)
  })

  it('so do the numbers of ofLast', () => {
    const written = said('when: ofLast(tiltDeg > 15, 2, 3)')
    expect(written).not.toEqual([])
    expect(said('params: { k: { value: 2, min: 1, max: 9 }, n: { value: 3, min: 1, max: 9 } }\nwhen: ofLast(tiltDeg > 15, params.k, params.n)')).toEqual(written)
  })

  it('may be another one for each asset', () => {
    const hand = new Hand()
    hand.rule('r', source('params: { silence: { value: 60s, unit: duration } }\nwhen: absent(params.silence)\noverrides: [{ asset: c-2, params: { silence: 5m } }]'))
    for (const device of ['c-1', 'c-2']) hand.cover(device, 0, { tiltDeg: 1 })
    hand.tick(1000)
    expect(hand.transitions.map(({ what, asset, openedAt }) => [what, asset, hand.seconds(openedAt)])).toEqual([
      ['raised', 'c-1', 60],
      ['raised', 'c-2', 300],
    ])
  })

  it('may be edited: a longer window holds what it would hold had it always been so long', () => {
    const rule = (window: string): string => source(`params: { w: { value: ${window}, unit: duration } }\nwhen: max(waterMm, params.w) > 800`)
    const { before, at } = edited(rule('1m'), READINGS, rule('20m'), 500)
    expect({ before, at }).toEqual({ before: ['raised 40 v1', 'resolved 40 130 v1'], at: ['refired 40 v2 edited'] })
  })
})

it('a value that was given for another version of the param says nothing to this one', () => {
  const compiled = compileRule({ ...{ id: 'r' as RuleId, version: 2, state: 'live', base: undefined, areas: undefined, since: 0, sinceAt: 0 }, source: WITH_A_PARAM })
  expect(withParams(compiled, { w: 5 })).toBe(compiled)
  expect(withParams(compiled, { w: 'soon' })).toBe(compiled)
  expect(withParams(compiled, { w: '2m' }).params.w).toBe('2m')
})
