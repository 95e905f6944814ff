import { describe, expect, it } from 'vitest'
import type { Alert } from '../../domain/alert.ts'
import type { Case } from '../../domain/case.ts'
import type { RuleRow } from '../api/client.ts'
import { alertWith, quietBy } from './alert.fixture.ts'
import { dueOf, pressure } from './due.ts'
import { heldRows } from './held.ts'
import { type KeyPress, rowAfter, wishOf } from './keys.ts'
import { isSubject, nearestScene } from './scene.ts'
import { fieldToDraw, isBeyond, thresholdsOf } from './thresholds.ts'
import { isOnMap } from './words.ts'

const OPENED = '2026-11-21T01:00:00.000Z'
const MINUTE = 60_000

describe('when an alert is due', () => {
  const rule = (within?: string): RuleRow => ({ file: { dispatch: within === undefined ? undefined : { to: 'department', within } } }) as RuleRow
  const found = (state: Case['state'], dueAt: string | null): Case => ({ id: 'k', state, dueAt }) as Case

  it.each<[string, Partial<Alert>, Case | undefined, RuleRow | undefined, number | null]>([
    ['the rule counts from the event, not from its arrival', { raisedAt: '2026-11-21T01:10:00.000Z' }, undefined, rule('15m'), 15],
    ['a rule without a limit', {}, undefined, rule(), null],
    ['an unknown rule', {}, undefined, undefined, null],
    ['a judged alert without a case waits for nobody', { review: 'judged' }, undefined, rule('15m'), null],
    ['with a case its clock counts', { case: 'k' }, found('handling', '2026-11-21T03:00:00.000Z'), rule('15m'), 120],
    ['a judged alert with a running case still has that clock', { case: 'k', review: 'judged' }, found('handling', '2026-11-21T03:00:00.000Z'), rule('15m'), 120],
    ['a closed case waits for nobody', { case: 'k' }, found('closed', '2026-11-21T03:00:00.000Z'), rule('15m'), null],
    ['a case that is not loaded yet', { case: 'k' }, undefined, rule('15m'), null],
  ])('%s', (_, alert, item, ruled, minutes) => {
    expect(dueOf(alertWith({ id: 'a', openedAt: OPENED, ...alert }), item, ruled)).toBe(minutes === null ? null : Date.parse(OPENED) + minutes * MINUTE)
  })

  it.each([
    ['long before', 60, 'calm'],
    ['within the last fifth', 85, 'soon'],
    ['at the minute', 100, 'over'],
  ] as const)('presses %s', (_, minute, expected) => {
    expect(pressure(100 * MINUTE, 0, minute * MINUTE)).toBe(expected)
  })
})

describe('a key', () => {
  const press = (key: string, part: Partial<KeyPress> = {}): KeyPress => ({
    key,
    ctrlKey: false,
    metaKey: false,
    altKey: false,
    repeat: false,
    inField: false,
    onButton: false,
    ...part,
  })

  it.each([
    ['j', {}, { wish: 'move', by: 1 }],
    ['k', {}, { wish: 'move', by: -1 }],
    ['1', {}, { wish: 'judge', verdict: 'confirmed' }],
    ['4', {}, { wish: 'judge', verdict: 'unclear' }],
    ['5', {}, undefined],
    ['0', {}, undefined],
    ['?', {}, { wish: 'help' }],
    ['a', { inField: true }, undefined],
    ['Escape', { inField: true }, { wish: 'close' }],
    ['a', { ctrlKey: true }, undefined],
    ['Enter', { onButton: true }, undefined],
    ['2', { onButton: true }, { wish: 'judge', verdict: 'false_alarm' }],
    ['j', { repeat: true }, { wish: 'move', by: 1 }],
    ['1', { repeat: true }, undefined],
    ['a', { repeat: true }, undefined],
  ] as const)('%s %o means %o', (key, part, expected) => {
    expect(wishOf(press(key, part))).toEqual(expected)
  })

  it.each([
    ['nothing chosen: the first', null, 0, 1, 'a'],
    ['the next', 'a', 0, 1, 'b'],
    ['the last stays', 'c', 2, 1, 'c'],
    ['the first stays', 'a', 0, -1, 'a'],
    ['one that left the list: what took its place', 'gone', 1, 1, 'b'],
    ['one that left the list: what stood before it', 'gone', 1, -1, 'a'],
  ] as const)('moves to %s', (_, selected, lastIndex, by, expected) => {
    expect(rowAfter(['a', 'b', 'c'], selected, lastIndex, by)).toBe(expected)
    expect(rowAfter([], selected, lastIndex, by)).toBeNull()
  })
})

