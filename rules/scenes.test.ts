import { describe, expect, it } from 'vitest'
import { crosses, gap } from '../domain/box.ts'
import { brief, Hand } from './hand.fixture.ts'
import { ruleText } from './rule.fixture.ts'

const KERB = {
  id: 'kerb',
  type: 'no-parking',
  polygon: [
    [0, 0.5],
    [1, 0.5],
    [1, 1],
    [0, 1],
  ],
} // prettier-ignore
const LINE = {
  id: 'stop',
  type: 'stop-line',
  line: [
    [0.5, 0],
    [0.5, 1],
  ],
} // prettier-ignore

interface Thing {
  label?: string
  score?: number
  box?: readonly number[]
  track?: string
  zones?: string[]
  plate?: string
  colour?: string
}
const CAR = [0.4, 0.6, 0.2, 0.2]

class Camera extends Hand {
  constructor(source: string) {
    super()
    this.feed(0, { type: 'camera', by: 't', id: 'cam', version: 1, config: { zones: [KERB, LINE] } })
    this.rule('r', source)
  }

  /** What the engine says of one look. */
  look(at: number, ...things: Thing[]): string[] {
    const objects = things.map((thing) => ({ label: 'car', score: 0.8, box: CAR, ...thing }))
    return brief(this.observe('scene', 'cam', at, { objects }))
  }
}

const each = (when: string, more = '', params?: string): Camera =>
  new Camera(ruleText({ on: 'scene', when, ...(params && { params }), more: `each: object\nobjects: { labels: [car, truck, person], zone: no-parking }\n${more}` }))

describe('objects', () => {
  const garbage = (zones?: string[]): Thing => ({ label: 'garbage', ...(zones && { zones }) })
  it.each([
    ['anywhere, tracked or not', "objects('garbage') >= 2", [garbage(), { ...garbage(), track: 't' }], true],
    ['of this label only', "objects('garbage') >= 2", [garbage(), {}], false],
    ['in a zone by id', "objects('garbage', 'kerb') >= 1", [garbage()], true],
    ['by type', "objects('garbage', 'no-parking') >= 1", [garbage()], true],
    ['that stand elsewhere do not count', "objects('garbage', 'no-parking') >= 1", [{ ...garbage(), box: [0, 0, 0.1, 0.1] }], false],
    ['in zones that the gateway names', "objects('garbage', 'yard') >= 1", [garbage(['yard'])], true],
    ['none is zero, not unknown', "objects('garbage') < 1", [], true],
  ] as const)('%s', (_what, when, things, raised) => {
    const camera = new Camera(ruleText({ on: 'scene', when }))
    expect(camera.look(1, ...(things as readonly Thing[]))).toEqual(raised ? ['raised r cam'] : [])
  })

  it('from params.score on', () => {
    const camera = new Camera(ruleText({ on: 'scene', when: "objects('garbage') > 0", params: 'score: { value: 0.5 }' }))
    expect(camera.look(1, { ...garbage(), score: 0.4 })).toEqual([])
    expect(camera.look(2, { ...garbage(), score: 0.5 })).toEqual(['raised r cam'])
  })
})

describe('variables of an object', () => {
  it.each([
    ['meanScore is over all looks at the track', 'meanScore > 0.65', [{ score: 0.5 }, { score: 0.7 }, { score: 0.8 }], 3],
    ['looks counts them', 'looks >= 2', [{}, {}], 2],
    ['plate is unknown until it is read', "plate == '津A12345'", [{}, { plate: '津A12345' }], 2],
    ['areaShare is the share of the picture', 'areaShare > 0.25', [{ box: [0.4, 0.6, 0.2, 0.2] }, { box: [0, 0.5, 0.6, 0.45] }], 2],
  ] as const)('%s', (_what, when, looks, at) => {
    const camera = each(when)
    const raisedAt = looks.findIndex((thing, i) => camera.look(i + 1, { track: 't1', ...(thing as Thing) }).length > 0) + 1
    expect(raisedAt).toBe(at)
  })
})

