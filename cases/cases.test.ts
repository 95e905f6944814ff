import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { SHOWN } from '../domain/attention.ts'
import type { Case, CaseState } from '../domain/case.ts'
import { CodedError } from '../domain/errors.ts'
import type { OutEvent } from '../domain/event.ts'
import type { Cases } from '../domain/ports/cases.ts'
import type { Change } from '../domain/projection.ts'
import { collect } from '../fixtures/collect.ts'
import { createLoopbackJournal, type LoopbackJournal } from '../fixtures/loopback-journal.ts'
import { assetOf, DISPATCHER, NINE } from '../fixtures/records.ts'
import type { AlertRecord } from '../store/book/alerts.ts'
import { createProjector, type Projector } from '../store/book/projector.ts'
import { type TemporaryBook, temporaryBook } from '../store/book/temporary-book.ts'
import { casesApplier } from './applier.ts'
import { caseIdOf, createCases } from './cases.ts'
import { createEvents } from './events.ts'
import { casePublications, standingCases } from './view.ts'

const ALERT: AlertRecord = {
  id: 'a-1',
  rule: 'cover-displaced',
  ruleVersion: 1,
  key: 'cover-1',
  asset: 'cover-1',
  devices: ['cover-1'],
  severity: 'critical',
  title: { zh: '井盖位移', en: 'Manhole cover displaced' },
  condition: 'firing',
  review: 'open',
  verdict: null,
  openedAt: NINE,
  raisedAt: NINE + 2000,
  resolvedAt: null,
  late: false,
  amended: null,
  lon: 117.7,
  lat: 39,
  area: '120116001002',
  grid: '120116001002003',
  values: {},
  params: {},
  observations: [1],
  model: null,
  dispatch: { to: 'department', within: '15m' },
  matter: { system: 'GB/T 47678.5', kind: 'component', code: '01002' },
  case: null,
  offset: 1,
  gateway: null,
  group: null,
  vehicle: null,
  attributedAt: null,
  doubt: null,
  maintenance: null,
  attention: SHOWN,
}
const here = { ...DISPATCHER, area: '120116' }
const elsewhere = { ...DISPATCHER, area: '120117' }

let at: TemporaryBook
let projector: Projector
let journal: LoopbackJournal
let cases: Cases
let changes: Change[]

beforeEach(async () => {
  at = await temporaryBook()
  changes = []
  await at.book.alerts.save(ALERT)
  await at.book.assets.save(assetOf({ id: 'cover-1', area: '120116001002', department: 'Water' }))
  projector = await createProjector(at.book, [casesApplier], async () => undefined)
  const project: Projector['apply'] = async (digest) => {
    const made = await projector.apply(digest)
    changes.push(...made)
    return made
  }
  let now = NINE + 60_000
  journal = createLoopbackJournal(project, () => (now += 1000), 10)
  let made = 0
  cases = createCases({ book: at.book, journal, reached: projector.reached, desks: ['city', 'water'], newId: () => `case-by-hand-${++made}` })
})
afterEach(() => at.remove())

const move = (id: string, to: CaseState, note = '', photos: string[] = []) => cases.move(id, { to, note, photos }, DISPATCHER)

