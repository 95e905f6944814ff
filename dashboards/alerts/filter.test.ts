import { describe, expect, it } from 'vitest'
import type { Alert } from '../../domain/alert.ts'
import { EMPTY_BOOK, putAlerts } from '../state/alertBook.ts'
import { alertWith, quietBy } from './alert.fixture.ts'
import { countsOf, createSelection, EVERYTHING, type Filter, narrowing, passes, type QuietCounts, quietParts } from './filter.ts'

const name = (id: string): string => (id === 'c-0001' ? '解放路12号井' : '')

describe('what passes', () => {
  it.each<[string, Partial<Alert>, Partial<Filter>, boolean]>([
    ['an open alert is to do', {}, {}, true],
    ['a judged one is not', { review: 'judged' }, {}, false],
    ['but a resolved one still is, until somebody judged it', { condition: 'resolved' }, {}, true],
    ['active means not resolved', { condition: 'resolved' }, { scope: 'active' }, false],
    ['active includes the judged', { review: 'judged' }, { scope: 'active' }, true],
    ['all is all', { review: 'judged', condition: 'resolved' }, { scope: 'all' }, true],
    ['what is kept quiet is not shown', { attention: quietBy('silence') }, {}, false],
    ['unless it is asked for', { attention: quietBy('silence') }, { quiet: true }, true],
    [
      'a flapping key goes on though the alert that stands for it is over',
      { condition: 'resolved', attention: { ...quietBy('flapping'), shown: true } },
      { scope: 'active' },
      true,
    ],
    ['a severity among those asked for', {}, { severity: ['critical', 'major'] }, true],
    ['a severity not asked for', {}, { severity: ['critical'] }, false],
    ['another rule', {}, { rule: ['parking'] }, false],
    ['another condition', {}, { condition: ['recovering'] }, false],
    ['another review', {}, { review: ['acknowledged'] }, false],
    ['a district by the first digits of its grid', {}, { area: '120116' }, true],
    ['another district', {}, { area: '120117' }, false],
    ['no place, but an area asked for', { grid: null, area: null }, { area: '120116' }, false],
    ['every word somewhere', {}, { text: 'COVER c-0001' }, true],
    ['the name in the register', {}, { text: '解放路' }, true],
    ['one word nowhere', {}, { text: 'cover parking' }, false],
  ])('%s', (_, alert, filter, expected) => {
    expect(passes(alertWith({ id: 'a', ...alert }), { ...EVERYTHING, ...filter }, name)).toBe(expected)
  })

  it('counts the parts that narrow, the scope apart', () => {
    expect(narrowing({ ...EVERYTHING, scope: 'all' })).toBe(0)
    expect(narrowing({ ...EVERYTHING, severity: ['info'], area: '12', text: ' x ' })).toBe(3)
  })
})

const NONE: QuietCounts = { silence: 0, maintenance: 0, inhibited: 0, fused: 0, flapping: 0, grouped: 0 }

describe('the selection', () => {
  const book = putAlerts(EMPTY_BOOK, [
    alertWith({ id: 'resolved', severity: 'critical', condition: 'resolved', raisedAt: '2026-11-21T05:00:00.000Z' }),
    alertWith({ id: 'young', severity: 'critical', openedAt: '2026-11-21T04:00:00.000Z', raisedAt: '2026-11-21T04:00:00.000Z' }),
    alertWith({ id: 'minor', severity: 'minor', raisedAt: '2026-11-21T03:00:00.000Z' }),
    alertWith({ id: 'old', severity: 'critical', openedAt: '2026-11-21T02:00:00.000Z', raisedAt: '2026-11-21T02:00:00.000Z' }),
  ])

  it('puts what waits longest of the worst first when asked for urgency', () => {
    const select = createSelection()
    expect(select(book, EVERYTHING, 'urgent', null).map(({ id }) => id)).toEqual(['old', 'young', 'minor', 'resolved'])
    expect(select(book, EVERYTHING, 'newest', null).map(({ id }) => id)).toEqual(['resolved', 'young', 'minor', 'old'])
  })

  it('is the same list while nothing changed', () => {
    const select = createSelection()
    expect(select(book, EVERYTHING, 'newest', null)).toBe(select(book, EVERYTHING, 'newest', null))
  })

  it('counts what is to do by severity', () => {
    expect(countsOf(book)).toEqual({ todo: 4, active: 3, all: 4, severity: { critical: 3, major: 0, minor: 1, info: 0 }, quiet: { todo: NONE, active: NONE, all: NONE } })
  })

  it('counts what is kept quiet beside, by scope and reason', () => {
    const some = putAlerts(EMPTY_BOOK, [
      alertWith({ id: 'a' }),
      alertWith({ id: 'b', attention: quietBy('silence') }),
      alertWith({ id: 'c', attention: quietBy('grouped'), condition: 'resolved' }),
      alertWith({ id: 'd', attention: quietBy('grouped'), review: 'judged', verdict: 'benign' }),
    ])
    expect(countsOf(some)).toMatchObject({
      ...{ todo: 1, active: 1, all: 1 },
      quiet: { todo: { ...NONE, silence: 1, grouped: 1 }, active: { ...NONE, silence: 1, grouped: 1 }, all: { ...NONE, silence: 1, grouped: 2 } },
    })
    expect(quietParts(countsOf(some).quiet.all)).toEqual([
      { reason: 'silence', count: 1 },
      { reason: 'grouped', count: 2 },
    ])
  })

  it('filters and sorts ten thousand alerts within a frame or two', () => {
    const many = putAlerts(
      EMPTY_BOOK,
      Array.from({ length: 10_000 }, (_, n) => alertWith({ id: `a${n}`, raisedAt: new Date(n * 1000).toISOString(), asset: `c-${n}` })),
    )
    expect(createSelection()(many, { ...EVERYTHING, text: 'c-99' }, 'newest', null)).toHaveLength(111)
  })
})