describe('stillFor and seenFor', () => {
  it.each([
    ['stillFor() >= params.stand', [CAR, [0.41, 0.6, 0.2, 0.2], CAR, CAR], 60],
    ['stillFor() >= params.stand', [CAR, [0.8, 0.6, 0.2, 0.2], [0.8, 0.6, 0.2, 0.2], CAR], 0],
    ["stillFor() > duration('40s')", [CAR, CAR, CAR, CAR], 60],
    ["seenFor() >= duration('1m')", [CAR, [0.8, 0.6, 0.2, 0.2], [0.1, 0.6, 0.2, 0.2], CAR], 60],
  ] as const)('%s', (when, boxes, expected) => {
    const camera = each(when, '', 'stand: { value: 1m, unit: duration }')
    const raised = boxes.map((box, i) => (camera.look(i * 20, { track: 't1', box }).length > 0 ? i * 20 : 0))
    expect(Math.max(...raised)).toBe(expected)
  })

  it('survives a restart', () => {
    const camera = each("stillFor() > duration('1m')")
    camera.look(0, { track: 't1' })
    camera.look(55, { track: 't1' })
    camera.restart()
    expect(camera.look(61, { track: 't1' })).toEqual(['raised r cam/kerb/t1'])
  })
})

describe('crossed', () => {
  const at = (x: number, y = 0.7): Thing => ({ track: 't1', box: [x - 0.05, y - 0.1, 0.1, 0.1] })
  it.each([
    ['a line, by id', "crossed('stop')", [at(0.4), at(0.45), at(0.6), at(0.7)], [3]],
    ['by type, both ways', "crossed('stop-line')", [at(0.4), at(0.6), at(0.7), at(0.4)], [2, 4]],
    ['an edge of a polygon, coming in', "crossed('kerb')", [at(0.4, 0.4), at(0.4, 0.6), at(0.4, 0.7)], [2]],
    ['nothing at the first look', "crossed('stop')", [at(0.6)], []],
  ] as const)('%s', (_what, when, looks, expected) => {
    const camera = each(when)
    expect(looks.flatMap((thing, i) => (camera.look(i + 1, thing).some((said) => said.startsWith('raised')) ? [i + 1] : []))).toEqual(expected)
  })

  it('a point on the line is on its left: one way across is one crossing', () => {
    const line = [
      [0.5, 0],
      [0.5, 1],
    ] as const // prettier-ignore
    const path = [
      [0.4, 0.5],
      [0.5, 0.5],
      [0.6, 0.5],
    ] as const // prettier-ignore
    expect([crosses(path[0], path[1], line), crosses(path[1], path[2], line)].filter(Boolean)).toHaveLength(1)
  })
})

describe('near', () => {
  it('measures gaps between boxes in picture heights', () => {
    expect(gap([0, 0, 0.1, 0.1], [0.2, 0, 0.1, 0.1], 2)).toBeCloseTo(0.2)
    expect(gap([0, 0, 0.1, 0.1], [0.05, 0.3, 0.1, 0.1], 2)).toBeCloseTo(0.2)
    expect(gap([0, 0, 0.5, 0.5], [0.4, 0.4, 0.1, 0.1], 2)).toBe(0)
  })

  it('asks for another object of the label', () => {
    const camera = each("near('car', 0.1)")
    expect(camera.look(1, { track: 't1' })).toEqual([])
    expect(camera.look(2, { track: 't1' }, { track: 't2', box: [0.7, 0.1, 0.1, 0.1] })).toEqual([])
    expect(camera.look(3, { track: 't1' }, { box: [0.62, 0.1, 0.1, 0.45] })).toEqual(['raised r cam/kerb/t1'])
  })
})

