import { describe, expect, it } from 'vitest'
import type { Transition } from '../domain/alert.ts'
import { Hand, START } from './hand.fixture.ts'
import { freeze } from './snapshot.ts'

const DISTRICT = '370602'
const OTHER = '370611'
const source = (deg: number): string => `rule: r
title: { zh: 规则, en: Rule }
on: cover
when: tiltDeg > ${deg}
severity: major
`

class City extends Hand {
  constructor() {
    super()
    this.asset(0, { id: 'here', area: `${DISTRICT}001` })
    this.asset(0, { id: 'there', area: `${OTHER}001` })
  }

  lane(clock: number, version: number, state: string, deg: number, areas?: string[]): string[] {
    return told(this.feed(clock, { type: 'rule', by: 't', id: 'r', version, state, source: source(deg), note: '', ...(areas && { areas }) }))
  }

  both(at: number, tiltDeg: number): string[] {
    return ['here', 'there'].flatMap((device) => told(this.cover(device, at, { tiltDeg })))
  }
}

const told = (transitions: readonly Transition[]): string[] =>
  transitions.map(({ what, key, openedAt, ruleVersion, shadow, why }) =>
    [shadow ? 'shadow' : '', what, key, (openedAt - START) / 1000, `v${ruleVersion}`, why].filter((word) => word !== '' && word !== undefined).join(' '),
  )

describe('shadow', () => {
  it('raises nothing that is shown, and what it would have raised bears the live alert’s id', () => {
    const city = new City()
    city.lane(0, 1, 'live', 15)
    city.lane(0, 2, 'shadow', 30)
    expect(city.both(10, 20)).toEqual(['raised here 10 v1', 'raised there 10 v1'])
    city.both(20, 1)
    city.lane(30, 3, 'shadow', 15)
    const at40 = city.cover('here', 40, { tiltDeg: 20 })
    expect(told(at40)).toEqual(['raised here 40 v1', 'shadow raised here 40 v3'])
    expect(new Set(at40.map(({ alert }) => alert)).size).toBe(1)
  })

  it('stands beside the live version and neither touches the other', () => {
    const city = new City()
    city.lane(0, 1, 'live', 15)
    city.both(10, 20)
    expect(city.lane(20, 2, 'shadow', 10)).toEqual(['shadow raised here 10 v2 edited', 'shadow raised there 10 v2 edited'])
    expect(city.lane(30, 2, 'draft', 10)).toEqual(['shadow resolved here 10 v2 not_in_force', 'shadow resolved there 10 v2 not_in_force'])
    expect(city.both(40, 1)).toEqual(['resolved here 10 v1', 'resolved there 10 v1'])
  })

  it('moved live it takes the old version’s place without an end and a beginning', () => {
    const city = new City()
    city.lane(0, 1, 'live', 15)
    city.lane(0, 2, 'shadow', 10)
    city.both(10, 20)
    expect(city.lane(20, 2, 'live', 10)).toEqual([
      ...['edited here 10 v2 edited', 'shadow resolved here 10 v2 not_in_force'],
      ...['edited there 10 v2 edited', 'shadow resolved there 10 v2 not_in_force'],
    ])
  })
})

