import { describe, expect, it } from 'vitest'
import type { PictureZone } from '../../domain/camera.ts'
import type { Box, SceneObject } from '../../domain/observation.ts'
import { bookRule, Hand, START } from '../../rules/hand.fixture.ts'
import { sceneOf } from '../scene.ts'
import { type Appearance, CHANNELS } from './appearance.ts'
import { CoverPlaces, isOwn } from './cover-places.ts'
import { type PastLook, Tracker } from './tracker.ts'

const ZONE: PictureZone = {
  id: 'well',
  type: 'cover',
  polygon: [
    [0.35, 0.6],
    [0.55, 0.6],
    [0.55, 0.72],
    [0.35, 0.72],
  ],
  asset: 'c-1' as never,
}
const PLACE: Box = [0.4, 0.6, 0.1, 0.08]
const BUS: Box = [0.1, 0.2, 0.8, 0.7]
const STRONG = 0.35

interface Sight {
  label: string
  box: Box
  score?: number
}
const lid = (sizes = 0, score = 0.8): Sight[] => [{ label: 'cover-closed', box: [PLACE[0] + sizes * PLACE[2], PLACE[1], PLACE[2], PLACE[3]], score }]
const bus = (...behind: Sight[]): Sight[] => [...behind, { label: 'bus', box: BUS }]

/** Paving that is the same everywhere but for what stands on it: `cover`s a part of the picture with another surface. */
function street({ light = 1, covered }: { light?: number; covered?: Box | undefined } = {}): Appearance {
  const [width, height] = [96, 54]
  const values = new Float32Array(width * height * CHANNELS)
  for (let cell = 0; cell < width * height; cell++) {
    const [x, y] = [((cell % width) + 0.5) / width, (Math.floor(cell / width) + 0.5) / height]
    const isCovered = covered && x > covered[0] && x < covered[0] + covered[2] && y > covered[1] && y < covered[1] + covered[3]
    values.set(isCovered ? [30, 60, 180, 0.02] : [120 * light, 118 * light, 112 * light, 0.12], cell * CHANNELS)
  }
  return { width, height, values }
}

interface Look {
  sights: Sight[]
  glance?: Appearance
}
const look = (sights: Sight[], glance = street()): Look => ({ sights, glance })
const times = (count: number, one: Look | ((index: number) => Look)): Look[] => Array.from({ length: count }, (_, index) => (typeof one === 'function' ? one(index) : one))
/** It is learnt where the cover lies. */
const LEARNT = times(12, look(lid()))

/** Looks every ten seconds through tracker, scene and rule: what the last look was said to show, and what became of it. */
function play(looks: Look[], { restartAt, zone = ZONE }: { restartAt?: number; zone?: PictureZone } = {}) {
  const hand = new Hand()
  hand.asset(0, { id: 'cam', kind: 'camera' })
  hand.feed(0, { type: 'camera', by: 't', id: 'cam', version: 1, config: { zones: [zone] } })
  hand.rule('cover-abnormal', bookRule('cover-abnormal'))
  let [tracker, covers] = [new Tracker('a'), new CoverPlaces()]
  const past: PastLook[] = []
  const labels: string[][] = []
  for (const [index, { sights, glance = null }] of looks.entries()) {
    const at = START + index * 10_000
    if (index === restartAt) {
      ;[tracker, covers] = [new Tracker('b'), new CoverPlaces()]
      tracker.restore(
        past.slice(-6).map(({ at, objects }) => ({ at, objects: objects.filter((object) => !isOwn(object, [zone])) })),
        { strong: STRONG, maxAgeMs: 30_000 },
      )
      covers.restore(past.at(-1), [zone])
    }
    const seen = sights.map(({ label, box, score = 0.8 }) => ({ label, box, score }))
    const scene = sceneOf({ camera: 'cam', at, model: 'm@1', seq: index, boot: 'b' }, seen, tracker.update(at, seen, { strong: STRONG, maxAgeMs: 30_000 }), [zone])
    const objects: SceneObject[] = covers.judge({ objects: scene.payload.objects, glance, strong: STRONG }, [zone], () => ({}))
    past.push({ at, objects })
    labels.push(objects.map(({ label }) => label))
    hand.observe('scene', 'cam', index * 10, { objects })
  }
  return { labels, last: labels.at(-1), told: hand.transitions.map(({ what }) => what), hand, past }
}

