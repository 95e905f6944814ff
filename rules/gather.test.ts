import { describe, expect, it } from 'vitest'
import type { Transition } from '../domain/alert.ts'
import { areaAt } from '../domain/area.ts'
import { city, GRID, HIGH, source } from './gather.fixture.ts'
import { brief, Hand } from './hand.fixture.ts'

const story = (hand: Hand, transitions: readonly Transition[] = hand.transitions): [string, number, number][] =>
  transitions.map(({ what, at, openedAt }) => [what, hand.seconds(at), hand.seconds(openedAt)])

describe('one alert for an area', () => {
  it('is raised when so many assets are true, with the time of the one that made the number', () => {
    const hand = city()
    for (const n of [1, 2, 3]) hand.cover(`c-${n}`, n * 10, { waterMm: HIGH })
    expect(hand.transitions).toEqual([])
    const [raised, ...others] = hand.tick(33)
    expect(others).toEqual([])
    expect(raised).toMatchObject({ what: 'raised', key: GRID, asset: GRID, rule: 'flood', severity: 'major', values: { count: 3, assets: 'c-1 c-2 c-3' } })
    expect(raised?.devices).toEqual(['c-1', 'c-2', 'c-3'])
    expect(hand.seconds(raised?.openedAt ?? 0)).toBe(30)
    expect(raised?.observations).toHaveLength(3)
    expect([raised?.lon, raised?.lat]).toEqual([expect.closeTo(121.02), 37])
  })

  it('counts who was true within the window, and no longer', () => {
    const hand = city()
    for (const [n, at] of [
      [1, 0],
      [2, 300],
      [3, 650],
      [4, 660],
    ] as const) {
      hand.cover(`c-${n}`, at, { waterMm: HIGH })
      hand.cover(`c-${n}`, at + 20, { waterMm: 100 })
    }
    hand.tick(2000)
    // c-1 counts until 620, c-2 until 920.
    expect(story(hand)).toEqual([
      ['raised', 660, 660],
      ['resolved', 920, 660],
    ])
  })

  it('stays while enough are true, however long', () => {
    const hand = city()
    for (const n of [1, 2, 3]) hand.cover(`c-${n}`, n, { waterMm: HIGH })
    hand.cover('c-1', 9000, { waterMm: 100 })
    hand.tick(9000 + 590)
    expect(story(hand)).toEqual([['raised', 3, 3]])
    hand.tick(9000 + 661)
    expect(story(hand).at(-1)).toEqual(['resolved', 9600, 3])
  })

  it('one asset that is true again and again is one', () => {
    const hand = city()
    for (let at = 0; at < 100; at += 10) hand.cover('c-1', at, { waterMm: at % 20 === 0 ? HIGH : 100 })
    hand.tick(200)
    expect(hand.transitions).toEqual([])
  })

  it('tells of more only when they are twice as many, or graver', () => {
    const hand = city(source({ count: 2, more: 'severity: \'waterMm > 1000.0 ? "critical" : "minor"\'' }), 6)
    for (const n of [1, 2, 3, 4]) hand.cover(`c-${n}`, n * 10, { waterMm: HIGH })
    hand.cover('c-5', 50, { waterMm: 1100 })
    hand.cover('c-6', 60, { waterMm: 1100 })
    hand.tick(70)
    expect(hand.transitions.map(({ what, severity, values }) => [what, severity, values.count])).toEqual([
      ['raised', 'minor', 2],
      ['amended', 'minor', 4],
      ['severity', 'critical', 5],
    ])
  })
})