describe('dispatch', () => {
  it('takes the members of a group along when that is said, but not those that are judged to be nothing or have a case', async () => {
    const member = (id: string, part: Partial<AlertRecord> = {}): Promise<void> => at.book.alerts.save({ ...ALERT, id, group: 'g-1', ...part })
    await member('a-1')
    await member('a-2')
    await member('a-3', { review: 'judged', verdict: 'benign' })
    await member('a-4', { case: 'case-other' })
    const made = await cases.dispatch('a-1', { note: '', members: true }, DISPATCHER)
    expect(made.alerts).toEqual(['a-1', 'a-2'])
    expect((await cases.dispatch('a-2', { note: '' }, DISPATCHER)).id).toBe(made.id)
    expect((await cases.list({ limit: 10 }, DISPATCHER)).items[0]?.alerts).toEqual(['a-1', 'a-2'])
    for (const to of ['accepted', 'registered', 'dispatched', 'handling', 'feedback', 'checking', 'closed'] as const) await move(made.id, to)
    expect(changes.filter(({ event, closed }) => closed && event.type.includes('alert')).map(({ event }) => event.subject)).toEqual(['a-1', 'a-2'])
  })

  it('makes the case of the contract, due so long after the event, and links the alert to it', async () => {
    const made = await cases.dispatch('a-1', { note: 'please hurry' }, DISPATCHER)
    expect(made).toEqual({
      id: caseIdOf('a-1'),
      type: 'incident',
      alerts: ['a-1'],
      state: 'reported',
      matter: ALERT.matter,
      asset: 'cover-1',
      department: 'Water',
      level: 'grid',
      dueAt: '2026-11-21T09:15:00.000Z',
      history: [{ at: '2026-11-21T09:01:01.000Z', by: 'lin', from: null, to: 'reported', note: 'please hurry' }],
    })
    expect(await at.book.alerts.find('a-1')).toMatchObject({ case: made.id, review: 'open', condition: 'firing' })
    expect(journal.records).toMatchObject([{ type: 'case', state: 'reported', open: true, desk: 'city', alert: 'a-1' }])
  })

  it('asked twice, and twice at once, is one case and one record', async () => {
    const all = await Promise.all([1, 2, 3].map(() => cases.dispatch('a-1', { note: '' }, DISPATCHER)))
    all.push(await cases.dispatch('a-1', { desk: 'water', note: 'again' }, DISPATCHER))
    for (const made of all) expect(made).toEqual(all[0])
    expect(journal.records).toHaveLength(1)
  })

  it('twice at once on two machines is still one case (the journal decides)', async () => {
    const other = createCases({ book: at.book, journal, reached: projector.reached, desks: ['city'], newId: () => 'unused' })
    const [one, two] = await Promise.all([cases.dispatch('a-1', { note: 'one' }, DISPATCHER), other.dispatch('a-1', { note: 'two' }, DISPATCHER)])
    expect(journal.records).toHaveLength(2)
    expect(one).toEqual(two)
    expect(changes.filter(({ event }) => event.type.startsWith('city.wanglou.case.'))).toHaveLength(1)
    expect((await cases.list({ limit: 10 }, DISPATCHER)).items).toHaveLength(1)
  })

  it.each([
    ['a disproved alert', () => cases.dispatch('a-2', { note: '' }, DISPATCHER), 'alert.disproved'],
    ['an alert that is not there', () => cases.dispatch('a-3', { note: '' }, DISPATCHER), 'not_found'],
    ['an alert outside of the area', () => cases.dispatch('a-1', { note: '' }, elsewhere), 'not_found'],
    ['a desk that nobody configured', () => cases.dispatch('a-1', { desk: 'moon', note: '' }, DISPATCHER), 'desk.unknown'],
  ])('of %s is refused', async (_what, attempt, code) => {
    await at.book.alerts.save({ ...ALERT, id: 'a-2', amended: 'disproved' })
    await expect(attempt()).rejects.toMatchObject({ code })
    expect(journal.records).toEqual([])
  })

  it('withdraws no case when its alert is disproved afterwards (S6)', async () => {
    const made = await cases.dispatch('a-1', { note: '' }, DISPATCHER)
    await at.book.alerts.save({ ...ALERT, case: made.id, amended: 'disproved' })
    expect(await cases.dispatch('a-1', { note: '' }, DISPATCHER)).toEqual(made)
  })
})

describe('the whole way of a case', () => {
  const WAY: CaseState[] = [
    'verifying',
    'accepted',
    'registered',
    'dispatched',
    'registered',
    'dispatched',
    'handling',
    'feedback',
    'checking',
    'handling',
    'feedback',
    'checking',
    'closed',
    'evaluated',
  ]

  it('stands in its history, each step with who, when, why and photos, and goes out as events', async () => {
    const { id } = await cases.dispatch('a-1', { note: '' }, DISPATCHER)
    let last: Case | undefined
    for (const to of WAY) last = await move(id, to, `to ${to}`, to === 'feedback' ? ['after-1'] : [])
    expect(last?.history.map(({ from, to }) => [from, to])).toEqual(['reported', ...WAY].map((to, index, all) => [all[index - 1] ?? null, to]))
    expect(last?.history.filter(({ photos }) => photos !== undefined)).toMatchObject([{ to: 'feedback' }, { to: 'feedback' }].map((step) => ({ ...step, photos: ['after-1'] })))
    expect([...new Set(last?.history.map(({ at: when }) => when))]).toHaveLength(WAY.length + 1)
    expect(changes.map(({ event }) => event.type).filter((type) => type.includes('.case.'))).toEqual(['reported', ...WAY].map((state) => `city.wanglou.case.${state}.v1`))
    expect(journal.records.map((record) => 'open' in record && record.open)).toEqual([...Array(13).fill(true), false, false])
  })

  it('ends what consumers see of its alert when it closes, though that still fires', async () => {
    const { id } = await cases.dispatch('a-1', { note: '' }, DISPATCHER)
    for (const to of ['accepted', 'registered', 'dispatched', 'handling', 'feedback', 'checking', 'closed'] as const) await move(id, to)
    const seen = changes.filter(({ event }) => event.subject === 'a-1').map(({ event, closed }) => [event.type, closed])
    expect(seen).toEqual([
      ['city.wanglou.alert.updated.v1', false],
      ['city.wanglou.alert.updated.v1', true],
    ])
    expect(await at.book.alerts.unclosed('', 10)).toEqual([])
  })

  it('refuses an illegal move with what is allowed, and writes nothing', async () => {
    const { id } = await cases.dispatch('a-1', { note: '' }, DISPATCHER)
    await expect(move(id, 'closed')).rejects.toMatchObject({ code: 'case.illegal_move', extra: { allowed: ['verifying', 'accepted', 'rejected', 'void'] } })
    expect(journal.records).toHaveLength(1)
  })

  it('takes one of two moves that exclude each other', async () => {
    const { id } = await cases.dispatch('a-1', { note: '' }, DISPATCHER)
    const both = await Promise.allSettled([move(id, 'rejected'), move(id, 'accepted')])
    expect(both.map(({ status }) => status)).toEqual(['fulfilled', 'rejected'])
    expect((both[1] as PromiseRejectedResult).reason).toMatchObject({ code: 'case.illegal_move', extra: { allowed: [] } })
    expect((await cases.get(id, DISPATCHER)).state).toBe('rejected')
  })

  it('is hidden from other areas', async () => {
    const { id } = await cases.dispatch('a-1', { note: '' }, here)
    await expect(cases.get(id, elsewhere)).rejects.toEqual(new CodedError('not_found'))
    await expect(cases.move(id, { to: 'accepted', note: '', photos: [] }, elsewhere)).rejects.toEqual(new CodedError('not_found'))
    expect((await cases.list({ limit: 10 }, elsewhere)).items).toEqual([])
    expect((await cases.list({ limit: 10 }, here)).items).toHaveLength(1)
  })
})

