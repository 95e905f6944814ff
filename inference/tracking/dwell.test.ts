import { afterAll, expect, it } from 'vitest'
import type { Box, SceneObject } from '../../domain/observation.ts'
import { SECOND } from '../../domain/time.ts'
import { Random } from '../../fixtures/city/random.ts'
import { bookRule, Hand, START } from '../../rules/hand.fixture.ts'
import { sceneOf } from '../scene.ts'
import { type PastLook, Tracker } from './tracker.ts'

/**
 * Scripted scenes through tracker, scene and engine: when does the parking rule say that the car came to stand? The street:
 * a kerb in the upper half, a lane in front of it, trembling boxes.
 */
const STAND_S = 60
const KERB = {
  id: 'kerb',
  type: 'no-parking',
  polygon: [
    [0, 0.3],
    [1, 0.3],
    [1, 0.62],
    [0, 0.62],
  ] as [number, number][],
}
const PLACE: Box = [0.4, 0.45, 0.14, 0.12]
const OPTIONS = { strong: 0.35, maxAgeMs: 10_000 }

interface Sight {
  label: string
  box: Box
}
const car = (box: Box | null, label = 'car'): Sight[] => (box ? [{ label, box }] : [])
const along = (second: number, speed = 0.08): Box => [PLACE[0] + second * speed, PLACE[1], PLACE[2], PLACE[3]]
/** Comes along the kerb and stops at `stop`. */
const arriving = (second: number, stop: number): Box | null => (second < stop - 6 ? null : along(Math.min(0, second - stop)))
const leaving = (second: number, from: number): Box | null => (second > from + 8 ? null : along(Math.max(0, second - from)))
const bus = (second: number, from: number, to: number): Sight[] => {
  const x = second < from ? 0.3 - (from - second) * 0.2 : second > to ? 0.3 + (second - to) * 0.2 : 0.3
  return x > 1 || x < -0.4 ? [] : [{ label: 'bus', box: [Math.max(0, x), 0.35, Math.min(1, x + 0.4) - Math.max(0, x), 0.35] }]
}
/** One drives off at 40 s, another one stops in its place at 54 s. */
const replaced = (second: number): Sight[] => [...car(leaving(second, 40)), ...(second < 44 ? [] : car(arriving(second, 54)))]
const hidden = (sights: Sight[], by: Sight[]): Sight[] => [
  ...sights.filter(({ box }) => !by.some((front) => front.box[0] < box[0] + box[2] / 2 && front.box[0] + front.box[2] > box[0] + box[2] / 2)),
  ...by,
]

interface Scripted {
  sights(second: number): Sight[]
  /** When a car came to stand that stands long enough: each must be one alert, and there must be no other. */
  stands: number[]
  until?: number
  /** With rarer looks nobody can tell. */
  slowestS?: number
  /** The process is killed at the first and is back at the second; `forgetful`: nothing is read back. */
  restart?: { from: number; to: number; forgetful?: boolean }
  /** The tracker gives everything another name. */
  switches?: number
}

const SCENES: Record<string, Scripted> = {
  'already parked at the first look': { sights: () => car(PLACE), stands: [0] },
  'drives in and stops': { sights: (s) => car(arriving(s, 20)), stands: [20] },
  'a bus passes in front': { sights: (s) => hidden(car(PLACE), bus(s, 30, 32)), stands: [0] },
  'a bus stops in front for 40 s': { sights: (s) => hidden(car(PLACE), bus(s, 15, 55)), stands: [0] },
  'another name for the same car': { sights: () => car(PLACE), switches: 30, stands: [0] },
  'a bus, and another name and label after it': { sights: (s) => hidden(car(PLACE, s < 40 ? 'car' : 'truck'), bus(s, 20, 45)), switches: 30, stands: [0] },
  'the detector loses it for 20 s': { sights: (s) => (s > 25 && s < 45 ? [] : car(PLACE)), stands: [0] },
  'leaves and returns': { sights: (s) => car(s < 90 ? leaving(s, 30) : arriving(s, 100)), stands: [100], until: 200 },
  'leaves unseen, returns after a minute': { sights: (s) => (s >= 30 && s < 90 ? [] : car(PLACE)), stands: [90], until: 200 },
  'another car takes the place': { sights: replaced, stands: [54], until: 150, slowestS: 1 },
  'only passes, again and again': { sights: (s) => car(along((s % 12) - 6)), stands: [] },
  'a queue that moves up every 20 s': { sights: (s) => car(along((s % 20 < 17 ? 0 : (s % 20) - 17) + Math.floor(s / 20) * 3 - 9, 0.05)), stands: [], until: 140 },
  'the process is killed and is back after 10 s': { sights: () => car(PLACE), restart: { from: 30, to: 40 }, stands: [0] },
  'killed for two minutes': { sights: () => car(PLACE), restart: { from: 30, to: 150 }, stands: [0], until: 200 },
  'killed while a bus stands in front': { sights: (s) => hidden(car(PLACE), bus(s, 20, 60)), restart: { from: 30, to: 45 }, stands: [0] },
  'killed, and nothing can be read back': { sights: () => car(PLACE), restart: { from: 30, to: 40, forgetful: true }, stands: [0] },
}