describe('areas', () => {
  it.each([
    ['grid', { area: '370602001002', grid: GRID }, GRID],
    ['community', { area: '370602001002', grid: GRID }, '370602001002'],
    ['street', { area: '370602001002', grid: null }, '370602001'],
    ['district', { area: '370602', grid: null }, '370602'],
    ['street', { area: '370602', grid: null }, null],
    ['grid', { area: '370602001002', grid: 'north-7' }, 'north-7'],
    ['street', { area: '370602001002', grid: 'north-7' }, '370602001'],
    ['grid', { area: null, grid: null }, null],
  ] as const)('%s of %o is %s', (level, asset, code) => {
    expect(areaAt(level, asset)).toBe(code)
  })

  it('are counted apart, and an asset without one counts nowhere', () => {
    const hand = city(source({ by: 'street' }), 2)
    hand.asset(0, { id: 'other', area: '370602002' })
    hand.asset(0, { id: 'nowhere' })
    for (const id of ['c-1', 'c-2', 'other', 'nowhere']) hand.cover(id, 10, { waterMm: HIGH })
    expect(hand.tick(100)).toEqual([])
    hand.asset(100, { id: 'third', area: '370602001' })
    hand.cover('third', 110, { waterMm: HIGH })
    expect(brief(hand.tick(120))).toEqual(['raised flood 370602001'])
  })

  it('a grid with an id of the city’s own is tried where its assets say that it lies', () => {
    const hand = city(source({ count: 4 }), 3)
    for (let n = 1; n <= 3; n++) hand.asset(0, { id: `c-${n}`, area: '370602001', grid: 'g-1' })
    hand.feed(0, { type: 'rule', by: 't', id: 'flood', version: 2, state: 'live', source: source({ count: 2 }), note: '', areas: ['370602'] })
    for (let n = 1; n <= 3; n++) hand.cover(`c-${n}`, 10, { waterMm: HIGH })
    hand.tick(100)
    expect(hand.transitions.map(({ what, key, ruleVersion }) => [what, key, ruleVersion])).toEqual([['raised', 'g-1', 2]])
  })

  it('an asset that is registered elsewhere counts there from then on', () => {
    const hand = city(source({ count: 2 }), 2)
    hand.asset(0, { id: 'far', grid: '370602009002003' })
    hand.cover('c-1', 10, { waterMm: HIGH })
    hand.cover('far', 10, { waterMm: HIGH })
    expect(hand.tick(20)).toEqual([])
    hand.asset(30, { id: 'far', grid: GRID })
    expect(story(hand, hand.tick(40))).toEqual([['raised', 30, 30]])
  })
})

describe('S6, S7 later data only amends', () => {
  const three = (): Hand => {
    const hand = city()
    for (const n of [1, 2, 3]) hand.cover(`c-${n}`, n * 100, { waterMm: HIGH })
    hand.tick(310)
    expect(story(hand)).toEqual([['raised', 300, 300]])
    return hand
  }

  it('one more that was true earlier moves the beginning; the id stays', () => {
    const hand = three()
    hand.cover('c-4', 150, { waterMm: HIGH }, 400)
    const [amended] = hand.tick(405)
    expect(amended).toMatchObject({ what: 'amended', amended: 'times', alert: hand.transitions[0]?.alert, condition: 'firing', values: { count: 3, assets: 'c-1 c-4 c-2' } })
    expect(hand.seconds(amended?.openedAt ?? 0)).toBe(200)
  })

  it('one that was not true after all disproves it', () => {
    const hand = three()
    hand.cover('c-3', 300.5, { waterMm: 100 }, 401)
    hand.cover('c-3', 299, { waterMm: 100 }, 402)
    hand.tick(405)
    // It was true for half a second: that is enough to have counted.
    expect(story(hand)).toEqual([['raised', 300, 300]])
    const over = three()
    over.cover('c-1', 50, { waterMm: 100 }, 401)
    over.cover('c-1', 101, { waterMm: 100 }, 402)
    over.tick(1500)
    expect(over.transitions.at(-1)).toMatchObject({ what: 'resolved' })
  })

  it('a gathering that was missed is born late', () => {
    const hand = city()
    for (const n of [1, 2, 3]) hand.cover(`c-${n}`, 3000, { waterMm: 100 })
    hand.tick(3100)
    for (const n of [1, 2, 3]) {
      hand.cover(`c-${n}`, n * 100, { waterMm: HIGH }, 3200)
      hand.cover(`c-${n}`, n * 100 + 50, { waterMm: 100 }, 3201)
    }
    hand.tick(3300)
    expect(story(hand)).toEqual([
      ['raised', 300, 300],
      ['resolved', 750, 300],
    ])
  })

  it('a member’s clock that is wrong is corrected', () => {
    const told = (offsets: readonly number[]): unknown => {
      const hand = city(source(), 3, offsets)
      for (const n of [1, 2, 3]) hand.cover(`c-${n}`, n * 10 - (offsets[n - 1] ?? 0), { waterMm: HIGH }, n * 10)
      hand.tick(100)
      return [story(hand), hand.transitions[0]?.values]
    }
    expect(told([40, 0, -25])).toEqual(told([0, 0, 0]))
  })
})

