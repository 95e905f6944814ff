import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { AlertId, AssetId, RuleId } from '../domain/ids.ts'
import type { Alerts } from '../domain/ports/alerts.ts'
import { DISPATCHER, NINE, transitionOf } from '../fixtures/records.ts'
import { openPlaces } from '../store/book/places.ts'
import { createProjector, type Projector } from '../store/book/projector.ts'
import { type TemporaryBook, temporaryBook } from '../store/book/temporary-book.ts'
import { createAlerts } from './alerts.ts'
import { alertsApplier } from './applier.ts'

const NEW = 'newcomer' as RuleId
let at: TemporaryBook
let projector: Projector
let alerts: Alerts

describe('the list of alerts', () => {
  const COUNT = 5000

  beforeAll(async () => {
    at = await temporaryBook()
    projector = await createProjector(at.book, [alertsApplier(await openPlaces(at.book))], async () => undefined)
    alerts = createAlerts({ book: at.book, journal: { append: () => Promise.reject(new Error('nothing is written here')) }, reached: projector.reached })
    const raised = Array.from({ length: COUNT }, (_, index) =>
      transitionOf(index + 1, {
        alert: `a-${index}` as AlertId,
        asset: `cover-${index % 50}` as AssetId,
        severity: index % 2 === 0 ? 'critical' : 'minor',
        openedAt: NINE + index * 10,
        // Several at the same instant, so that the cursor must tell them apart.
        raisedAt: NINE + Math.floor(index / 7) * 1000,
      }),
    )
    await projector.apply({ through: COUNT, entries: raised })
  })
  afterAll(() => at.remove())

  it.each<[string, Parameters<Alerts['list']>[0], (index: number) => boolean]>([
    ['severity', { limit: 10_000, severity: ['minor'] }, (index) => index % 2 === 1],
    ['asset', { limit: 10_000, asset: 'cover-7' }, (index) => index % 50 === 7],
    ['time of opening', { limit: 10_000, from: NINE + 1000, to: NINE + 2000 }, (index) => index >= 100 && index < 200],
    ['condition and review', { limit: 10_000, condition: ['firing', 'recovering'], review: ['open'] }, () => true],
    ['several at once', { limit: 10_000, severity: ['critical'], asset: 'cover-8', rule: 'cover-displaced' }, (index) => index % 50 === 8],
    ['a condition that none has', { limit: 10_000, condition: ['resolved'] }, () => false],
    ['a rule that none has', { limit: 10_000, rule: 'other' }, () => false],
    ['an area that none is in', { limit: 10_000, area: '120117' }, () => false],
  ])('filters by %s', async (_what, query, wanted) => {
    const page = await alerts.list(query, DISPATCHER)
    const expected = Array.from({ length: COUNT }, (_, index) => index).filter(wanted)
    expect(page.items.map(({ id }) => Number(id.slice(2))).sort((a, b) => a - b)).toEqual(expected)
    expect(page.next).toBeNull()
  })

  it('refuses a cursor that it did not make', async () => {
    await expect(alerts.list({ limit: 10, cursor: 'abc' }, DISPATCHER)).rejects.toMatchObject({ code: 'cursor.invalid' })
  })

  it('pages through 5,000 alerts, newest first, each once, while new ones arrive', async () => {
    const ids: string[] = []
    let cursor: string | undefined
    let newer = 0
    do {
      const page = await alerts.list({ limit: 333, ...(cursor !== undefined && { cursor }) }, DISPATCHER)
      ids.push(...page.items.map(({ id }) => id))
      cursor = page.next ?? undefined
      newer++
      await projector.apply({
        through: COUNT + newer,
        entries: [transitionOf(COUNT + newer, { alert: `new-${newer}` as AlertId, rule: NEW, openedAt: NINE + 1e9, raisedAt: NINE + 1e9 })],
      })
    } while (cursor !== undefined)
    const expected = Array.from({ length: COUNT }, (_, index) => ({ id: `a-${index}`, raisedAt: Math.floor(index / 7) }))
    expected.sort((a, b) => b.raisedAt - a.raisedAt || (a.id < b.id ? 1 : -1))
    expect(ids).toEqual(expected.map(({ id }) => id))
  })
})