describe('thresholds read out of a condition', () => {
  it.each([
    ['tiltDeg > params.tiltDeg || displaced', { tiltDeg: 15 }, [{ field: 'tiltDeg', comparison: '>', param: 'tiltDeg', value: 15 }]],
    ["avg(waterMm, '5m') >= params.warnMm", { warnMm: 800 }, [{ field: 'waterMm', comparison: '>=', param: 'warnMm', value: 800 }]],
    [
      'batteryPct<params.low && load == params.load',
      { low: 20, load: 'full' },
      [
        { field: 'batteryPct', comparison: '<', param: 'low', value: 20 },
        { field: 'load', comparison: '==', param: 'load', value: 'full' },
      ],
    ],
    ["inside('banned')", {}, []],
    ['tiltDeg > params.gone', {}, []],
  ] as const)('%s', (when, params, expected) => {
    expect(thresholdsOf(when, params)).toEqual(expected)
  })

  it.each([
    [16, '>', 15, true],
    [15, '>', 15, false],
    [15, '>=', 15, true],
    [14, '<', 15, true],
    [15, '<=', 15, true],
    ['full', '==', 'full', true],
    ['full', '!=', 'full', false],
    ['full', '>', 15, undefined],
    [undefined, '>', 15, undefined],
  ] as const)('%s %s %s is %s', (value, comparison, limit, expected) => {
    expect(isBeyond(value, { field: 'f', param: 'p', comparison, value: limit })).toBe(expected)
  })

  it('draws the number that has a limit before one that has none', () => {
    const limit = { field: 'tiltDeg', comparison: '>', param: 'tiltDeg', value: 15 } as const
    expect(fieldToDraw({ batteryPct: 88, tiltDeg: 32 }, [limit])).toBe('tiltDeg')
    expect(fieldToDraw({ load: 'full', speedKmh: 40 }, [])).toBe('speedKmh')
    expect(fieldToDraw({ load: 'full' }, [])).toBeUndefined()
    expect(fieldToDraw({ lon: 117.7, lat: 39, speedKmh: 40 }, [])).toBe('speedKmh')
  })
})

describe('a held list', () => {
  const [a, b, c] = ['a', 'b', 'c'].map((id) => alertWith({ id })) as [Alert, Alert, Alert]

  it('keeps its rows in their places with what is known now, and counts what came', () => {
    const judged = { ...a, review: 'judged' as const }
    const byId = new Map([judged, b, c].map((alert) => [alert.id, alert]))
    expect(heldRows({ ids: ['a', 'b'] }, [c, b], byId)).toEqual({ shown: [judged, b], fresh: 1 })
    expect(heldRows(null, [c, b], byId)).toEqual({ shown: [c, b], fresh: 0 })
  })
})

describe('the scene behind a picture', () => {
  const car = { label: 'car', score: 0.9, box: [0, 0, 1, 1], track: 't17' }

  it('is the nearest in time that holds objects', () => {
    const scenes = [
      { at: '2026-11-21T01:00:00.000Z', objects: [] },
      { at: '2026-11-21T01:00:02.000Z', objects: [car, { label: 'broken' }, null] },
      { at: '2026-11-21T01:00:02.100Z', tiltDeg: 3 },
    ]
    expect(nearestScene(scenes, Date.parse('2026-11-21T01:00:03.000Z'))).toEqual({ at: Date.parse('2026-11-21T01:00:02.000Z'), objects: [car] })
    expect(nearestScene([], 0)).toBeUndefined()
  })

  it.each([
    ['cam-1/np1/t17', true],
    ['cam-1/np1/t1', false],
    ['t17', false],
  ])('the key %s is about the object: %s', (key, expected) => {
    expect(isSubject({ label: 'car', score: 0.9, box: [0, 0, 1, 1], track: 't17' }, key)).toBe(expected)
  })
})

describe('the map shows', () => {
  it.each<[string, Partial<Alert>, boolean]>([
    ['what goes on', {}, true],
    ['what ended and waits for a judge', { condition: 'resolved' }, true],
    ['what goes on and was confirmed', { review: 'judged', verdict: 'confirmed' }, true],
    ['not what was judged and ended', { review: 'judged', verdict: 'confirmed', condition: 'resolved' }, false],
    ['not what is silenced', { attention: quietBy('silence') }, false],
    ['every place of a group', { attention: quietBy('grouped') }, true],
    ['not a false alarm, though its condition still holds', { review: 'judged', verdict: 'false_alarm' }, false],
  ])('%s', (_, alert, expected) => {
    expect(isOnMap(alertWith({ id: 'a', ...alert }))).toBe(expected)
  })
})
