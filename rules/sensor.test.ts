import { expect, it } from 'vitest'
import { brief, Hand, START } from './hand.fixture.ts'

const rule = (id: string, on: string, when: string, rest = ''): string => `rule: ${id}\ntitle: { zh: 规则, en: Rule }\non: ${on}\nwhen: ${when}\nseverity: major\n${rest}`

it('what a sensor measures can be asked by name, and goes with the alert', () => {
  const hand = new Hand()
  hand.rule('well', rule('well', 'sensor', "value('levelMm') > 900.0 && !flag('pumpRunning')"))
  expect(hand.observe('sensor', 'plc-1', 0, { values: { levelMm: 950, pumpRunning: true } })).toEqual([])
  expect(hand.observe('sensor', 'plc-1', 10, { values: { levelMm: 'broken', pumpRunning: false } })).toEqual([])
  const [raised] = hand.observe('sensor', 'plc-1', 20, { values: { levelMm: 950 } })
  expect(raised?.values).toEqual({ 'values.levelMm': 950, 'values.pumpRunning': false })
})

it('the silence of a gateway is judged as the presence of a device that bears its id', () => {
  const hand = new Hand()
  hand.rule('gateway', rule('gateway', 'presence', "state == 'offline'", 'for: 2m\n'))
  const says = (clock: number, state: string) => hand.feed(clock, { type: 'gateway', by: 'gw-7', gateway: 'gw-7', state, at: START, oldest: null })
  says(0, 'online')
  says(10, 'offline')
  says(20, 'draining')
  says(30, 'offline')
  expect(brief(hand.tick(200))).toEqual(['raised gateway gw-7'])
  expect(brief(says(210, 'online'))).toEqual(['resolved gateway gw-7'])
})

it('a clock that is always behind or ahead shows; one late message does not', () => {
  const hand = new Hand()
  hand.rule('skew', rule('skew', 'cover', 'skewMs() > 60000.0 || skewMs() < -60000.0'))
  hand.cover('good', 0, {}, 1)
  expect(hand.cover('good', 10, {}, 200)).toEqual([])
  for (let second = 0; second < 5; second++) expect(hand.cover('behind', 110 + second, {}, 200 + second)).toEqual([])
  expect(brief(hand.cover('behind', 115, {}, 205))).toEqual(['raised skew behind'])
  for (let minute = 9; minute > 1; minute--) expect(hand.cover('catching-up', 1000 - 60 * minute, {}, 1000)).toEqual([])
  expect(brief(hand.cover('ahead', 290, {}, 200))).toEqual(['raised skew ahead'])
})
