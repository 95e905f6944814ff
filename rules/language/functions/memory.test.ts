import { describe, expect, it } from 'vitest'
import { brief, Hand, START } from '../../hand.fixture.ts'
import { Call } from '../memory.fixture.ts'
import type { Result } from '../values.ts'

type Step = [at: number, fields: Record<string, string | number> | 'time passes', expected: Result]

function play(text: string, steps: readonly Step[], restart: boolean): Result[] {
  const call = new Call(text, { kind: 'vehicle' })
  return steps.map(([at, fields]) => {
    const result = fields === 'time passes' ? call.wait(at) : call.observe(at, fields)
    if (restart) call.restart()
    return result
  })
}

describe.each([false, true])('memories, snapshot in between: %s', (restart) => {
  it.each<[string, string, Step[]]>([
    [
      'a change shows at the observation that brings it',
      'changed(bed)',
      [
        [0, { bed: 'flat' }, undefined],
        [10, { speedKmh: 3 }, false],
        [20, { bed: 'raised' }, true],
        [30, { speedKmh: 3 }, false],
        [40, 'time passes', false],
      ],
    ],
    [
      'the value before this observation',
      "before(load) == 'empty' && load == 'full'",
      [
        [0, { load: 'full' }, undefined],
        [10, { load: 'empty' }, false],
        [20, { load: 'full' }, true],
        [30, { load: 'full' }, false],
      ],
    ],
    [
      'a value that is too old is none',
      'changed(load)',
      [
        [0, { load: 'full' }, undefined],
        [3601, { load: 'empty' }, undefined],
      ],
    ],
    [
      'a, then b within ten minutes',
      "happened(bed == 'raised', '10m') && load == 'empty'",
      [
        [0, { bed: 'raised', load: 'empty' }, false],
        [10, { bed: 'flat' }, true],
        [600, { load: 'empty' }, true],
        [601, 'time passes', false],
      ],
    ],
    [
      'at the limit it still counts, for time alone too',
      "happened(bed == 'raised', '10m')",
      [
        [0, { bed: 'raised' }, false],
        [600, 'time passes', true],
        [601, { bed: 'flat' }, false],
      ],
    ],
    [
      'no fewer than two of the last three that are known',
      'ofLast(speedKmh > 60, 2, 3)',
      [
        [0, { bed: 'flat' }, undefined],
        [1, { speedKmh: 70 }, false],
        [2, { speedKmh: 70 }, true],
        [3, { speedKmh: 10 }, true],
        [4, { speedKmh: 10 }, false],
        [5, { speedKmh: 70 }, false],
        [6, { speedKmh: 70 }, true],
      ],
    ],
  ])('%s', (_what, text, steps) => {
    expect(play(text, steps, restart)).toEqual(steps.map(([, , expected]) => expected))
  })
})

it('happened ends just past its limit by itself', () => {
  const call = new Call("happened(bed == 'raised', '10m')", { kind: 'vehicle' })
  expect(call.turns).toBe(Infinity)
  call.observe(0, { bed: 'raised' })
  expect(call.turns).toBe(600.001)
  call.observe(5, { bed: 'raised' })
  expect(call.turns).toBe(605.001)
  call.wait(605.001)
  expect(call.turns).toBe(Infinity)
})

const DUMPED = `rule: truck-dumped
title: { zh: 倾倒, en: Dumped }
on: vehicle
when: before(load) == 'full' && load == 'empty' && happened(bed == 'raised', '10m')
clear: { when: "!happened(bed == 'raised', '10m')" }
severity: major
`

it('what was remembered before a restart counts after it, and late data is remembered too', () => {
  const hand = new Hand()
  hand.rule('truck-dumped', DUMPED)
  hand.observe('vehicle', 'v', 0, { load: 'full', bed: 'flat' })
  hand.observe('vehicle', 'v', 60, { load: 'full', bed: 'flat' })
  hand.restart()
  hand.observe('vehicle', 'v', 120, { load: 'empty', bed: 'flat' })
  expect(hand.transitions).toEqual([])
  hand.observe('vehicle', 'v', 30, { bed: 'raised' }, 121)
  expect(brief(hand.transitions)).toEqual(['raised truck-dumped v'])
  hand.tick(900)
  expect(hand.transitions.map(({ what, at }) => [what, (at - START) / 1000])).toEqual([
    ['raised', 120],
    ['resolved', 630.001],
  ])
})
