import { describe, expect, it } from 'vitest'
import { bookRule, brief, Hand, START } from './hand.fixture.ts'

const DAY = 86_400

describe('S7 devices and their assets', () => {
  it('an unregistered device that is given to an asset leaves no silent ghost behind', () => {
    const hand = new Hand()
    hand.rule('cover-silent')
    hand.rule('cover-water-high')
    hand.cover('lora-1', 0, { waterMm: 900 })
    expect(brief(hand.asset(10, { id: 'cover-17', devices: ['lora-1'] }))).toEqual(['resolved cover-water-high lora-1'])
    expect(brief(hand.cover('lora-1', 20, { waterMm: 900 }))).toEqual(['raised cover-water-high cover-17'])
    expect(brief(hand.tick(10 * DAY))).toEqual(['raised cover-silent cover-17'])
    expect([...hand.engine.state.assets.keys()]).toEqual(['cover-17'])
  })

  it('late data is not merged with what the device said when it watched another asset', () => {
    const hand = new Hand()
    hand.rule('cover-water-high')
    hand.cover('d', 0, { waterMm: 900 })
    hand.asset(10, { id: 'new', devices: ['d'] })
    hand.cover('d', 20, { waterMm: 100 })
    hand.cover('d', 15, { waterMm: 100 }, 21)
    expect(brief(hand.transitions)).toEqual(['raised cover-water-high d', 'resolved cover-water-high d'])
  })

  it('a device named twice is one device: nothing waits for it', () => {
    const hand = new Hand()
    hand.rule('cover-water-high')
    hand.asset(0, { id: 'c', devices: ['d', 'd'] })
    expect(brief(hand.cover('d', 1, { waterMm: 900 }))).toEqual(['raised cover-water-high c'])
  })

  it('what waited for the slower device is judged before devices change', () => {
    const hand = new Hand()
    hand.rule('cover-water-high')
    hand.asset(0, { id: 'c', devices: ['a', 'b'] })
    hand.cover('a', 0, { batteryPct: 80 })
    hand.cover('b', 0, { batteryPct: 80 })
    expect(hand.cover('a', 10, { waterMm: 900 })).toEqual([])
    expect(brief(hand.asset(11, { id: 'c', devices: ['a'] }))).toEqual(['raised cover-water-high c'])
  })
})

describe('S8 late', () => {
  it('is beyond the steady skew for assets of several devices too', () => {
    const hand = new Hand()
    hand.rule('cover-water-high')
    hand.asset(0, { id: 'c', devices: ['a', 'b'] })
    for (const at of [0, 50, 90]) for (const device of ['a', 'b']) hand.cover(device, at - 300, { waterMm: 100 }, at)
    hand.cover('a', -200, { waterMm: 900 }, 100)
    hand.tick(300)
    const [raised] = hand.transitions
    expect([raised?.what, raised?.late]).toEqual(['raised', false])
  })
})

describe('rules and what they select', () => {
  const selecting = (label: string): string => `${bookRule('cover-water-high')}\nassets: { labels: { fleet: ${label} } }\n`.replace('assets: { kind: cover }\n', '')

  it('an alert ends when its asset is no longer selected', () => {
    const hand = new Hand()
    hand.rule('cover-water-high', selecting('north'))
    hand.asset(0, { id: 'c', labels: { fleet: 'north' } })
    expect(brief(hand.cover('c', 1, { waterMm: 900 }))).toEqual(['raised cover-water-high c'])
    expect(brief(hand.asset(2, { id: 'c', labels: { fleet: 'south' } }))).toEqual(['resolved cover-water-high c'])
  })

  it('and when an edit of the rule no longer selects it', () => {
    const hand = new Hand()
    hand.rule('cover-water-high', selecting('north'))
    hand.asset(0, { id: 'c', labels: { fleet: 'north' } })
    hand.cover('c', 1, { waterMm: 900 })
    expect(brief(hand.rule('cover-water-high', selecting('south'), 2, 2))).toEqual(['resolved cover-water-high c'])
  })

  it('S5 a shorter hold counts for what is already being held', () => {
    const hand = new Hand()
    hand.rule('cover-displaced', bookRule('cover-displaced').replace('for: params.hold', 'for: 1h'))
    hand.cover('c', 0, { tiltDeg: 40 })
    const raised = hand.rule('cover-displaced', bookRule('cover-displaced'), 2, 10)
    expect(raised.map(({ what, at }) => [what, (at - START) / 1000])).toEqual([['raised', 2]])
  })
})

