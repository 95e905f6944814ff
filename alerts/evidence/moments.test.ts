import { describe, expect, it } from 'vitest'
import type { SceneObject } from '../../domain/observation.ts'
import { formatInstant } from '../../domain/time.ts'
import type { Look } from './look.ts'
import { backMs, centreOf, type Story, wishesOf } from './moments.ts'
import { car, second } from './room.fixture.ts'

const look = (at: number, ...objects: SceneObject[]): Look => ({ at: second(at), receivedAt: second(at), offset: at, model: 'm@1', objects })
const named = (label: string, score = 0.8): SceneObject => ({ ...car, label, score, track: label })
const PARKING = { on: 'scene', each: 'object', when: 'still() && bestScore >= params.score' } as const
const SPILL = { on: 'scene', each: undefined, when: 'count(objects("spillage", "road") > 0, "30s") >= 3 && count(objects("muck-truck", "road") > 0, "1m") >= 1' } as const

function story(given: Partial<Story>): Story {
  return {
    ...{ key: 'cam-1/kerb/t1', openedAt: second(0), confirmedAt: second(60), overAt: null, values: { track: 't1' }, params: { score: 0.4 } },
    ...{ named: [], rule: PARKING, looks: [], pictures: [] },
    ...given,
  }
}
const told = (given: Partial<Story>): [string, number][] => wishesOf(story(given)).map(({ shows, at }) => [shows, (at - second(0)) / 1000])

describe('the pictures that prove an alert', () => {
  it.each<[string, Partial<Story>, [string, number][]]>([
    [
      'a car stands',
      {},
      [
        ['first', 0],
        ['confirmed', 60],
      ],
    ],
    [
      'its owner was reminded',
      { values: { reminder: formatInstant(second(20)) }, confirmedAt: second(620) },
      [
        ['first', 0],
        ['reminder', 20],
        ['confirmed', 620],
      ],
    ],
    [
      'the reminder could not be sent',
      { values: { reminder: 'not sent' } },
      [
        ['first', 0],
        ['confirmed', 60],
      ],
    ],
    [
      'it left: the last look that shows it',
      { overAt: second(100), looks: [look(80, car), look(90, car), look(95, named('bus'))] },
      [
        ['first', 0],
        ['confirmed', 60],
        ['last', 90],
      ],
    ],
    [
      'its plate is its name, and the track another',
      { key: 'cam-1/kerb/鲁F12345', overAt: second(100), values: {}, looks: [look(80, { ...car, track: 't9', plate: '鲁F12345' }), look(90)] },
      [
        ['first', 0],
        ['confirmed', 60],
        ['last', 80],
      ],
    ],
    [
      'nobody saw it leave',
      { overAt: second(100) },
      [
        ['first', 0],
        ['confirmed', 60],
        ['last', 100],
      ],
    ],
    [
      'a truck lost its load',
      {
        rule: SPILL,
        openedAt: second(30),
        confirmedAt: second(30),
        looks: [look(-40), look(0, named('muck-truck')), look(10, named('spillage'))],
        pictures: [-90, -12, -2, 0, 10].map(second),
      },
      [
        ['before', -2],
        ['during', 0],
        ['after', 30],
      ],
    ],
    [
      'dust is no load',
      { rule: SPILL, openedAt: second(30), confirmedAt: second(30), looks: [look(-10, named('spillage', 0.3)), look(10, named('spillage'))], pictures: [0, 10].map(second) },
      [
        ['before', 0],
        ['during', 10],
        ['after', 30],
      ],
    ],
    [
      'the alert names its looks',
      { rule: SPILL, openedAt: second(30), confirmedAt: second(30), named: [5, 30].map(second), pictures: [4, 5].map(second) },
      [
        ['before', 4],
        ['during', 5],
        ['after', 30],
      ],
    ],
    [
      'there is no picture from before',
      { rule: SPILL, openedAt: second(30), confirmedAt: second(30), looks: [look(0, named('muck-truck'))], pictures: [second(0)] },
      [
        ['during', 0],
        ['after', 30],
      ],
    ],
  ])('%s', (_, given, expected) => {
    expect(told(given)).toEqual(expected)
  })

  it('a clip shows what passed, else the moment of the alert', () => {
    expect(centreOf(wishesOf(story({})), second(60))).toBe(second(60))
    expect(centreOf([{ shows: 'during', at: second(3) }], second(60))).toBe(second(3))
  })

  it('reach as far back as the windows of the rule, ten minutes at most', () => {
    expect([backMs(SPILL), backMs(PARKING), backMs({ ...SPILL, when: "avg(x, '1d') > 1" }), backMs(null)]).toEqual([60_000, 0, 600_000, 0])
  })
})
