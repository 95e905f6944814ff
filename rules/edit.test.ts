import { describe, expect, it } from 'vitest'
import { edited, source, tilt, told } from './edit.fixture.ts'
import { bookRule, Hand } from './hand.fixture.ts'

describe('S5 S8 an edit keeps holds', () => {
  it.each<[name: string, first: string, said: [number, object][], second: string, before: string[], at: string[]]>([
    ['nothing that judges is changed', tilt(15), [[0, { tiltDeg: 40 }]], tilt(15).replace('en: Rule', 'en: Other'), ['raised 0 v1'], []],
    ['an alert that stays true goes on under the new version', tilt(15), [[0, { tiltDeg: 40 }]], tilt(20), ['raised 0 v1'], ['edited 0 v2 edited']],
    ['one that is no longer true ends at the edit', tilt(15), [[0, { tiltDeg: 40 }]], tilt(45), ['raised 0 v1'], ['resolved 0 1000 v2 edited']],
    [
      'a lower threshold raises what has been true, since when it was',
      tilt(45),
      [
        [0, { tiltDeg: 1 }],
        [100, { tiltDeg: 40 }],
        [500, { tiltDeg: 41 }],
      ],
      tilt(30),
      [],
      ['raised 100 v2 edited'],
    ],
    [
      'and nothing that is over by now',
      tilt(45),
      [
        [0, { tiltDeg: 40 }],
        [100, { tiltDeg: 1 }],
      ],
      tilt(30),
      [],
      [],
    ],
    [
      'a shorter hold that is over raises now',
      tilt(15, 'for: 1h'),
      [
        [0, { tiltDeg: 1 }],
        [300, { tiltDeg: 40 }],
      ],
      tilt(15, 'for: 5m'),
      [],
      ['raised 300 v2'],
    ],
    ['a longer one takes nothing back', tilt(15), [[0, { tiltDeg: 40 }]], tilt(15, 'for: 1h'), ['raised 0 v1'], ['edited 0 v2 edited']],
    [
      'a hold that an old value began is not that of a new threshold',
      tilt(15, 'for: 20m'),
      [
        [0, { tiltDeg: 20 }],
        [600, { tiltDeg: 40 }],
      ],
      tilt(30, 'for: 5m'),
      [],
      ['raised 600 v2'],
    ],
    [
      'between two limits it stays as history left it',
      tilt(30, 'clear: { when: tiltDeg < 5 }'),
      [
        [0, { tiltDeg: 40 }],
        [50, { tiltDeg: 10 }],
      ],
      tilt(20, 'clear: { when: tiltDeg < 5 }'),
      ['raised 0 v1'],
      ['edited 0 v2 edited'],
    ],
    [
      'where it was never above the new one it ends',
      tilt(30, 'clear: { when: tiltDeg < 5 }'),
      [
        [0, { tiltDeg: 40 }],
        [50, { tiltDeg: 10 }],
      ],
      tilt(50, 'clear: { when: tiltDeg < 5 }'),
      ['raised 0 v1'],
      ['resolved 0 1000 v2 edited'],
    ],
    [
      'what cleared under the old limit and not under the new goes on',
      tilt(30, 'clear: { when: tiltDeg < 20 }'),
      [
        [0, { tiltDeg: 40 }],
        [50, { tiltDeg: 10 }],
      ],
      tilt(30, 'clear: { when: tiltDeg < 5 }'),
      ['raised 0 v1', 'resolved 0 50 v1'],
      ['refired 0 v2 edited'],
    ],
    ['unknown moves nothing', tilt(15), [[0, { tiltDeg: 40 }]], source('when: waterMm > 5'), ['raised 0 v1'], ['edited 0 v2 edited']],
  ])('%s', (_name, first, said, second, before, at) => {
    const result = edited(first, said, second)
    expect([result.before, result.at]).toEqual([before, at])
  })

  it('severity follows, the id stays', () => {
    const { hand } = edited(tilt(15), [[0, { tiltDeg: 40 }]], tilt(15).replace('major', 'critical'))
    const [raised, after] = hand.transitions
    expect([after?.what, after?.severity, after?.alert]).toEqual(['edited', 'critical', raised?.alert])
  })

  it('a longer hold that runs goes on from where it began', () => {
    const { hand, at } = edited(tilt(15, 'for: 20m'), [[100, { tiltDeg: 40 }]], tilt(15, 'for: 30m'))
    expect(at).toEqual([])
    expect(told(hand.tick(100 + 1200 + 10))).toEqual([])
    expect(told(hand.tick(100 + 1800 + 2))).toEqual(['raised 100 v2'])
  })

  it('an alert of three days ago stays while its condition is not changed, though its beginning is out of reach', () => {
    const hysteresis = (clear: number): string => tilt(30, `clear: { when: tiltDeg < ${clear} }`)
    const hand = new Hand()
    hand.rule('r', hysteresis(5))
    hand.cover('c', 0, { tiltDeg: 40 })
    for (let hour = 1; hour <= 72; hour++) hand.cover('c', hour * 3600, { tiltDeg: 10 })
    expect(told(hand.rule('r', hysteresis(3), 2, 73 * 3600))).toEqual(['edited 0 v2 edited'])
  })

  it('a new rule raises what is true, not what was', () => {
    const hand = new Hand()
    for (const [at, deg] of [
      [0, 1],
      [10, 40],
      [20, 41],
    ] as const)
      hand.cover('standing', at, { tiltDeg: deg })
    for (const [at, deg] of [
      [0, 1],
      [10, 40],
      [20, 1],
    ] as const)
      hand.cover('over', at, { tiltDeg: deg })
    const raised = hand.rule('r', tilt(15), 1, 30)
    expect([raised.map(({ asset }) => asset), told(raised)]).toEqual([['standing'], ['raised 10 v1 edited']])
  })

  it('absence counts from the last report, whenever its rule came', () => {
    const hand = new Hand()
    hand.cover('c', 0, { batteryPct: 80 })
    hand.tick(50 * 3600)
    expect(told(hand.rule('cover-silent', bookRule('cover-silent'), 1, 60 * 3600))).toEqual([`raised ${48 * 3600} v1 edited`])
  })
})