describe('where an object is', () => {
  const HERE = { lon: 121.4, lat: 37.5, errorM: 2.5 }
  const placed = (zones: object[], ...rules: [when: string, more?: string][]): Camera => {
    const camera = new Camera(ruleText({ on: 'scene', when: 'false' }))
    camera.asset(0, { id: 'cam', kind: 'camera', lon: 121.39, lat: 37.49 })
    camera.asset(0, { id: 'c-1', lon: 121.401, lat: 37.5 })
    camera.feed(0, { type: 'camera', by: 't', id: 'cam', version: 2, config: { zones } })
    for (const [i, [when]] of rules.entries())
      camera.rule(`r${i}`, ruleText({ id: `r${i}`, on: 'scene', when, more: 'each: object\nobjects: { labels: [car], zone: no-parking }' }))
    return camera
  }
  const raised = (camera: Camera): unknown[] => camera.transitions.map(({ rule, lon, lat, values }) => [rule, lon, lat, values.errorM])

  it('is on its alert, and conditions measure from there', () => {
    const camera = placed([KERB], ["distanceTo('c-1') < 100.0 && errorM < 3.0"], ["distanceTo('c-1') < 50.0"])
    camera.look(1, { track: 't', ...HERE } as Thing)
    expect(raised(camera)).toEqual([['r0', HERE.lon, HERE.lat, HERE.errorM]])
  })

  it.each([
    ['without a calibration it is where the asset is that its zone shows', [{ ...KERB, asset: 'c-1' }], [['r0', 121.401, 37.5, undefined]]],
    ['without either it is where the camera is', [KERB], [['r0', 121.39, 37.49, undefined]]],
  ])('%s, and a condition that asks for its place is unknown', (_what, zones, expected) => {
    const camera = placed(zones, ['score > 0.5'], ["distanceTo('c-1') >= 0.0"])
    camera.look(1, { track: 't' })
    expect(raised(camera)).toEqual(expected)
  })
})

describe('a zone with an inertia', () => {
  const inert = (): Camera => {
    const camera = each('score > 0.5', 'identity: vehicle')
    camera.feed(0, { type: 'camera', by: 't', id: 'cam', version: 2, config: { zones: [{ ...KERB, inertia: 3 }] } })
    return camera
  }
  const OUT = { track: 't1', box: [0.4, 0.1, 0.2, 0.2] }
  const IN = { track: 't1' }

  it.each<[string, (Thing | null)[], string[]]>([
    ['counts what was there in three looks from the first of them on', [IN, IN, IN], ['3: opened 1']],
    ['counts nothing that was there in two', [IN, IN, OUT, IN, IN, OUT], []],
    ['a look that misses it counts for neither', [IN, null, IN, null, IN], ['5: opened 1']],
    ['another track of the same vehicle goes on counting', [IN, IN, null, { track: 't9' }], ['4: opened 1']],
  ])('%s', (_what, looks, expected) => {
    const camera = inert()
    for (const [i, thing] of looks.entries()) camera.look(i + 1, ...(thing ? [thing] : []))
    expect(camera.transitions.filter(({ what }) => what === 'raised').map(({ raisedAt, openedAt }) => `${camera.seconds(raisedAt)}: opened ${camera.seconds(openedAt)}`)).toEqual(
      expected,
    )
  })
})

