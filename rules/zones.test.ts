import { describe, expect, it } from 'vitest'
import { distanceToLineM, distanceToPolygonM } from '../domain/geo.ts'
import { brief, Hand } from './hand.fixture.ts'
import { ruleText } from './rule.fixture.ts'

/** About 1 km on a side: 0.01° of latitude is 1,112 m. */
const SQUARE = [
  [
    [121.3, 37.5],
    [121.31, 37.5],
    [121.31, 37.51],
    [121.3, 37.51],
  ],
]
const IN = [121.305, 37.505] as const
const OUT = [121.32, 37.505] as const

function hand(when: string, zone: object = { type: 'depot', polygon: SQUARE }): Hand {
  const made = new Hand()
  made.zone(0, 'north', zone)
  made.rule('r', ruleText({ on: 'vehicle', when }))
  return made
}

/** Fixes [seconds, place or nothing]: what is said at each, as `what` or nothing. */
function drive(at: Hand, fixes: readonly (readonly [number, readonly [number, number] | null])[]): string[] {
  return fixes.map(([second, place]) =>
    at
      .observe('vehicle', 'v', second, place ? { lon: place[0], lat: place[1] } : { ignition: true })
      .map(({ what }) => what)
      .join(),
  )
}

describe('entered and left', () => {
  it.each([
    [
      'entered',
      'is true at the fix that shows it and at no other',
      [
        [0, OUT],
        [300, IN],
        [301, null],
        [400, IN],
        [700, OUT],
      ],
      ['', 'raised', 'resolved', '', ''],
    ],
    [
      'entered',
      'is unknown at the first fix',
      [
        [0, IN],
        [60, IN],
      ],
      ['', ''],
    ],
    [
      'entered',
      'is unknown after a silence that is too long',
      [
        [0, OUT],
        [601, IN],
        [900, IN],
      ],
      ['', '', ''],
    ],
    [
      'left',
      'is true at the fix that shows it',
      [
        [0, IN],
        [300, OUT],
        [600, OUT],
      ],
      ['', 'raised', 'resolved'],
    ],
  ] as const)('%s %s', (name, _what, fixes, expected) => {
    expect(drive(hand(`${name}('depot')`), fixes)).toEqual(expected)
  })

  it('a suspect fix shows nothing (S19)', () => {
    expect(
      drive(hand("left('depot')"), [
        [0, IN],
        [10, [125, 37.5]],
        [20, IN],
      ]),
    ).toEqual(['', '', ''])
  })

  it('a zone that is moved while somebody is inside is left at the next fix', () => {
    const moved = hand("left('north')")
    expect(drive(moved, [[0, IN]])).toEqual([''])
    expect(moved.zone(10, 'north', { type: 'depot', polygon: [SQUARE[0]?.map(([lon = 0, lat = 0]) => [lon + 1, lat])] })).toEqual([])
    expect(
      drive(moved, [
        [20, null],
        [30, IN],
      ]),
    ).toEqual(['', 'raised'])
  })
})

describe('dwell', () => {
  const LONG = "dwell('depot') > duration('15m')"

  it.each([
    [
      'counts from the first fix inside',
      [
        [0, OUT],
        [100, IN],
        [500, IN],
        [1000, IN],
        [1001, IN],
      ],
      ['', '', '', '', 'raised'],
    ],
    [
      'is judged at an observation without a fix too, while the last one is fresh',
      [
        [0, IN],
        [500, IN],
        [901, null],
      ],
      ['', '', 'raised'],
    ],
    [
      'begins anew after it was outside',
      [
        [0, IN],
        [500, IN],
        [600, OUT],
        [700, IN],
        [1200, IN],
        [1601, IN],
      ],
      ['', '', '', '', '', 'raised'],
    ],
    [
      'begins anew after a silence that is too long',
      [
        [0, IN],
        [601, IN],
        [1100, IN],
        [1500, IN],
        [1502, IN],
      ],
      ['', '', '', '', 'raised'],
    ],
    [
      'outside is zero and ends the alert',
      [
        [0, IN],
        [500, IN],
        [1000, IN],
        [1100, OUT],
      ],
      ['', '', 'raised', 'resolved'],
    ],
  ] as const)('%s', (_what, fixes, expected) => {
    expect(drive(hand(LONG), fixes)).toEqual(expected)
  })

  it('survives a restart', () => {
    const restarted = hand(LONG)
    drive(restarted, [
      [0, IN],
      [500, IN],
    ])
    restarted.restart()
    expect(drive(restarted, [[901, IN]])).toEqual(['raised'])
  })

  it('a late fix that shows it outside disproves the stay (S6)', () => {
    const late = hand(LONG)
    drive(late, [
      [0, IN],
      [500, IN],
      [1000, IN],
    ])
    const out = late.observe('vehicle', 'v', 750, { lon: OUT[0], lat: OUT[1] }, 1001)
    expect(out.map(({ what, amended }) => [what, amended])).toEqual([['amended', 'disproved']])
  })

  it('compares with a param of unit duration, which an override may change', () => {
    const own = new Hand()
    own.zone(0, 'north', { type: 'depot', polygon: SQUARE })
    const overrides = 'overrides: [{ asset: v2, params: { stay: 1m } }]'
    own.rule('r', `${ruleText({ on: 'vehicle', when: "dwell('depot') >= params.stay", params: 'stay: { value: 5m, unit: duration }' })}\n${overrides}`)
    for (const at of [0, 60, 300]) for (const device of ['v1', 'v2']) own.observe('vehicle', device, at, { lon: IN[0], lat: IN[1] })
    expect(own.transitions.map(({ key, openedAt }) => [key, own.seconds(openedAt)])).toEqual([
      ['v2', 60],
      ['v1', 300],
    ])
  })
})