describe('cameras', () => {
  const scene = (hand: Hand, at: number, track: string, device = 'cam'): void => {
    const box = [0.4, 0.4, 0.2, 0.2]
    hand.observe('scene', device, at, { objects: [{ label: 'car', score: 0.9, box, track, zones: ['z1'] }] })
  }
  const config = {
    zones: [
      {
        id: 'z1',
        type: 'no-parking',
        polygon: [
          [0, 0],
          [1, 0],
          [1, 1],
        ],
      },
    ],
  }

  it('an asset of another name than its camera knows the camera’s zones', () => {
    const hand = new Hand()
    hand.rule('vehicle-no-parking')
    hand.asset(0, { id: 'site', kind: 'camera', devices: ['cam'] })
    hand.feed(0, { type: 'camera', by: 't', id: 'cam', version: 1, config })
    for (let at = 0; at <= 1200; at += 5) scene(hand, at, 't1')
    expect(brief(hand.transitions)).toEqual(['raised vehicle-no-parking site/z1/t1'])
  })

  it('alerts of tracks that are long gone are forgotten', () => {
    const hand = new Hand()
    hand.rule('vehicle-no-parking')
    hand.feed(0, { type: 'camera', by: 't', id: 'cam', version: 1, config })
    for (let at = 0; at <= 1200; at += 5) scene(hand, at, 't1')
    for (let day = 1; day < 5; day++) hand.observe('scene', 'cam', day * DAY, { objects: [] })
    expect(brief(hand.transitions)).toEqual(['raised vehicle-no-parking cam/z1/t1', 'recovering vehicle-no-parking cam/z1/t1', 'resolved vehicle-no-parking cam/z1/t1'])
    expect(hand.engine.state.assets.get('cam' as never)?.raised.size).toBe(0)
  })
})

describe('a camera that nobody registered', () => {
  const away = (hand: Hand) => {
    hand.observe('presence', 'cam', 10, { state: 'online' })
    hand.observe('presence', 'cam', 20, { state: 'offline' })
    for (let at = 60; at <= 600; at += 60) hand.tick(at)
    return brief(hand.transitions)
  }
  const watched = () => {
    const hand = new Hand()
    for (const rule of ['camera-lost', 'gateway-silent']) hand.rule(rule)
    return hand
  }

  it('is a camera by its configuration: that it is away is told as such, and not as a gateway', () => {
    const hand = watched()
    hand.feed(0, { type: 'camera', by: 't', id: 'cam', version: 1, config: {} })
    expect(away(hand)).toEqual(['raised camera-lost cam'])
  })

  it('is one also when the configuration comes later, and after a restart', () => {
    const hand = watched()
    hand.observe('presence', 'cam', 0, { state: 'online' })
    hand.feed(5, { type: 'camera', by: 't', id: 'cam', version: 1, config: {} })
    hand.restart()
    expect(away(hand)).toEqual(['raised camera-lost cam'])
  })

  it('what has no such configuration is taken for a gateway', () => {
    expect(away(watched())).toEqual(['raised gateway-silent cam'])
  })
})

describe('a camera that no longer looks', () => {
  const polygon = [
    [0, 0],
    [1, 0],
    [1, 1],
  ]
  const zones = [
    { id: 'z1', type: 'no-parking', polygon },
    { id: 'z2', type: 'no-parking', polygon },
  ]
  const source = { type: 'rtsp', url: 'rtsp://camera/1' }
  const put = (hand: Hand, clock: number, version: number, config: object): string[] =>
    hand.feed(clock, { type: 'camera', by: 't', id: 'cam', version, config }).map(({ what, key, why }) => `${what} ${key} ${why}`)

  function parked(): Hand {
    const hand = new Hand()
    hand.rule('vehicle-no-parking')
    put(hand, 0, 1, { zones, source })
    for (let at = 0; at <= 1200; at += 5)
      hand.observe('scene', 'cam', at, {
        objects: ['z1', 'z2'].map((zone) => ({ label: 'car', score: 0.9, box: [0.4, 0.4, 0.2, 0.2], track: `t-${zone}`, zones: [zone] })),
      })
    expect(brief(hand.transitions)).toEqual(['raised vehicle-no-parking cam/z1/t-z1', 'raised vehicle-no-parking cam/z2/t-z2'])
    return hand
  }

  it('at a zone: what stood in it is over', () => {
    expect(put(parked(), 1201, 2, { zones: zones.slice(0, 1), source })).toEqual(['resolved cam/z2/t-z2 not_looking'])
  })

  it('at a zone of this type', () => {
    expect(put(parked(), 1201, 2, { zones: [{ ...zones[0], type: 'road' }, zones[1]], source })).toEqual(['resolved cam/z1/t-z1 not_looking'])
  })

  it('at all', () => {
    expect(put(parked(), 1201, 2, { zones, source: null })).toEqual(['resolved cam/z1/t-z1 not_looking', 'resolved cam/z2/t-z2 not_looking'])
  })

  it('for this rule', () => {
    expect(put(parked(), 1201, 2, { zones, source, algorithms: [] })).toEqual(['resolved cam/z1/t-z1 not_in_force', 'resolved cam/z2/t-z2 not_in_force'])
  })

  it('a change of anything else ends nothing', () => {
    expect(put(parked(), 1201, 2, { zones, source: { type: 'rtsp', url: 'rtsp://camera/2' }, fps: 2 })).toEqual([])
  })
})