describe('identity: vehicle', () => {
  const parking = (identity = 'vehicle'): Camera => each('still() && bestScore >= 0.5', `identity: ${identity}\nfor: 3m`)
  const KEY = 'raised r cam/kerb/t1'

  const BUS = { label: 'bus', box: [0.3, 0.5, 0.4, 0.35], zones: [] }

  it.each([
    ['behind a bus', 20, [BUS]],
    ['where the place was seen empty for less than half a minute', 155, []],
    ['where nobody looked', 180, []],
  ])('a hold goes on under another track of the same sort at the same place, %s', (_what, from, things) => {
    const camera = parking()
    camera.look(0, { track: 't1' })
    for (let at = from; at < 180; at += 20) expect(camera.look(at, ...things)).toEqual([])
    expect(camera.look(180, { track: 't9', score: 0.3, label: 'truck' })).toEqual([KEY])
  })

  it.each([
    ['a track of its own is another key', 'track', { track: 't9' }, 180, BUS],
    ['not after more than a quarter of an hour', 'vehicle', { track: 't9' }, 920, BUS],
    ['not at another place', 'vehicle', { track: 't9', box: [0.8, 0.6, 0.2, 0.2] }, 180, BUS],
    ['not of another sort', 'vehicle', { track: 't9', label: 'person' }, 180, BUS],
    ['not with another plate', 'vehicle', { track: 't9', plate: '津B' }, 180, BUS],
    ['not where the place was seen empty for half a minute', 'vehicle', { track: 't9' }, 180, undefined],
  ])('%s', (_what, identity, thing, at, hidden) => {
    const camera = parking(identity)
    camera.look(0, { track: 't1', plate: '津A' })
    for (let between = 20; between < at; between += 20) camera.look(between, ...(hidden ? [hidden] : []))
    expect(camera.look(at, thing)).toEqual([])
  })

  it.each([
    ['another colour is another vehicle', 'white', []],
    ['the same colour is the same', 'red', [KEY]],
    ['a colour that nobody could read says nothing', undefined, [KEY]],
  ])('where no plate was read, %s', (_what, colour, said) => {
    const camera = parking()
    camera.look(0, { track: 't1', colour: 'red' })
    for (let at = 20; at < 180; at += 20) camera.look(at, BUS)
    expect(camera.look(180, { track: 't9', ...(colour && { colour }) })).toEqual(said)
  })

  it('a colour that is read otherwise under the same track or plate changes nothing', () => {
    const camera = parking()
    camera.look(0, { track: 't1', plate: '津A', colour: 'grey' })
    for (let at = 5; at < 180; at += 5) camera.look(at, { track: 't1', colour: at % 10 === 0 ? 'grey' : 'white' })
    expect(camera.look(180, { track: 't9', plate: '津A', colour: 'blue' })).toEqual(['raised r cam/kerb/津A'])
  })

  it('is known by its plate wherever it is', () => {
    const camera = each("seenFor() > duration('1m')", 'identity: vehicle')
    camera.look(0, { track: 't1', plate: '津A' })
    for (const at of [20, 40]) camera.look(at)
    expect(camera.look(61, { track: 't9', plate: '津A', box: [0, 0.6, 0.1, 0.1] })).toEqual(['raised r cam/kerb/津A'])
  })

  it('whose plate is read late goes on being what it was, also when the plate is not read again', () => {
    const camera = each("seenFor() > duration('1m')", 'identity: vehicle')
    camera.look(0, { track: 't1', plate: '津A' })
    for (const at of [20, 40]) camera.look(at, { track: 't1', plate: '津A' })
    camera.look(55, { track: 't9', box: [0, 0.6, 0.1, 0.1] })
    camera.look(58, { track: 't9', box: [0, 0.6, 0.1, 0.1], plate: '津A' })
    expect(camera.look(61, { track: 't9', box: [0, 0.6, 0.1, 0.1] })).toEqual(['raised r cam/kerb/津A'])
  })

  it('a neighbour that is still tracked gives its place to nobody', () => {
    const camera = parking()
    for (let at = 0; at < 180; at += 5) camera.look(at, { track: 't1' })
    expect(camera.look(180, { track: 't2' }, { track: 't1' })).toEqual([KEY])
  })

  it('S14 a restart does not show', () => {
    const camera = parking()
    camera.look(0, { track: 't1' })
    for (let at = 20; at <= 160; at += 20) camera.look(at, BUS)
    camera.restart()
    expect(camera.look(180, { track: 't9' })).toEqual([KEY])
  })
})

describe('ids with strokes and bars in them', () => {
  it.each([
    ['a/b', 'c'],
    ['a', 'b/c'],
    ['a|b', 'c%2F'],
    ['100%', '%'],
  ])('zone %s, track %s: one key of their own, that ends when the track does', (zone, track) => {
    const camera = new Camera(ruleText({ on: 'scene', when: 'score > 0.5', more: `each: object\nobjects: { labels: [car], zone: "${zone}" }\nfor: 5s` }))
    camera.look(0, { track, zones: [zone] })
    // One look that misses it proves nothing.
    camera.look(4)
    const said = camera.look(6, { track, zones: [zone] })
    expect(said).toHaveLength(1)
    expect(said[0]?.split(' ')[2]?.split('/')).toHaveLength(3)
    expect(camera.look(60)).toEqual([said[0]?.replace('raised', 'resolved')])
  })

  it('never the same key', () => {
    const camera = new Camera(ruleText({ on: 'scene', when: 'score > 0.5', more: 'each: object\nobjects: { labels: [car], zone: z }' }))
    camera.feed(0, { type: 'camera', by: 't', id: 'cam', version: 2, config: { zones: [{ ...KERB, id: 'z1', type: 'z' }] } })
    camera.look(1, { track: 'a/b', zones: ['z'] }, { track: 'b', zones: ['z/a'] }, { track: 'b', zones: ['z'] })
    const keys = camera.transitions.map(({ key }) => key)
    expect(new Set(keys).size).toBe(keys.length)
  })
})
