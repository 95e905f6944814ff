import { describe, expect, it } from 'vitest'
import { GuardSchema, type RuleState } from '../domain/rule.ts'
import { versionBefore, whyPutBack } from './guard.ts'

const counts = (raised: number, judged = 0, falseAlarms = 0) => ({ raised, judged, falseAlarms })

describe('a version on trial', () => {
  it.each([
    ['raises as many as it may', { alertsPerHour: 10 }, counts(10), undefined],
    ['raises one more', { alertsPerHour: 10 }, counts(11), /11 alerts within an hour, limit 10/],
    ['raises many and may', {}, counts(10_000), undefined],
    ['is judged wrong too often', { falseAlarmShare: 0.3, judged: 10 }, counts(0, 10, 4), /4 of 10 judged alerts were false \(40%\), limit 30%/],
    ['is judged wrong as often as it may be', { falseAlarmShare: 0.3, judged: 10 }, counts(0, 10, 3), undefined],
    ['is judged wrong by too few to mean anything', { falseAlarmShare: 0.3, judged: 10 }, counts(0, 9, 9), undefined],
    ['must not be wrong once', { falseAlarmShare: 0, judged: 1 }, counts(1, 1, 1), /1 of 1 judged/],
    ['fails in both ways, and the flood is named', { alertsPerHour: 1, falseAlarmShare: 0, judged: 1 }, counts(2, 1, 1), /2 alerts/],
  ])('%s', (_, guard, counted, why) => {
    const said = whyPutBack(GuardSchema.parse(guard), counted)
    if (why) expect(said).toMatch(why)
    else expect(said).toBeUndefined()
  })
})

type Line = readonly [version: number, state: RuleState, areas?: string[]]
const version = ([number, state, areas]: Line, readable = true) => ({
  version: number,
  state,
  areas: areas ?? null,
  guard: null,
  movedBy: 'zhao',
  file: readable ? ({} as never) : null,
})
const move = ([number, state, areas]: Line) => ({ version: number, state, areas: areas ?? null, guard: null, at: 0, by: '', note: '' })

describe('what is put back', () => {
  it.each<[string, Line, Line[], Line[], number | undefined]>([
    [
      'the one that was live everywhere before',
      [3, 'live'],
      [
        [1, 'draft'],
        [2, 'draft'],
      ],
      [
        [1, 'live'],
        [2, 'live'],
        [3, 'live'],
      ],
      2,
    ],
    ['for one in areas the one that is live elsewhere', [3, 'live', ['31']], [[1, 'live']], [], 1],
    ['nothing for one in areas while nothing is live elsewhere', [3, 'live', ['31']], [[1, 'draft']], [[1, 'live']], undefined],
    [
      'never one that was quarantined',
      [3, 'live'],
      [
        [1, 'draft'],
        [2, 'quarantined'],
      ],
      [
        [1, 'live'],
        [2, 'live'],
      ],
      1,
    ],
    [
      'never one that was only on trial or in shadow',
      [3, 'live'],
      [
        [1, 'draft'],
        [2, 'draft'],
      ],
      [
        [1, 'shadow'],
        [2, 'live', ['31']],
      ],
      undefined,
    ],
    ['nothing when it is the first', [1, 'live'], [], [[1, 'live']], undefined],
  ])('is %s', (_, tried, others, moves, expected) => {
    expect(versionBefore(version(tried), [version(tried), ...others.map((each) => version(each))], moves.map(move))?.version).toBe(expected)
  })
})