describe('edits', () => {
  const firing = (): Hand => {
    const hand = city()
    for (const n of [1, 2, 3]) hand.cover(`c-${n}`, n * 10, { waterMm: HIGH })
    hand.tick(40)
    return hand
  }

  it.each([
    ['a number that is no longer reached ends it', source({ count: 4 }), [`resolved ${GRID}`]],
    ['one that still is changes nothing', source({ count: 2 }), []],
    ['another sort of area counts what is true now', source({ by: 'street' }), [`resolved ${GRID}`, 'raised 370602001']],
    ['without gather each asset has its own again', source().replace(/^gather.*$/m, ''), ['raised c-1', 'raised c-2', 'raised c-3', `resolved ${GRID}`]],
  ])('%s', (_what, edited, expected) => {
    const hand = firing()
    const said = [...hand.rule('flood', edited, 2, 50), ...hand.tick(55)]
    expect(said.map(({ what, key }) => `${what} ${key}`)).toEqual(expected)
  })

  it('a lower number may be reached already', () => {
    const hand = city(source({ count: 4 }))
    for (const n of [1, 2, 3]) hand.cover(`c-${n}`, n * 10, { waterMm: HIGH })
    hand.tick(100)
    hand.rule('flood', source({ count: 3 }), 2, 110)
    expect(brief(hand.tick(120))).toEqual([`raised flood ${GRID}`])
  })

  it('a rule that is removed ends what it raised', () => {
    const hand = firing()
    expect(brief(hand.feed(50, { type: 'rule', by: 't', id: 'flood', version: 2, state: 'removed', source: '', note: '' }))).toEqual([`resolved flood ${GRID}`])
    expect(hand.engine.state.gatherings.size).toBe(0)
  })

  it('in shadow it is counted and flagged', () => {
    const hand = new Hand()
    hand.feed(0, { type: 'rule', by: 't', id: 'flood', version: 1, state: 'shadow', source: source({ count: 2 }), note: '' })
    for (const id of ['a', 'b']) {
      hand.asset(0, { id, grid: GRID })
      hand.cover(id, 1, { waterMm: HIGH })
    }
    expect(hand.tick(10).map(({ what, shadow }) => [what, shadow])).toEqual([['raised', true]])
  })
})

describe('ten thousand assets in one area', () => {
  it('cost each its own, and raise one alert', () => {
    const hand = new Hand()
    const most = 10_000
    hand.rule('flood', source({ count: 100 }))
    for (let n = 0; n < most; n++) hand.asset(0, { id: `c-${n}`, grid: GRID })
    for (let n = 0; n < most; n++) hand.cover(`c-${n}`, 1 + n / 100, { waterMm: HIGH })
    for (let n = 0; n < most; n++) hand.cover(`c-${n}`, 200 + n / 100, { waterMm: 100 })
    hand.tick(2000)
    const [raised] = hand.transitions
    expect(brief([raised as Transition, hand.transitions.at(-1) as Transition])).toEqual([`raised flood ${GRID}`, `resolved flood ${GRID}`])
    expect(hand.transitions.slice(1, -1).map(({ values }) => values.count)).toEqual([200, 400, 800, 1600, 3200, 6400])
    expect(raised?.observations).toHaveLength(100)
    expect(String(raised?.values.assets).split(' ')).toHaveLength(21)
  })
})
