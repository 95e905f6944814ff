import fc from 'fast-check'
import { expect, it } from 'vitest'
import { Call } from './memory.fixture.ts'

const CONDITIONS = [
  "avg(displaced, '1m') >= 0.5 && count(true, '1m') >= 3",
  "count(displaced, '30s') >= 2 || max(waterMm, '2m') == 0",
  "stddev(waterMm, '1m') == 0 && count(waterMm >= 20, '1m') >= 3",
  "min(waterMm, '1m') > 0 && avg(waterMm, '30s') < 30",
  "avg(waterMm, '1m') > 10 ? count(true, '20s') > 1 : last(waterMm, '40s') > 0",
  "sum(waterMm, '1m') > 30 && !absent('50s')",
  "rate(waterMm, '1m') > 0.1 || delta(waterMm, '1m') >= 20",
  "ofLast(displaced, 1, 2) && first(waterMm, '1m') > 0",
  "waterMm > 5 && count(displaced, '1m') > 1",
  "happened(displaced, '30s') || count(true, '20s') == 1",
]
const seconds = fc.integer({ min: 1, max: 45 })
const said = fc.array(fc.record({ gap: seconds, displaced: fc.boolean(), waterMm: fc.constantFrom(0, 0, 10, 0.1, 30) }), { minLength: 1, maxLength: 12 })

it.each(CONDITIONS)('%s gives the same until the turn that it names, and names the same turn', (text) => {
  fc.assert(
    fc.property(said, fc.array(fc.integer({ min: 0, max: 998 }), { minLength: 1, maxLength: 8 }), (observations, thousandths) => {
      const call = new Call(text)
      let now = 0
      for (const { gap, ...fields } of observations) {
        now += gap
        call.observe(now, fields)
        call.restart()
      }
      // What is asked at an observation only is another question.
      for (let from = now + 0.001; ; from = call.turns) {
        const given = call.wait(from)
        const until = call.turns
        expect(until).toBeGreaterThan(from)
        if (until === Infinity) return
        for (const share of thousandths) {
          const ms = Math.round(from * 1000) + Math.floor((until - from) * share)
          expect(call.wait(ms / 1000)).toBe(given)
          expect(call.turns).toBe(until)
        }
        call.wait(from)
      }
    }),
  )
})

it.each<[string, number | string, number]>([
  ["count(waterMm > 5, '1m') > 0.0", 'nothing counts', 90],
  ["avg(waterMm, '1m') > 0.0", 'all are zero', 90],
  ["max(waterMm, '1m') > 0.0", 'all are equal', 90],
  ["delta(waterMm, '1m') > 0.0", 'all are equal', 90],
  ["stddev(waterMm, '1m') > 0.0", 'all are equal', 90],
  ["last(waterMm, '1m') > 0.0", 'only the newest is asked', 90],
  ["count(true, '1m') > 0.0", 'each that leaves counts', 60],
  ["count(waterMm > 5, '1m') > 0.0 && count(true, '1m') > 0.0", 'what logic passes by may turn as it likes', 90],
  ["count(waterMm > 5, '1m') == 0.0 || count(true, '1m') > 0.0", 'what logic passes by may turn as it likes', 90],
  ["count(waterMm > 5, '1m') > 0.0 ? count(true, '1m') > 1 : count(waterMm > 5, '1m') == 0.0", 'what is not chosen may turn as it likes', 90],
  ["tiltDeg > 5 && count(true, '1m') > 0.0", 'a field grows old by itself, so nothing is known of it', 60],
])('%s: %s', (text, _why, expected) => {
  const call = new Call(text)
  for (const at of [0, 10, 30]) call.observe(at, { waterMm: 0, tiltDeg: 1 })
  expect(call.turns).toBe(expected)
})
