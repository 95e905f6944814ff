import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { HOUR, type Instant, MINUTE } from '../domain/time.ts'
import { DISPATCHER, NINE } from '../fixtures/records.ts'
import type { AlertRecord } from '../store/book/alerts.ts'
import type { Book } from '../store/book/book.ts'
import { temporaryBook } from '../store/book/temporary-book.ts'
import { QuietCity, RESOLVED } from './quiet-city.fixture.ts'
import { openReductionClock } from './reduction-clock.ts'

let city: QuietCity
beforeEach(async () => {
  city = await QuietCity.build()
})
afterEach(() => city.at.remove())

describe('one for many', () => {
  const water = { rule: 'water' }

  it('a group is one row with a count; what is decided of it is decided of its members only when that is said', async () => {
    for (const [n, asset] of ['c-1', 'c-2', 'c-3'].entries()) await city.happens(`a-${n}`, 1, { ...water, asset: asset })
    expect(await city.ids('shown')).toEqual(['a-0'])
    expect((await city.alert('a-0')).group).toMatchObject({ id: 'g-a-0', by: 'grouped', members: 3 })
    expect((await city.alert('a-2')).attention).toEqual({ shown: false, by: 'grouped', ref: 'g-a-0', until: null })
    await city.alerts.judge('a-0', { verdict: 'confirmed', reason: '' }, DISPATCHER)
    expect(await city.ids('shown')).toEqual(['a-1'])
    await city.alerts.acknowledge('a-1', DISPATCHER, true)
    expect((await city.alert('a-2')).review).toBe('acknowledged')
    await city.alerts.judge('a-1', { verdict: 'benign', reason: 'rain', members: true }, DISPATCHER)
    const verdicts = await Promise.all(['a-0', 'a-1', 'a-2'].map(async (id) => (await city.alert(id)).verdict))
    expect(verdicts).toEqual(['confirmed', 'benign', 'benign'])
  })

  it('whoever sees a part of the city decides for members there only', async () => {
    await city.happens('a-0', 1, { ...water })
    await city.happens('a-1', 1, { ...water, asset: 'c-2' })
    await city.at.book.alerts.save({ ...((await city.at.book.alerts.find('a-1')) as AlertRecord), area: '370611', grid: null })
    await city.alerts.judge('a-0', { verdict: 'benign', reason: '', members: true }, { ...DISPATCHER, area: '370602' })
    expect((await city.alert('a-1')).review).toBe('open')
  })

  it('a flapping key is told once; its state survives a restart; what still goes on when it rests is shown', async () => {
    const battery = { rule: 'battery' }
    for (const id of ['a-1', 'a-2']) {
      await city.happens(id, 1, battery)
      await city.happens(id, 1, { ...battery, ...RESOLVED })
    }
    expect(await city.ids('shown')).toEqual(['a-1'])
    expect((await city.alert('a-1')).group).toMatchObject({ by: 'flapping', changes: 4, members: 2 })
    expect((await city.alert('a-1')).attention).toMatchObject({ shown: true, by: 'flapping' })
    await city.open(await city.at.reopen())
    await city.happens('a-3', 1, battery)
    expect((await city.alert('a-3')).attention).toMatchObject({ shown: false, by: 'flapping' })
    expect((await city.alert('a-1')).group).toMatchObject({ changes: 5, members: 3, until: new Date(city.now + 10 * MINUTE).toISOString() })
    await city.waitUntil(city.now + 10 * MINUTE)
    expect(await city.ids('shown')).toEqual(['a-1', 'a-3'])
    expect((await city.alert('a-1')).attention.by).toBeNull()
    expect((await city.lines('a-1')).slice(-2)).toEqual(['flapping 4 changes', 'calm 5 changes'])
  })

  it('what a silent gateway explains is quiet, by the gateway of its device', async () => {
    await city.happens('a-1', 0)
    await city.happens('a-2', 1, { rule: 'gateway-silent', asset: 'c-3' })
    expect((await city.alert('a-1')).attention).toEqual({ shown: false, by: 'inhibited', ref: 'a-2', until: null })
    expect((await city.lines('a-1')).at(-1)).toBe('quiet inhibited by gateway-silent a-2')
    await city.alerts.judge('a-2', { verdict: 'false_alarm', reason: '' }, DISPATCHER)
    expect((await city.alert('a-1')).attention.shown).toBe(true)
    expect((await city.lines('a-1')).at(-1)).toBe('shown no longer inhibited a-2')
  })
})

describe('review and condition stay apart (S11)', () => {
  it('to clear is not to acknowledge, and what comes again must be acknowledged again', async () => {
    await city.happens('a-1', 0)
    await city.alerts.acknowledge('a-1', DISPATCHER)
    await city.happens('a-1', 1, { ...RESOLVED })
    expect(await city.alert('a-1')).toMatchObject({ condition: 'resolved', review: 'acknowledged' })
    await city.happens('a-2', 1)
    await city.happens('a-2', 1, { ...RESOLVED })
    expect(await city.alert('a-2')).toMatchObject({ condition: 'resolved', review: 'open' })
  })

  it('severity says from what to what, and when', async () => {
    await city.happens('a-1', 0)
    await city.happens('a-1', 5, { what: 'severity', severity: 'minor' })
    expect((await city.alerts.get('a-1', DISPATCHER)).timeline.at(-1)).toMatchObject({ what: 'severity', note: 'critical → minor', at: '2026-11-21T09:05:00.000Z' })
  })
})

it('a book that is built anew from the journal decides the same, though nobody wakes it at the times that were due (S1)', async () => {
  const battery = { rule: 'battery' }
  await city.silences.create(city.order({ to: city.now + 5 * MINUTE }), DISPATCHER)
  await city.happens('a-0', 1, { rule: 'cover-displaced' })
  for (const id of ['a-1', 'a-2', 'a-3']) {
    await city.happens(id, 1, battery)
    await city.happens(id, 1, { ...battery, ...RESOLVED })
  }
  await city.waitUntil(city.now + 20 * MINUTE)
  await city.happens('a-4', 1, battery)
  const everything = async (book: Book) => ({
    events: (await book.events.after(0, await book.events.head(), { limit: 1000 }, '')).map(({ seq: _seq, ...event }) => event),
    alerts: await Promise.all(['a-0', 'a-1', 'a-2', 'a-3', 'a-4'].map(async (id) => [await book.alerts.find(id), await book.alerts.timeline(id)])),
    silences: await book.silences.list({ limit: 10 }, ''),
  })
  const first = await everything(city.at.book)
  expect(first.silences).toMatchObject([{ state: 'expired' }])
  const other = await temporaryBook()
  try {
    const past = city.entries
    await city.open(other.book)
    for (const entry of past) await city.projector.apply({ through: entry.offset, entries: [entry] })
    expect(await everything(other.book)).toEqual(first)
  } finally {
    await other.remove()
  }
})

it('while a backlog is worked off nothing ends before what was received before its end', async () => {
  await city.silences.create(city.order(), DISPATCHER)
  const changed = vi.fn()
  const looks: Instant[] = []
  city.now = NINE + 2 * HOUR
  const behind = openReductionClock({
    ...{ book: city.at.book, commit: (work) => city.projector.commit(work), changed, now: () => city.now, failed: expect.unreachable },
    clock: () => {
      looks.push(city.now)
      return NINE + MINUTE
    },
  })
  await vi.waitUntil(() => looks.length > 0)
  await behind.close()
  expect(changed).not.toHaveBeenCalled()
  expect((await city.silences.list({ limit: 10 }, DISPATCHER)).items).toMatchObject([{ state: 'active' }])
})
