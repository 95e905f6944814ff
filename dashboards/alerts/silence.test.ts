import { describe, expect, it } from 'vitest'
import type { Alert } from '../../domain/alert.ts'
import type { Matchers } from '../../domain/silence.ts'
import { alertWith, quietBy } from './alert.fixture.ts'
import { FRESH, isBounded, isInOrder, matchersOf, orderOf, type SilenceDraft, wouldQuiet } from './silence.ts'

const NOW = Date.parse('2026-11-21T01:00:00.000Z')
const MAJOR = alertWith({ id: 'a' })

describe('what a silence is about', () => {
  it.each<[string, Partial<Alert>, Partial<SilenceDraft>, Matchers]>([
    ['the rule and the asset, and a worse one is shown', {}, {}, { asset: 'c-0001', rule: 'cover-displaced', severity: ['major', 'minor', 'info'] }],
    ['nothing is worse than critical', { severity: 'critical' }, {}, { asset: 'c-0001', rule: 'cover-displaced' }],
    ['all severities', {}, { rise: false }, { asset: 'c-0001', rule: 'cover-displaced' }],
    ['a grid', {}, { asset: false, rule: false, rise: false, grid: true }, { area: '120116001002003' }],
    ['the area where there is no grid', { grid: null }, { asset: false, rule: false, rise: false, grid: true }, { area: '120116001' }],
  ])('%s', (_, alert, draft, expected) => {
    expect(matchersOf({ ...FRESH, ...draft }, { ...MAJOR, ...alert })).toEqual(expected)
  })

  it('is something', () => {
    expect([isBounded(FRESH), isBounded({ ...FRESH, asset: false, rule: false })]).toEqual([true, false])
  })

  it('ends', () => {
    expect(orderOf({ ...FRESH, hours: 24, reason: ' roadworks ' }, MAJOR, NOW)).toMatchObject({ to: '2026-11-22T01:00:00.000Z', reason: 'roadworks', kind: 'silence' })
  })

  it('may be planned: it begins and ends as chosen, the end after the beginning and ahead', () => {
    const planned = (from: string, to: string) => ({ planned: { from: Date.parse(from), to: Date.parse(to) } })
    const night = planned('2026-11-21T22:00:00.000Z', '2026-11-22T04:00:00.000Z')
    expect(orderOf({ ...FRESH, ...night }, MAJOR, NOW)).toMatchObject({ from: '2026-11-21T22:00:00.000Z', to: '2026-11-22T04:00:00.000Z' })
    expect(orderOf(FRESH, MAJOR, NOW)).not.toHaveProperty('from')
    const past = planned('2026-11-20T00:00:00.000Z', '2026-11-20T01:00:00.000Z')
    const backwards = planned('2026-11-22T01:00:00.000Z', '2026-11-21T23:00:00.000Z')
    expect([FRESH, night, past, backwards].map((draft) => isInOrder(draft, NOW))).toEqual([true, true, false, false])
  })

  it('is told before it is done: what goes on, is shown and agrees', () => {
    const alerts = [
      MAJOR,
      alertWith({ id: 'b', condition: 'resolved' }),
      alertWith({ id: 'c', attention: quietBy('grouped') }),
      alertWith({ id: 'd', asset: 'c-2' }),
      alertWith({ id: 'e', severity: 'critical' }),
    ]
    expect(wouldQuiet(matchersOf(FRESH, MAJOR), alerts)).toBe(1)
    expect(wouldQuiet(matchersOf({ ...FRESH, rise: false, asset: false }, MAJOR), alerts)).toBe(3)
  })
})
