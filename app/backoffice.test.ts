import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createAlerts } from '../alerts/alerts.ts'
import { alertsApplier } from '../alerts/applier.ts'
import { casesApplier } from '../cases/applier.ts'
import { createCases } from '../cases/cases.ts'
import { createMemoryDesk, type MemoryDesk } from '../cases/memory-desk.ts'
import { type Outbox, openOutbox } from '../cases/outbox.ts'
import { CASE_EVENTS, routeTo } from '../cases/routes.ts'
import type { Alert } from '../domain/alert.ts'
import { feedEventOf } from '../domain/feed.ts'
import type { Alerts } from '../domain/ports/alerts.ts'
import type { Cases } from '../domain/ports/cases.ts'
import type { Digest } from '../domain/projection.ts'
import { createLoopbackJournal, type LoopbackJournal } from '../fixtures/loopback-journal.ts'
import { assetOf, DISPATCHER, NINE, recordOf, transitionOf } from '../fixtures/records.ts'
import { createFeedSource } from '../store/book/feed.ts'
import { openPlaces } from '../store/book/places.ts'
import { createProjector, type Projector } from '../store/book/projector.ts'
import { registerApplier } from '../store/book/register-applier.ts'
import { type TemporaryBook, temporaryBook } from '../store/book/temporary-book.ts'

const SOURCE = JSON.stringify({ rule: 'cover-displaced' })
const CITY: Digest = {
  through: 10,
  entries: [
    recordOf(1, { type: 'asset', by: 'zhao', asset: assetOf({ id: 'cover-0001', area: '120116001', department: 'Water' }) }),
    recordOf(2, { type: 'rule', by: 'zhao', id: 'cover-displaced', version: 1, state: 'live', source: SOURCE, note: '' }),
    transitionOf(10),
  ],
}

let at: TemporaryBook
let digests: Digest[]
let projector: Projector
let journal: LoopbackJournal
let alerts: Alerts
let cases: Cases
let desk: MemoryDesk
let outbox: Outbox

async function openProjector(book: TemporaryBook['book']): Promise<Projector> {
  const places = await openPlaces(book)
  const parse = () => {
    throw new Error('titles do not matter here')
  }
  return createProjector(book, [registerApplier(places, parse), alertsApplier(places), casesApplier], routeTo([{ desk: 'city', events: CASE_EVENTS, receives: 'dispatched' }]))
}

beforeEach(async () => {
  at = await temporaryBook()
  digests = []
  projector = await openProjector(at.book)
  const apply = async (digest: Digest): Promise<void> => {
    digests.push(digest)
    await projector.apply(digest)
    outbox.kick()
  }
  journal = createLoopbackJournal(apply, () => NINE + 60_000, 10)
  desk = createMemoryDesk('city')
  outbox = openOutbox({ book: at.book, desks: [desk], concurrency: 4, now: () => NINE, random: () => 0, failed: expect.unreachable, reminded: async () => undefined })
  alerts = createAlerts({ book: at.book, journal, reached: projector.reached })
  cases = createCases({ book: at.book, journal, reached: projector.reached, desks: ['city'], newId: () => 'case-by-hand' })
  await apply(CITY)
})
afterEach(async () => {
  await outbox.close()
  await at.remove()
})

describe('from an alert to the desk', () => {
  it('a verdict before dispatch stays in the house; one after it reaches the case', async () => {
    await alerts.judge('a-1', { verdict: 'confirmed', reason: '' }, DISPATCHER)
    const { id } = await cases.dispatch('a-1', { note: '' }, DISPATCHER)
    await alerts.judge('a-1', { verdict: 'false_alarm', reason: 'a shadow' }, DISPATCHER)
    await cases.move(id, { to: 'rejected', note: '', photos: [] }, DISPATCHER)
    await vi.waitFor(() => expect(desk.taken).toHaveLength(3))
    expect(desk.taken.map(({ type, subject }) => [type, subject])).toEqual([
      ['city.wanglou.case.reported.v1', id],
      ['city.wanglou.alert.verdict.v1', 'a-1'],
      ['city.wanglou.case.rejected.v1', id],
    ])
    expect(desk.taken.map((event) => feedEventOf(event)?.event)).toEqual(['case', 'alert', 'case'])
    expect(desk.taken[1]?.data as Alert).toMatchObject({ verdict: 'false_alarm', case: id, condition: 'firing' })
    expect((await alerts.get('a-1', DISPATCHER)).timeline.map(({ what, note }) => [what, note])).toEqual([
      ['raised', 'critical'],
      ['verdict', 'confirmed'],
      ['dispatched', id],
      ['verdict', 'false_alarm: a shadow'],
    ])
  })

  it('a book that is built anew from the journal is the same, down to the ids that desks know (S1, S16)', async () => {
    const { id } = await cases.dispatch('a-1', { note: '' }, DISPATCHER)
    await alerts.judge('a-1', { verdict: 'confirmed', reason: '' }, DISPATCHER)
    await cases.move(id, { to: 'accepted', note: '', photos: ['p-1'] }, DISPATCHER)
    await vi.waitFor(() => expect(desk.taken).toHaveLength(3))
    const other = await temporaryBook()
    const again = await openProjector(other.book)
    for (const digest of digests) await again.apply(digest)
    const everything = async (book: TemporaryBook['book']) => ({
      events: await book.events.after(0, await book.events.head(), { limit: 1000 }, ''),
      alert: await book.alerts.find('a-1'),
      case: await book.cases.find(id),
      queued: (await Promise.all((['pending', 'delivered'] as const).map((state) => book.deliveries.list('city', state, 100)))).flat().map(({ seq, lane }) => [seq, lane]),
    })
    const rebuilt = await everything(other.book)
    await other.remove()
    expect(rebuilt).toEqual(await everything(at.book))
    expect(rebuilt.queued).toHaveLength(3)
  })

  it('the live feed resumes where it was, and knows a place that is not in this book', async () => {
    const { id } = await cases.dispatch('a-1', { note: '' }, DISPATCHER)
    const feed = createFeedSource(at.book)
    const all = await feed.since(0, 100)
    expect(all).toMatchObject([
      { event: 'alert', data: { id: 'a-1', case: null } },
      { event: 'case', data: { id } },
      { event: 'alert', data: { id: 'a-1', case: id } },
    ])
    expect(await feed.since(1, 1)).toEqual(all.slice(1, 2))
    const head = await feed.head()
    expect(await feed.since(head, 100)).toEqual([])
    expect(await feed.since(head + 1, 100)).toBe('gone')
  })

  it('a change and its delivery are written together or not at all', async () => {
    const places = await openPlaces(at.book)
    const failing = await createProjector(at.book, [alertsApplier(places), casesApplier], async (tables, changes) => {
      await routeTo([{ desk: 'city', events: ['*'], receives: 'everything' }])(tables, changes)
      throw new Error('the power is gone')
    })
    const before = await at.book.events.head()
    await expect(failing.apply({ through: 11, entries: [transitionOf(11, { what: 'resolved', condition: 'resolved' })] })).rejects.toThrow('the power is gone')
    expect(await at.book.events.head()).toBe(before)
    expect(await at.book.alerts.find('a-1')).toMatchObject({ condition: 'firing' })
    expect(await at.book.deliveries.counts(['pending', 'delivered', 'dead'])).toEqual([])
    expect(await at.book.bookOffset()).toBe(10)
  })
})
