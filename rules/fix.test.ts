import { describe, expect, it } from 'vitest'
import { EARTH_RADIUS_M, type Position } from '../domain/geo.ts'
import { type FixReport, judgeFix, NO_FIX } from './fix.ts'
import { Hand } from './hand.fixture.ts'

const HOME: Position = [121.4, 37]
const north = (metres: number): Position => [HOME[0], HOME[1] + (metres / EARTH_RADIUS_M) * (180 / Math.PI)]
/** Where a vehicle is that left home so many seconds ago at this speed. */
const driven = (seconds: number, kmh: number): Position => north((seconds * kmh) / 3.6)
const FAR = north(100_000)

type Report = [seconds: number, place: Position | null, rest?: Partial<FixReport>]

/** What is said of each report: `ok` with the speed that is known, or `suspect`. */
function judged(reports: readonly Report[]): string[] {
  let state = NO_FIX
  return reports.map(([seconds, place, rest]) => {
    const fix = judgeFix(state, { at: seconds * 1000, place, alarms: [], speedKmh: undefined, ...rest })
    state = fix.state
    return fix.ok ? `ok ${fix.speedKmh === undefined ? '-' : Math.round(fix.speedKmh)}` : 'suspect'
  })
}

describe('S19 a fix', () => {
  it.each<[string, readonly Report[], readonly string[]]>([
    ['with a place is ok, and the first has no speed but its own', [[0, HOME]], ['ok -']],
    ['has the speed that the terminal measured', [[0, HOME, { speedKmh: 42 }]], ['ok 42']],
    ['without a place says nothing of place and speed', [[0, null, { speedKmh: 42 }]], ['suspect']],
    ['of a terminal without satellites is suspect', [[0, HOME, { alarms: ['no_fix'] }]], ['suspect']],
    ['with encrypted coordinates is suspect', [[0, HOME, { alarms: ['encrypted'] }]], ['suspect']],
    ['under another alarm is ok', [[0, HOME, { alarms: ['sos', 'antenna_cut'] }]], ['ok -']],
    ['on the island of zeros is suspect', [[0, [0, 0]]], ['suspect']],
    ['at the edge of that island is suspect', [[0, [-0.0099, 0.0099]]], ['suspect']],
    ['beside it is ok', [[0, [0.0101, 0]]], ['ok -']],
    ['on the equator, or on the meridian, is ok', [[0, [0, 51.5]]], ['ok -']],
    [
      'that 149.9 km/h reach is ok',
      [
        [0, HOME],
        [10, driven(10, 149.9)],
      ],
      ['ok -', 'ok 150'],
    ],
    [
      'that takes 150.1 km/h is suspect',
      [
        [0, HOME],
        [10, driven(10, 150.1)],
      ],
      ['ok -', 'suspect'],
    ],
    [
      'is measured from the last ok one, however long ago',
      [
        [0, HOME],
        [10, FAR],
        [3600, FAR],
      ],
      ['ok -', 'suspect', 'ok -'],
    ],
    [
      'at the same instant is ok where it was, and suspect elsewhere',
      [
        [0, HOME],
        [0, HOME],
        [0, north(2)],
      ],
      ['ok -', 'ok -', 'suspect'],
    ],
    [
      'moves nothing while it is suspect',
      [
        [0, HOME],
        [10, FAR],
        [20, driven(20, 60)],
      ],
      ['ok -', 'suspect', 'ok 60'],
    ],
    [
      '30 s after the last ok one gives a speed',
      [
        [0, HOME],
        [30, driven(30, 60)],
      ],
      ['ok -', 'ok 60'],
    ],
    [
      'more than 30 s after it gives none',
      [
        [0, HOME],
        [30.001, driven(30, 60)],
      ],
      ['ok -', 'ok -'],
    ],
    [
      'gives no speed from one that was suspect',
      [
        [0, HOME, { alarms: ['no_fix'] }],
        [10, driven(10, 60)],
      ],
      ['suspect', 'ok -'],
    ],
    [
      'is believed at last when it is the third that agrees',
      [
        [0, HOME],
        [10, FAR],
        [20, FAR],
        [30, FAR],
        [40, FAR],
      ],
      ['ok -', 'suspect', 'suspect', 'ok -', 'ok 0'],
    ],
    [
      'does not agree with one that it takes 150.1 km/h to',
      [
        [0, FAR],
        [10, HOME],
        [20, driven(10, 150.1)],
        [30, driven(10, 150.1)],
      ],
      ['ok -', 'suspect', 'suspect', 'suspect'],
    ],
    [
      'does not agree with one of the same instant',
      [
        [0, HOME],
        [10, FAR],
        [10, FAR],
        [20, FAR],
        [30, FAR],
      ],
      ['ok -', 'suspect', 'suspect', 'suspect', 'ok -'],
    ],
    [
      'does not agree across one that is ok',
      [
        [0, HOME],
        [10, FAR],
        [20, FAR],
        [30, HOME],
        [40, FAR],
      ],
      ['ok -', 'suspect', 'suspect', 'ok 0', 'suspect'],
    ],
  ])('%s', (_, reports, expected) => {
    expect(judged(reports)).toEqual(expected)
  })
})

