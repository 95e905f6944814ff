import { describe, expect, it } from 'vitest'
import type { Transition } from '../domain/alert.ts'
import { bookRule, Hand, START } from './hand.fixture.ts'
import { rejudge } from './rejudge.ts'
import { freeze } from './snapshot.ts'

/** A rule over covers, with words of its own. */
const source = (words: string): string => `rule: r
title: { zh: 规则, en: Rule }
on: cover
${words}
severity: major
`
const tilt = (deg: number, rest = ''): string => source(`params: { deg: { value: ${deg}, unit: deg } }\nwhen: tiltDeg > params.deg\n${rest}`)

/** `what openedAt [resolvedAt] vN why`, times in seconds from the start. */
const told = (transitions: readonly Transition[]): string[] =>
  transitions.map(({ what, openedAt, resolvedAt, ruleVersion, why }) =>
    [what, (openedAt - START) / 1000, resolvedAt === null ? undefined : (resolvedAt - START) / 1000, `v${ruleVersion}`, why].filter((each) => each !== undefined).join(' '),
  )

/** A cover that said so at each of these times, under the first version; then the second one. */
function edited(first: string, said: readonly (readonly [at: number, fields: object])[], second: string, clock = 1000): { hand: Hand; before: string[]; at: string[] } {
  const hand = new Hand()
  hand.rule('r', first)
  for (const [at, fields] of said) hand.cover('c', at, fields)
  hand.tick(clock - 1)
  const before = told(hand.transitions)
  return { hand, before, at: told(hand.rule('r', second, 2, clock)) }
}

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
    expect(told(hand.rule('cover-silent', bookRule('cover-silent'), 1, 60 * 3600))).toEqual([`raised ${48 * 3600} v1`])
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

describe('S6 late data and edits', () => {
  it('late data after an edit that changed nothing is judged as if there had been none', () => {
    const run = (edit: boolean): string[] => {
      const hand = new Hand()
      hand.rule('r', tilt(15))
      hand.cover('c', 0, { tiltDeg: 1 })
      hand.cover('c', 100, { tiltDeg: 1 })
      if (edit) hand.rule('r', tilt(15), 2, 150)
      hand.cover('c', 50, { tiltDeg: 40 }, 200)
      return hand.transitions.map(({ what, openedAt, resolvedAt }) => `${what} ${openedAt} ${resolvedAt}`)
    }
    expect(run(true)).toEqual(run(false))
    expect(run(true)).toHaveLength(2)
  })

  it('late data from before an edit is judged by the rules that stayed, and leaves the edited one alone', () => {
    const hand = new Hand()
    hand.rule('r', tilt(15))
    hand.rule('s', tilt(15).replace('rule: r', 'rule: s'))
    hand.cover('c', 0, { tiltDeg: 1 })
    hand.cover('c', 100, { tiltDeg: 1 })
    hand.rule('r', tilt(20), 2, 150)
    hand.cover('c', 200, { tiltDeg: 1 })
    expect(hand.cover('c', 50, { tiltDeg: 40 }, 210).map(({ what, rule }) => `${what} ${rule}`)).toEqual(['raised s', 'resolved s'])
    expect(hand.cover('c', 160, { tiltDeg: 40 }, 220).map(({ what, rule }) => `${what} ${rule}`)).toEqual(['raised r', 'resolved r', 'raised s', 'resolved s'])
  })

  it('what late data found to be true is known to an edit right after it', () => {
    const hand = new Hand()
    hand.rule('r', tilt(15, 'for: 1h'))
    hand.cover('c', 0, { tiltDeg: 1 }, 0)
    hand.cover('c', 1000, { tiltDeg: 40 }, 1000)
    hand.cover('c', 400, { tiltDeg: 40 }, 1010)
    hand.cover('c', 300, { tiltDeg: 40 }, 1010.5)
    expect(told(hand.rule('r', tilt(15, 'for: 5m'), 2, 1010.6))).toEqual(['raised 300 v2 edited'])
  })
})

describe('S14 a restart around an edit does not show', () => {
  it.each([0, 1, 2, 3])('restarted after %i edits', (when) => {
    const run = (restart: number | undefined): string => {
      const hand = new Hand()
      const edits = [tilt(15, 'for: 1h'), tilt(12), tilt(60), tilt(20)]
      hand.cover('c', 0, { tiltDeg: 1 })
      for (let i = 1; i < 300; i++) hand.cover('c', i * 60, { tiltDeg: i % 50 })
      edits.forEach((words, i) => {
        hand.rule('r', words, i + 1, 18_000 + i)
        hand.cover('c', 17_900 - i * 1000, { tiltDeg: 55 }, 18_000 + i + 0.5)
        if (restart === i) hand.restart()
      })
      hand.tick(30_000)
      return JSON.stringify([hand.transitions, freeze(hand.engine.state).hash])
    }
    expect(run(when)).toBe(run(undefined))
  })
})

describe('an edit that would look back on too much', () => {
  it('judges the newest values and counts it', () => {
    const hand = new Hand()
    hand.rule('r', tilt(15))
    hand.cover('c', 0, { tiltDeg: 40 })
    hand.cover('c', 50, { tiltDeg: 20 })
    hand.tick(60)
    const { state, history } = hand.engine
    const [asset] = state.assets.values()
    const rule = state.rules.get('r')?.live
    if (!asset || !rule) throw new Error('there is an asset and a rule')
    const keys = rejudge(state, history, asset, rule, undefined, { left: 1 })
    expect([...keys].map(([name, { hold }]) => [name, hold.phase, (hold.since - START) / 1000])).toEqual([['r', 'firing', 50]])
    expect(state.counts.notRejudged).toBe(1)
  })

  it('looks as far back as it must where an asset says much', () => {
    const hand = new Hand()
    hand.rule('r', tilt(45))
    const say = (from: number, to: number, deg: number): void => {
      for (let at = from; at < to; at += 10) hand.cover('c', at, { tiltDeg: deg })
    }
    say(0, 20_000, 1)
    say(20_000, 45_000, 40)
    expect(told(hand.rule('r', tilt(30), 2, 45_000))).toEqual(['raised 20000 v2 edited'])
  })
})
