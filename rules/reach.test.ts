import { expect, it } from 'vitest'
import { STALE_AFTER } from '../domain/fields.ts'
import { DAY, HOUR, MINUTE } from '../domain/time.ts'
import { comparisonsOf } from './compared.ts'
import { parseRuleFile } from './file.ts'
import { reachOf } from './reach.ts'

const rule = (rest: string): string => `rule: r\ntitle: { zh: 规, en: rule }\non: vehicle\nseverity: minor\n${rest}`
function fileOf(source: string) {
  const parsed = parseRuleFile(source)
  if ('errors' in parsed) throw new Error(parsed.errors[0]?.why)
  return parsed.file
}

it.each([
  ['values until they are stale', 'when: speedKmh > 60', 0],
  ['holds', 'when: speedKmh > 60\nfor: 5m\nclear: { when: speedKmh < 50, for: 3m }', 8 * MINUTE],
  ['windows, one within another', "when: avg(speedKmh, '10m') > 60 && happened(ignition, '2h')", 2 * HOUR + 10 * MINUTE],
  [
    'durations in params, as long as an override makes them',
    'params: { stay: { value: 1h, unit: duration } }\nwhen: ignition\nfor: params.stay\noverrides: [{ asset: v-1, params: { stay: 3h } }]',
    5 * HOUR,
  ],
  ['at most two weeks', "when: absent('300d')", 14 * DAY - STALE_AFTER.vehicle - 20 * MINUTE],
])('a rule reaches back over %s', (_what, rest, expected) => {
  expect(reachOf(fileOf(rule(rest)))).toBe(STALE_AFTER.vehicle + 20 * MINUTE + expected)
})

it.each([
  ['params: { a: { value: 1 } }\nwhen: speedKmh > params.a', [{ field: 'speedKmh', param: 'a' }]],
  [
    'params: { a: { value: 1 }, b: { value: 2 } }\nwhen: params.a * 2.0 <= altM\nclear: { when: altM < params.a - params.b }',
    [
      { field: 'altM', param: 'a' },
      { field: 'altM', param: 'a' },
      { field: 'altM', param: 'b' },
    ],
  ],
  ["params: { a: { value: 1 } }\nwhen: avg(speedKmh, '5m') > params.a && ignition", [{ field: 'speedKmh', param: 'a' }]],
  ['when: ignition', []],
])('%s compares', (rest, expected) => {
  expect(comparisonsOf(fileOf(rule(rest)))).toEqual(expected)
})