describe('distanceTo', () => {
  it('is zero inside a zone, metres to its edge outside, and reaches assets that stand', () => {
    const near = new Hand()
    near.zone(0, 'north', { type: 'depot', polygon: SQUARE })
    near.asset(0, { id: 'c', lon: 121.32, lat: 37.505 })
    for (const [id, when] of [
      ['inside', "distanceTo('depot') == 0.0"],
      ['edge', "distanceTo('north') > 800.0 && distanceTo('north') < 900.0"],
      ['cover', "distanceTo('c') < 1.0"],
      ['nowhere', "distanceTo('nowhere') >= 0.0"],
    ])
      near.rule(id as string, ruleText({ on: 'vehicle', when: when as string, id: id as string }))
    near.observe('vehicle', 'v', 0, { lon: OUT[0], lat: OUT[1] })
    expect(brief(near.transitions)).toEqual(['raised edge v', 'raised cover v'])
  })
})

describe('offRoute', () => {
  const LINE = [
    [121.3, 37.5],
    [121.4, 37.5],
  ]
  const route = (register: object): Hand => {
    const made = hand('offRoute(100)', { type: 'route', line: LINE })
    made.asset(0, { id: 'v', kind: 'vehicle', ...register })
    return made
  }
  const NEAR = [121.35, 37.5005] as const
  const FAR = [121.35, 37.502] as const

  it.each([
    ['of its label', { labels: { route: 'north' } }, ['', 'raised', 'resolved']],
    ['of its permit', { permits: [{ type: 'transport', zone: 'north' }] }, ['', 'raised', 'resolved']],
    ['of a permit that is over: unknown', { permits: [{ type: 'transport', to: 1, zone: 'north' }] }, ['', '', '']],
    ['nobody names: unknown', {}, ['', '', '']],
    ['and one of several is enough', { labels: { route: 'south' }, permits: [{ type: 'transport', zone: 'north' }] }, ['', 'raised', 'resolved']],
  ])('the route %s', (_what, register, expected) => {
    const made = route(register)
    made.zone(0, 'south', { type: 'route', line: LINE.map(([lon = 0, lat = 0]) => [lon, lat - 1]) })
    expect(
      drive(made, [
        [0, NEAR],
        [60, FAR],
        [120, NEAR],
      ]),
    ).toEqual(expected)
  })
})

describe('hundreds of zones', () => {
  it('only those that a rule names are looked at', () => {
    const many = hand("inside('depot')")
    for (let i = 0; i < 500; i++) many.zone(0, `z${i}`, { type: 'site', polygon: [SQUARE[0]?.map(([lon = 0, lat = 0]) => [lon + i * 0.001, lat])] })
    expect(many.engine.state.zones.named('depot')).toHaveLength(1)
    expect(many.engine.state.zones.named('site')).toHaveLength(500)
    expect(drive(many, [[0, IN]])).toEqual(['raised'])
  })
})

describe('distances', () => {
  it('to a line and to a polygon, in metres', () => {
    const line = [
      [0, 0],
      [0, 1],
    ] as const
    expect(distanceToLineM([0.001, 0.5], line)).toBeCloseTo(111.19, 1)
    expect(distanceToLineM([0, 1.001], line)).toBeCloseTo(111.19, 1)
    expect(
      distanceToPolygonM(
        [0.5, 0.5],
        [
          [
            [0, 0],
            [1, 0],
            [1, 1],
            [0, 1],
          ],
        ],
      ),
    ).toBe(0)
    expect(
      distanceToPolygonM(
        [0.5, -0.001],
        [
          [
            [0, 0],
            [1, 0],
            [1, 1],
            [0, 1],
          ],
        ],
      ),
    ).toBeCloseTo(111.19, 1)
  })
})