describe('cool-downs and edits', () => {
  const cooling = (deg: number, cool: string): string => tilt(deg, `coolDown: ${cool}`)

  it('what cools goes on cooling, however the rule is edited', () => {
    const { hand, before, at } = edited(
      cooling(15, '1h'),
      [
        [0, { tiltDeg: 40 }],
        [100, { tiltDeg: 1 }],
      ],
      cooling(30, '1h'),
    )
    expect([before, at]).toEqual([['raised 0 v1', 'resolved 0 100 v1'], []])
    expect(told(hand.cover('c', 1100, { tiltDeg: 40 }))).toEqual([])
    expect(told(hand.tick(3703))).toEqual(['raised 3700 v2'])
  })

  it('a longer one counts from the last alert', () => {
    const { hand } = edited(
      tilt(15),
      [
        [0, { tiltDeg: 40 }],
        [100, { tiltDeg: 1 }],
      ],
      cooling(15, '1h'),
    )
    expect(told(hand.cover('c', 1100, { tiltDeg: 40 }))).toEqual([])
    expect(told(hand.tick(3703))).toEqual(['raised 3700 v2'])
  })

  it('an alert that there never was cools nothing', () => {
    const { hand } = edited(
      cooling(45, '1h'),
      [
        [0, { tiltDeg: 40 }],
        [100, { tiltDeg: 1 }],
      ],
      cooling(30, '1h'),
    )
    expect(told(hand.cover('c', 1100, { tiltDeg: 40 }))).toEqual(['raised 1100 v2'])
  })
})

describe('other params by an override, a label or a place', () => {
  const byLabel = `${tilt(15)}overrides: [{ labels: { slope: steep }, params: { deg: 50 } }]\n`

  it('an asset that comes under an override is judged by it since ever', () => {
    const hand = new Hand()
    hand.rule('r', byLabel)
    hand.asset(0, { id: 'c' })
    hand.cover('c', 1, { tiltDeg: 40 })
    expect(told(hand.asset(10, { id: 'c', labels: { slope: 'steep' } }))).toEqual(['resolved 1 10 v1 edited'])
    expect(told(hand.asset(20, { id: 'c' }))).toEqual(['refired 1 v1 edited'])
  })

  it('one that leaves the rule and comes back has the same alert again', () => {
    const hand = new Hand()
    hand.rule('r', tilt(15).replace('on: cover', 'on: cover\nassets: { area: "370602" }'))
    hand.asset(0, { id: 'c', area: '370602' })
    hand.cover('c', 1, { tiltDeg: 40 })
    expect(told(hand.asset(10, { id: 'c', area: '370611' }))).toEqual(['resolved 1 10 v1 not_in_force'])
    expect(told(hand.asset(20, { id: 'c', area: '370602' }))).toEqual(['refired 1 v1 edited'])
  })
})