describe('trial', () => {
  it('is live in its areas, the old version everywhere else', () => {
    const city = new City()
    city.lane(0, 1, 'live', 30)
    city.lane(0, 2, 'live', 15, [DISTRICT])
    expect(city.both(10, 20)).toEqual(['raised here 10 v2'])
    expect(city.both(20, 40)).toEqual(['raised there 20 v1'])
  })

  it('reaches a grid that bears an id of the city’s own by its district, and by that id alone', () => {
    const city = new City()
    for (const grid of ['g-1', 'g-10']) city.asset(0, { id: grid, area: DISTRICT, grid })
    city.lane(0, 1, 'live', 15)
    city.lane(0, 2, 'live', 30, [DISTRICT])
    expect(['g-1', 'g-10'].flatMap((cover) => told(city.cover(cover, 10, { tiltDeg: 20 })))).toEqual([])
    expect(city.lane(20, 2, 'live', 30, ['g-1'])).toEqual(['raised g-10 10 v1 edited'])
  })

  it('an asset that is moved between areas is judged by the version that is live there', () => {
    const city = new City()
    city.lane(0, 1, 'live', 30)
    city.lane(0, 2, 'live', 15, [DISTRICT])
    city.both(10, 20)
    expect(told(city.asset(20, { id: 'here', area: `${OTHER}001` }))).toEqual(['resolved here 10 v1 edited'])
    expect(told(city.asset(30, { id: 'there', area: `${DISTRICT}001` }))).toEqual(['raised there 10 v2 edited'])
  })

  it('made live everywhere it keeps its alerts and holds, and takes over those of the old version', () => {
    const city = new City()
    city.lane(0, 1, 'live', 15)
    city.lane(0, 2, 'live', 18, [DISTRICT])
    city.both(10, 20)
    expect(city.lane(20, 2, 'live', 18)).toEqual(['edited there 10 v2 edited'])
    expect(city.engine.state.rules.get('r')).toMatchObject({ live: { version: 2 }, trial: undefined })
  })

  it('put back, the old version takes over what stays true, and ends what does not', () => {
    const city = new City()
    city.lane(0, 1, 'live', 15)
    city.lane(0, 2, 'live', 10, [DISTRICT])
    city.asset(0, { id: 'near', area: DISTRICT })
    city.cover('near', 10, { tiltDeg: 12 })
    city.both(10, 20)
    expect(city.lane(20, 2, 'draft', 10).sort()).toEqual(['edited here 10 v1 edited', 'resolved near 10 v1 edited'])
    expect(city.both(30, 1)).toEqual(['resolved here 10 v1', 'resolved there 10 v1'])
  })
})

describe('a version that does not compile', () => {
  it.each([
    ['live', undefined],
    ['live', [DISTRICT]],
    ['shadow', undefined],
  ])('as %s in %s leaves what was in force, and is shown until one that does', (state, areas) => {
    const city = new City()
    city.lane(0, 1, 'live', 15)
    city.lane(0, 2, 'live', 15, [DISTRICT])
    city.lane(0, 3, 'shadow', 15)
    const before = city.engine.state.rules.get('r')
    city.feed(5, { type: 'rule', by: 't', id: 'r', version: 4, state, source: 'rule: r\nwhen: nonsense(', note: '', ...(areas && { areas }) })
    expect(city.engine.state.rules.get('r')).toBe(before)
    expect([...city.engine.state.broken].map(([id, { version }]) => [id, version])).toEqual([['r', 4]])
    expect(city.both(10, 20)).toEqual(['raised here 10 v2', 'shadow raised here 10 v3', 'raised there 10 v1', 'shadow raised there 10 v3'])
    city.lane(20, 5, 'live', 15)
    expect([...city.engine.state.broken]).toEqual([])
  })
})

describe('S14 lanes and a restart', () => {
  it('does not show, wherever it comes', () => {
    const steps: ((city: City) => unknown)[] = [
      (city) => city.lane(0, 1, 'live', 30),
      (city) => city.both(5, 20),
      (city) => city.lane(10, 2, 'live', 15, [DISTRICT]),
      (city) => city.lane(10, 3, 'shadow', 10),
      (city) => city.both(20, 35),
      (city) => city.lane(30, 2, 'draft', 15),
      (city) => city.asset(40, { id: 'there', area: DISTRICT }),
      (city) => city.lane(50, 3, 'live', 10, [DISTRICT]),
      (city) => city.both(60, 1),
      (city) => city.tick(100),
    ]
    const life = (restart: number): string => {
      const city = new City()
      steps.forEach((step, i) => {
        step(city)
        if (i === restart) city.restart()
      })
      return JSON.stringify([city.transitions, freeze(city.engine.state).hash])
    }
    const straight = life(-1)
    for (let i = 0; i < steps.length; i++) expect(life(i)).toBe(straight)
  })
})