describe('S19 no rule of place or speed fires on a suspect fix, and liveness uses all', () => {
  const square = (radius: number): Position[] => [
    [FAR[0] - radius, FAR[1] - radius],
    [FAR[0] + radius, FAR[1] - radius],
    [FAR[0] + radius, FAR[1] + radius],
    [FAR[0] - radius, FAR[1] + radius],
  ]
  /** The transitions when a truck, seen at home before, says this every ten seconds for two minutes. */
  function told(rules: readonly string[], fields: object, first: object = { lon: HOME[0], lat: HOME[1] }): string[] {
    const hand = new Hand()
    for (const rule of rules) hand.rule(rule)
    hand.zone(0, 'closed', { type: 'banned', polygon: [square(0.1)] })
    hand.observe('vehicle', 't', 0, { ignition: true, ...first })
    for (let at = 3600; at <= 3720; at += 10) hand.observe('vehicle', 't', at, { ignition: true, ...fields })
    return hand.transitions.map(({ what, rule }) => `${what} ${rule}`).toSorted()
  }
  const there = { lon: FAR[0], lat: FAR[1], speedKmh: 120 }

  it.each<[string, object]>([
    ['no satellites', { alarms: ['no_fix'] }],
    ['encrypted coordinates', { alarms: ['encrypted'] }],
    ['the island of zeros', { lon: 0, lat: 0 }],
    ['no place', { lon: undefined, lat: undefined }],
  ])('%s', (_, fault) => {
    const rules = ['truck-speeding', 'truck-banned-zone']
    expect(told(rules, there)).toEqual(['raised truck-banned-zone', 'raised truck-speeding'])
    expect(told(rules, { ...there, ...fault })).toEqual([])
  })

  it('a jump that comes back is nowhere, one that stays is believed', () => {
    const hand = new Hand()
    hand.rule('truck-banned-zone')
    hand.zone(0, 'closed', { type: 'banned', polygon: [square(0.1)] })
    const at = (seconds: number, [lon, lat]: Position): string[] => hand.observe('vehicle', 't', seconds, { lon, lat }).map(({ what }) => what)
    expect([at(0, HOME), at(10, FAR), at(20, FAR), at(30, HOME), at(40, FAR), at(50, FAR)].flat()).toEqual([])
    expect(at(60, FAR)).toEqual(['raised'])
    expect(hand.engine.state.counts.suspectFixes).toBe(4)
  })

  it('a terminal that only sends suspect fixes is not lost; one that is silent is', () => {
    const lives = (last: number): string[] => {
      const hand = new Hand()
      hand.rule('truck-lost')
      for (let at = 0; at <= last; at += 60) hand.observe('vehicle', 't', at, { lon: 0, lat: 0, alarms: ['no_fix'], ignition: true })
      hand.tick(900)
      return hand.transitions.map(({ what }) => what)
    }
    expect(lives(840)).toEqual([])
    expect(lives(600)).toEqual(['raised'])
  })
})