describe('maintenance', () => {
  const order = { type: 'maintenance', asset: 'cover-1', from: NINE, to: NINE + 3_600_000, note: 'new seal' }

  it('is accepted work of its asset between two times, which it keeps on its way (S12)', async () => {
    const made = await cases.open(order, DISPATCHER)
    expect(made).toMatchObject({
      id: 'case-by-hand-1',
      type: 'maintenance',
      state: 'accepted',
      alerts: [],
      asset: 'cover-1',
      department: 'Water',
      dueAt: '2026-11-21T10:00:00.000Z',
    })
    await move(made.id, 'registered')
    await move(made.id, 'void')
    expect(journal.records).toMatchObject(
      [
        ['accepted', true],
        ['registered', true],
        ['void', false],
      ].map(([state, open]) => ({ type: 'case', case: 'maintenance', asset: 'cover-1', alert: null, from: order.from, to: order.to, state, open })),
    )
  })

  it.each([
    ['for an asset that is not there', { ...order, asset: 'cover-9' }, DISPATCHER, 'not_found'],
    ['for an asset outside of the area', order, elsewhere, 'not_found'],
    ['that ends before it begins', { ...order, to: NINE - 1 }, DISPATCHER, 'request.invalid'],
  ])('%s is refused', async (_why, given, who, code) => {
    await expect(cases.open(given, who)).rejects.toMatchObject({ code })
    expect(journal.records).toEqual([])
  })
})

describe('lists, events and topics', () => {
  it('pages through cases, newest first, by state and asset', async () => {
    const made: string[] = []
    for (let index = 0; index < 7; index++) made.unshift((await cases.open({ type: 'maintenance', asset: 'cover-1', from: null, to: null, note: '' }, DISPATCHER)).id)
    await move(made[2] ?? '', 'rejected')
    const ids: string[] = []
    let cursor: string | undefined
    do {
      const page = await cases.list({ limit: 3, ...(cursor !== undefined && { cursor }) }, DISPATCHER)
      ids.push(...page.items.map(({ id }) => id))
      cursor = page.next ?? undefined
    } while (cursor !== undefined)
    expect(ids).toEqual(made)
    expect((await cases.list({ limit: 10, state: ['rejected'] }, DISPATCHER)).items.map(({ id }) => id)).toEqual([made[2]])
    expect((await cases.list({ limit: 10, asset: 'cover-2' }, DISPATCHER)).items).toEqual([])
  })

  it('hands consumers every event once, in order, whatever they filter by', async () => {
    const events = createEvents(at.book)
    const { id } = await cases.dispatch('a-1', { note: '' }, DISPATCHER)
    await move(id, 'accepted')
    const read = async (types: string[] | undefined, who = DISPATCHER): Promise<OutEvent[]> => {
      const all: OutEvent[] = []
      for (let seq = 0; ; ) {
        const { items, next } = await events.after(seq, { limit: 1, ...(types && { types }) }, who)
        if (next === seq) return all
        all.push(...items)
        seq = next
      }
    }
    expect(await read(undefined)).toEqual(changes.map(({ event }) => event))
    expect((await read(['city.wanglou.case.accepted.v1'])).map(({ subject, type }) => [subject, type])).toEqual([[id, 'city.wanglou.case.accepted.v1']])
    expect(await read(undefined, here)).toHaveLength(changes.length)
    expect(await read(undefined, elsewhere)).toEqual([])
    expect(new Set(changes.map(({ event }) => event.id)).size).toBe(changes.length)
  })

  it('retains an open case on its topic and takes it off when its work is over', async () => {
    const { id } = await cases.dispatch('a-1', { note: '' }, DISPATCHER)
    expect((await collect(standingCases(at.book))).map(({ topic, retain }) => [topic, retain])).toEqual([[`city/v1/case/120116/${id}`, true]])
    await move(id, 'rejected')
    expect(changes.flatMap(casePublications).map(({ topic, payload }) => [topic, payload && JSON.parse(payload).state])).toEqual(
      ['reported', 'rejected', ''].map((state) => [`city/v1/case/120116/${id}`, state]),
    )
    expect(await collect(standingCases(at.book))).toEqual([])
  })
})