/** When the alerts say that the cars came to stand, and when they were due. */
function play({ sights, until = 120, restart, switches }: Scripted, everyS: number): { openedS: number; dueS: number; saidS: number }[] {
  const random = new Random('dwell')
  const hand = new Hand()
  hand.feed(0, { type: 'camera', by: 't', id: 'cam', version: 1, config: { zones: [KERB] } })
  hand.rule('vehicle-no-parking', bookRule('vehicle-no-parking').replace('value: 5m', `value: ${STAND_S}s`))
  let tracker = new Tracker('a')
  const past: PastLook[] = []
  let seq = 0
  for (let second = 0; second <= until; second += everyS) {
    if (restart && second >= restart.from && second < restart.to) continue
    if (restart && second >= restart.to && second - everyS < restart.to) {
      tracker = new Tracker('b')
      if (!restart.forgetful) tracker.restore(past, OPTIONS)
      hand.restart()
    }
    if (switches !== undefined && second >= switches && second - everyS < switches) tracker.forget()
    const tremble = (size: number): number => 0.02 * size * random.gauss()
    const detections = sights(second).map(({ label, box: [x, y, w, h] }) => ({
      label,
      score: random.between(0.4, 0.8),
      box: [x + tremble(w), y + tremble(h), w + tremble(w), h + tremble(h)] as Box,
    }))
    const at = START + second * SECOND
    const { payload } = sceneOf(
      { camera: 'cam', at, model: 'm', seq: seq++, boot: 'b' },
      detections,
      tracker.update(at, detections, { ...OPTIONS, maxAgeMs: Math.max(OPTIONS.maxAgeMs, 3000 * everyS) }),
      [KERB],
    )
    past.push({ at, objects: payload.objects as SceneObject[] })
    hand.observe('scene', 'cam', second, { objects: payload.objects })
  }
  return hand.transitions
    .filter(({ what }) => what === 'raised')
    .map(({ openedAt, at, raisedAt }) => ({ openedS: hand.seconds(openedAt), dueS: hand.seconds(at), saidS: hand.seconds(raisedAt) }))
}

const TABLE: string[] = []
afterAll(() => console.info(TABLE.join('\n')))

const CASES = Object.entries(SCENES).flatMap(([name, scene]) =>
  [0.2, 1, 5].filter((everyS) => everyS <= (scene.slowestS ?? Infinity)).map((everyS) => [name, everyS, scene] as const),
)
it.each(CASES)('%s, a look every %s s', (name, everyS, scene) => {
  const said = play(scene, everyS)
  const errors = said.map(({ openedS }, i) => openedS - (scene.stands[i] ?? Number.NaN))
  TABLE.push(
    `${name.padEnd(46)} every ${String(everyS).padEnd(3)} s: ${said.length} of ${scene.stands.length} alerts${errors.map((error) => `, error ${error.toFixed(1)} s`).join('')}`,
  )
  expect(said).toHaveLength(scene.stands.length)
  // It may have come to stand at any time since the look before.
  for (const error of errors) expect(Math.abs(error)).toBeLessThanOrEqual(Math.max(1, everyS))
  for (const { openedS, dueS, saidS } of said) {
    expect(dueS).toBeCloseTo(openedS + STAND_S, 3)
    expect(saidS).toBeGreaterThanOrEqual(dueS)
  }
})

it('what drove off between two looks, with another one in its place within half a minute, is taken for one that stayed', () => {
  expect(play({ sights: replaced, stands: [], until: 150 }, 5).map(({ openedS }) => openedS)).toEqual([0])
})