describe('a cover in the looks of a camera', () => {
  it('that lies beside its place is shifted: three of five looks are an alert, and putting it back ends it', () => {
    const { labels, told, hand } = play([...LEARNT, ...times(5, look(lid(0.6))), ...times(12, look(lid()))])
    expect(labels.slice(12, 18)).toEqual([...Array(5).fill(['cover-closed', 'cover-shifted']), ['cover-closed']])
    expect(told).toEqual(['raised', 'recovering', 'resolved'])
    expect(hand.transitions[0]).toMatchObject({ rule: 'cover-abnormal', at: START + 140_000 })
  })

  it('that has left its zone altogether is shifted in it all the same', () => {
    const { past, told } = play([...LEARNT, ...times(5, look(lid(2)))])
    expect(past.at(-1)?.objects).toMatchObject([
      { label: 'cover-closed', zones: [] },
      { label: 'cover-shifted', box: PLACE.map((side) => expect.closeTo(side)), zones: ['well'] },
    ])
    expect(told).toEqual(['raised'])
  })

  it('of which nothing is seen any more is missing, where it was and as surely as it was seen', () => {
    const { labels, past, told } = play([...LEARNT, ...times(6, look([]))])
    expect(labels.slice(12)).toEqual([[], [], ['cover-missing'], ['cover-missing'], ['cover-missing'], ['cover-missing']])
    expect(past.at(-1)?.objects).toEqual([{ label: 'cover-missing', score: expect.closeTo(0.8), box: PLACE.map((side) => expect.closeTo(side)), track: 'well', zones: ['well'] }])
    expect(told).toEqual(['raised'])
  })

  it.each<[string, Look[]]>([
    ['a bus stands over it', times(30, look(bus()))],
    ['a bus stands over it and something of it is seen', times(30, look(bus(...lid(0.5))))],
    ['something that no model knows stands over it', times(30, look([], street({ covered: [0.3, 0.4, 0.35, 0.4] })))],
    ['it is dark', times(30, look([], street({ light: 0.1 })))],
    ['nobody knows what the picture looks like', times(30, { sights: [] })],
    ['the model sees it faintly only', times(30, look(lid(0.1, 0.12)))],
    ['a person steps on it now and then', times(30, (index) => look(index % 2 ? lid() : [{ label: 'person', box: [0.42, 0.4, 0.06, 0.25] }]))],
    ['boxes tremble', times(30, (index) => look(lid(index % 3 === 0 ? 0.2 : -0.1)))],
    ['the light changes', times(30, (index) => look(index % 4 === 0 ? [] : lid(), street({ light: 0.6 })))],
  ])('nothing is said of it while %s', (_, looks) => {
    const { labels, told } = play([...LEARNT, ...looks])
    expect(labels.flat().filter((label) => label === 'cover-missing' || label === 'cover-shifted')).toEqual([])
    expect(told).toEqual([])
  })

  it.each<[string, Look[]]>([
    ['it was never seen', times(20, look([]))],
    ['it was seen a few times only', [...times(5, look(lid())), ...times(20, look([]))]],
    ['the model overlooks it every third time', [...times(60, (index) => look(index % 3 ? lid() : [])), ...times(20, look([]))]],
    ['the zone shows two', [...times(12, look([...lid(-0.4), ...lid(0.8)])), ...times(20, look([]))]],
    ['the model says by itself that it is open', [...LEARNT, ...times(9, look([{ label: 'cover-open', box: PLACE }]))]],
    ['another one lies beside it, and its own is hidden from the model', [...times(12, look([...lid(), ...lid(2)])), ...times(2, look(lid(2)))]],
  ])('nothing is said of it when %s', (_, looks) => {
    const { labels } = play(looks)
    expect(labels.flat().filter((label) => label === 'cover-missing' || label === 'cover-shifted')).toEqual([])
  })

  it('that a model itself calls shifted is not said to be so twice, nor is its lid’s place taken for its own', () => {
    const moved: Sight[] = [{ label: 'cover-shifted', box: [0.46, 0.6, 0.1, 0.08] }]
    const { labels, told } = play([...LEARNT, ...times(6, look(moved)), ...times(30, look(lid()))], { restartAt: 17 })
    expect(labels.slice(12)).toEqual([...Array(6).fill(['cover-shifted']), ...Array(30).fill(['cover-closed'])])
    expect(told[0]).toBe('raised')
  })

  it('is looked for in the evening as by day', () => {
    expect(play([...LEARNT, ...times(4, look([], street({ light: 0.5 })))]).last).toEqual(['cover-missing'])
  })

  it('is still missing, or beside its place, after a restart, until it lies somewhere again', () => {
    const gone = play([...LEARNT, ...times(6, look([])), ...times(3, look([]))], { restartAt: 18 })
    expect([gone.last, gone.told]).toEqual([['cover-missing'], ['raised']])
    const aside = play([...LEARNT, ...times(6, look(lid(0.6))), ...times(40, look(lid(0.6)))], { restartAt: 18 })
    expect([aside.last, aside.told]).toEqual([['cover-closed', 'cover-shifted'], ['raised']])
    const back = play([...LEARNT, ...times(6, look(lid(0.6))), ...times(20, look(lid()))], { restartAt: 18 })
    expect([back.last, back.told]).toEqual([['cover-closed'], ['raised', 'recovering', 'resolved']])
  })

  it('has its place learnt anew when the zone is drawn elsewhere', () => {
    const covers = new CoverPlaces()
    const judge = (zone: PictureZone, objects: SceneObject[]) => covers.judge({ objects, glance: street(), strong: STRONG }, [zone], () => ({})).map(({ label }) => label)
    const closed: SceneObject = { label: 'cover-closed', score: 0.8, box: [...PLACE], track: 't1', zones: ['well'] }
    for (let count = 0; count < 12; count++) judge(ZONE, [closed])
    const redrawn = { ...ZONE, polygon: ZONE.polygon.map(([x, y]): [number, number] => [x + 0.1, y]) }
    for (let count = 0; count < 6; count++) expect(judge(redrawn, [])).toEqual([])
  })
})
