import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Alert, Transition } from '../domain/alert.ts'
import type { AlertId, AssetId, Offset, RuleId } from '../domain/ids.ts'
import type { Alerts } from '../domain/ports/alerts.ts'
import type { ControlAppender } from '../domain/ports/journal.ts'
import type { SilenceOrder, Silences } from '../domain/ports/silences.ts'
import type { Change, Projected } from '../domain/projection.ts'
import type { Control } from '../domain/record.ts'
import type { Principal } from '../domain/role.ts'
import { RuleFileSchema } from '../domain/rule.ts'
import { DAY, HOUR, type Instant, MINUTE } from '../domain/time.ts'
import { assetOf, DISPATCHER, NINE, recordOf, transitionOf } from '../fixtures/records.ts'
import type { AlertRecord } from '../store/book/alerts.ts'
import type { Book } from '../store/book/book.ts'
import { openPlaces } from '../store/book/places.ts'
import { createProjector, type Projector } from '../store/book/projector.ts'
import { registerApplier } from '../store/book/register-applier.ts'
import { type TemporaryBook, temporaryBook } from '../store/book/temporary-book.ts'
import { createAlerts } from './alerts.ts'
import { alertsApplier } from './applier.ts'
import { openReductionClock } from './reduction-clock.ts'
import { createSilences } from './silences.ts'
import { alertPublications } from './view.ts'

const BATTERY = { flap: { changes: 3, within: '1h', quietFor: '10m' } }
const WATER = { group: { within: '10m' } }
const SILENT = { inhibits: { rules: ['cover-displaced'], on: 'gateway' } }
const ruleRecord = (offset: number, id: string, part: object = {}): Projected =>
  recordOf(offset, {
    ...{ type: 'rule', by: 'zhao', id, version: 1, state: 'live', note: '' },
    source: JSON.stringify({ rule: id, title: { zh: id, en: id }, on: 'cover', when: 'displaced', severity: 'critical', ...part }),
  })
const GRID = '370602001001001'
const CITY: Projected[] = [
  ruleRecord(1, 'cover-displaced'),
  ruleRecord(2, 'battery', BATTERY),
  ruleRecord(3, 'water', WATER),
  ruleRecord(4, 'gateway-silent', SILENT),
  ...['c-1', 'c-2', 'c-3'].map((id, index) => recordOf(5 + index, { type: 'asset', by: 'zhao', asset: assetOf({ id, area: GRID.slice(0, 12), grid: GRID }) })),
  recordOf(8, { type: 'asset', by: 'zhao', asset: assetOf({ id: 'far', area: '370611001001', grid: '370611001001001' }) }),
]

let at: TemporaryBook
let projector: Projector
let head: Offset
/** What people wrote. */
let written: Control[]
let alerts: Alerts
let silences: Silences
let now: Instant
let told: Change[]
let entries: Projected[]
let ids: number

/** One line of records for what people and the engine say, projected as they come. */
const journal: ControlAppender = {
  async append(controls) {
    written.push(...controls)
    const first = head + 1
    await project(...controls.map((control) => ({ ...control, offset: ++head, receivedAt: now })))
    return { first, receivedAt: now }
  },
}

async function open(book: Book): Promise<void> {
  const places = await openPlaces(book)
  const appliers = [registerApplier(places, (source) => RuleFileSchema.parse(JSON.parse(source))), alertsApplier(places, async () => 'gw')]
  projector = await createProjector(book, appliers, async () => undefined)
  alerts = createAlerts({ book, journal, reached: (offset) => projector.reached(offset) })
  silences = createSilences({ book, journal, reached: (offset) => projector.reached(offset), newId: () => `s-${++ids}`, now: () => now })
}

async function project(...some: Projected[]): Promise<void> {
  entries.push(...some)
  told.push(...(await projector.apply({ through: Math.max(...some.map(({ offset }) => offset)), entries: some })))
}

beforeEach(async () => {
  at = await temporaryBook()
  ;[told, entries, written, ids, now, head] = [[], [], [], 0, NINE, CITY.length]
  await open(at.book)
  await project(...CITY)
})
afterEach(() => at.remove())

/** The platform learns now of a change of an alert; `minutes` after what it learned before. */
async function happens(id: string, minutes: number, part: Partial<Transition> = {}): Promise<void> {
  now += minutes * MINUTE
  const asset = (part.asset ?? 'c-1') as AssetId
  const before = await at.book.alerts.find(id)
  const { openedAt, raisedAt, rule } = before ?? { openedAt: now, raisedAt: now, rule: 'cover-displaced' }
  const own = { alert: id as AlertId, rule: rule as RuleId, key: asset, asset, openedAt, raisedAt, resolvedAt: part.condition === 'resolved' ? now : null }
  await project({ ...transitionOf(++head, { at: now, ...own, ...part }), receivedAt: now })
}
const resolved = { what: 'resolved', condition: 'resolved' } as const
const order = (part: Partial<SilenceOrder> = {}): SilenceOrder => ({ kind: 'silence', matchers: { asset: 'c-1' }, from: null, to: now + HOUR, reason: 'roadworks', ...part })
const alert = (id: string): Promise<Alert> => alerts.get(id, DISPATCHER)
const lines = async (id: string): Promise<string[]> => (await alerts.get(id, DISPATCHER)).timeline.map(({ what, note }) => `${what} ${note}`.trim())
const shownIds = async (attention: string): Promise<string[]> => (await alerts.list({ limit: 100, attention: [attention] }, DISPATCHER)).items.map(({ id }) => id).sort()

/** Lets the platform's own clock bring what is due. */
async function waitUntil(instant: Instant): Promise<void> {
  now = instant
  const clock = openReductionClock({
    book: at.book,
    commit: (work) => projector.commit(work),
    changed: (changes) => void told.push(...changes),
    clock: () => now,
    now: () => now,
    failed: expect.unreachable,
  })
  await clock.close()
}

describe('a silence', () => {
  it('says by whom, until when and why, and how many alerts it keeps quiet', async () => {
    await happens('a-1', 0)
    expect(await silences.create(order(), DISPATCHER)).toEqual({
      ...{ id: 's-1', kind: 'silence', matchers: { asset: 'c-1' }, by: 'lin', reason: 'roadworks', state: 'active', removedBy: null, endedAt: null, quiet: 1 },
      ...{ from: '2026-11-21T09:00:00.000Z', to: '2026-11-21T10:00:00.000Z', at: '2026-11-21T09:00:00.000Z' },
    })
    await happens('a-2', 1, { asset: 'c-1' as AssetId, rule: 'water' as RuleId })
    await happens('a-3', 1, { asset: 'c-2' as AssetId })
    expect((await silences.list({ limit: 10 }, DISPATCHER)).items).toMatchObject([{ id: 's-1', quiet: 2 }])
    expect((await alert('a-1')).attention).toEqual({ shown: false, by: 'silence', ref: 's-1', until: '2026-11-21T10:00:00.000Z' })
    expect([await shownIds('shown'), await shownIds('quiet'), await shownIds('silence'), await shownIds('all')]).toEqual([
      ['a-3'],
      ['a-1', 'a-2'],
      ['a-1', 'a-2'],
      ['a-1', 'a-2', 'a-3'],
    ])
  })

  it('changes nothing else: the alert is raised, kept, told and published (S11)', async () => {
    await silences.create(order(), DISPATCHER)
    await happens('a-1', 1)
    expect(told.map(({ event }) => [event.type, (event.data as Alert).condition, (event.data as Alert).review, (event.data as Alert).attention.by])).toEqual([
      ['city.wanglou.alert.opened.v1', 'firing', 'open', 'silence'],
    ])
    expect(told.flatMap(alertPublications).map(({ payload, retain }) => [(JSON.parse(payload) as Alert).attention.shown, retain])).toEqual([[false, true]])
  })

  it('an alert that still goes on at its end is shown then, and says so; one that was over is not', async () => {
    await silences.create(order(), DISPATCHER)
    await happens('a-1', 1)
    await happens('a-2', 1, { rule: 'water' as RuleId })
    await happens('a-2', 1, { rule: 'water' as RuleId, ...resolved })
    await waitUntil(NINE + HOUR - 1)
    expect(await shownIds('shown')).toEqual([])
    await waitUntil(NINE + HOUR + 5 * MINUTE)
    expect(await shownIds('shown')).toEqual(['a-1'])
    expect(await lines('a-1')).toEqual(['raised critical', 'quiet silence s-1 by lin: roadworks', 'shown silence s-1 is over'])
    const [last] = (await alerts.get('a-1', DISPATCHER)).timeline.slice(-1)
    expect(last).toMatchObject({ at: '2026-11-21T10:00:00.000Z', by: 'platform' })
    expect((await silences.list({ limit: 10 }, DISPATCHER)).items).toMatchObject([{ state: 'expired', endedAt: '2026-11-21T10:00:00.000Z', quiet: 0 }])
    expect(told.at(-1)?.event).toMatchObject({ type: 'city.wanglou.alert.updated.v1', subject: 'a-1', time: '2026-11-21T10:00:00.000Z' })
  })

  it('somebody may end it before; it stays in the history, and cannot be ended twice', async () => {
    await silences.create(order(), DISPATCHER)
    await happens('a-1', 1)
    now += MINUTE
    expect(await silences.end('s-1', { ...DISPATCHER, name: 'wang' })).toMatchObject({
      state: 'removed',
      removedBy: 'wang',
      by: 'lin',
      endedAt: '2026-11-21T09:02:00.000Z',
      quiet: 0,
    })
    expect(await lines('a-1')).toContain('shown silence s-1 was ended by wang')
    await expect(silences.end('s-1', DISPATCHER)).rejects.toMatchObject({ code: 'silence.over' })
    expect((await silences.list({ limit: 10, state: ['active'] }, DISPATCHER)).items).toEqual([])
    expect(written.filter(({ type }) => type === 'silence')).toMatchObject([
      { removed: false, by: 'lin' },
      { removed: true, by: 'wang' },
    ])
  })

  it('may begin later, for planned work', async () => {
    await happens('a-1', 0)
    await silences.create(order({ kind: 'maintenance', from: now + 10 * MINUTE }), DISPATCHER)
    expect(await shownIds('shown')).toEqual(['a-1'])
    await waitUntil(NINE + 10 * MINUTE)
    expect((await alert('a-1')).attention).toMatchObject({ shown: false, by: 'maintenance', ref: 's-1' })
  })

  it.each<[string, Partial<SilenceOrder>, Principal, object]>([
    ['none is endless', { to: NINE + 30 * DAY + 1 }, DISPATCHER, { code: 'silence.too_long' }],
    ['30 days are allowed', { to: NINE + 30 * DAY }, DISPATCHER, { state: 'active' }],
    ['none is of everything', { matchers: {} }, DISPATCHER, { code: 'request.invalid' }],
    ['one that is over is none', { to: NINE }, DISPATCHER, { code: 'request.invalid' }],
    ['it ends after it begins', { from: NINE + HOUR, to: NINE + HOUR }, DISPATCHER, { code: 'request.invalid' }],
    ['it has a reason', { reason: '  ' }, DISPATCHER, { code: 'request.invalid' }],
    ['of a rule that is one', { matchers: { rule: 'covr' } }, DISPATCHER, { code: 'request.invalid' }],
    ['of an asset that is one', { matchers: { asset: 'c-99' } }, DISPATCHER, { code: 'not_found' }],
    ['of an asset in the area', { matchers: { asset: 'far' } }, { ...DISPATCHER, area: '370602' }, { code: 'not_found' }],
    ['in the area', { matchers: { area: '370611' } }, { ...DISPATCHER, area: '370602' }, { code: 'not_found' }],
    ['not in a larger one', { matchers: { area: '3706' } }, { ...DISPATCHER, area: '370602' }, { code: 'not_found' }],
    ['what names no place is narrowed to it', { matchers: { rule: 'water' } }, { ...DISPATCHER, area: '370602' }, { matchers: { rule: 'water', area: '370602' } }],
    ['a part of it may be named', { matchers: { area: '370602001' } }, { ...DISPATCHER, area: '370602' }, { matchers: { area: '370602001' } }],
  ])('%s', async (_why, part, who, expected) => {
    const answer = await silences.create(order(part), who).catch((error: unknown) => error)
    expect(answer).toMatchObject(expected)
    expect(written).toHaveLength('code' in expected ? 0 : 1)
  })

  it('who sees an area sees what touches it and ends only what lies within it', async () => {
    for (const matchers of [{ rule: 'water' }, { area: '3706' }, { area: '370602001' }, { asset: 'far' }]) await silences.create(order({ matchers }), DISPATCHER)
    const mine = { ...DISPATCHER, area: '370602' }
    expect((await silences.list({ limit: 10 }, mine)).items.map(({ id }) => id)).toEqual(['s-3', 's-2', 's-1'])
    await expect(silences.end('s-1', mine)).rejects.toMatchObject({ code: 'auth.forbidden' })
    await expect(silences.end('s-2', mine)).rejects.toMatchObject({ code: 'auth.forbidden' })
    await expect(silences.end('s-4', mine)).rejects.toMatchObject({ code: 'not_found' })
    expect(await silences.end('s-3', mine)).toMatchObject({ state: 'removed' })
  })

  it('pages, newest first', async () => {
    for (let n = 0; n < 5; n++) await silences.create(order(), DISPATCHER)
    const first = await silences.list({ limit: 3 }, DISPATCHER)
    const rest = await silences.list({ limit: 3, cursor: first.next ?? '' }, DISPATCHER)
    expect([...first.items, ...rest.items].map(({ id }) => id)).toEqual(['s-5', 's-4', 's-3', 's-2', 's-1'])
    expect(rest.next).toBeNull()
  })
})

describe('one for many', () => {
  const water = { rule: 'water' as RuleId }

  it('a group is one row with a count; what is decided of it is decided of its members only when that is said', async () => {
    for (const [n, asset] of ['c-1', 'c-2', 'c-3'].entries()) await happens(`a-${n}`, 1, { ...water, asset: asset as AssetId })
    expect(await shownIds('shown')).toEqual(['a-0'])
    expect((await alert('a-0')).group).toMatchObject({ id: 'g-a-0', by: 'grouped', members: 3 })
    expect((await alert('a-2')).attention).toEqual({ shown: false, by: 'grouped', ref: 'g-a-0', until: null })
    await alerts.judge('a-0', { verdict: 'confirmed', reason: '' }, DISPATCHER)
    expect(await shownIds('shown')).toEqual(['a-1'])
    await alerts.acknowledge('a-1', DISPATCHER, true)
    expect((await alert('a-2')).review).toBe('acknowledged')
    await alerts.judge('a-1', { verdict: 'benign', reason: 'rain', members: true }, DISPATCHER)
    const verdicts = await Promise.all(['a-0', 'a-1', 'a-2'].map(async (id) => (await alert(id)).verdict))
    expect(verdicts).toEqual(['confirmed', 'benign', 'benign'])
  })

  it('whoever sees a part of the city decides for members there only', async () => {
    await happens('a-0', 1, { ...water })
    await happens('a-1', 1, { ...water, asset: 'c-2' as AssetId })
    await at.book.alerts.save({ ...((await at.book.alerts.find('a-1')) as AlertRecord), area: '370611', grid: null })
    await alerts.judge('a-0', { verdict: 'benign', reason: '', members: true }, { ...DISPATCHER, area: '370602' })
    expect((await alert('a-1')).review).toBe('open')
  })

  it('a flapping key is told once; its state survives a restart; what still goes on when it rests is shown', async () => {
    const battery = { rule: 'battery' as RuleId }
    for (const id of ['a-1', 'a-2']) {
      await happens(id, 1, battery)
      await happens(id, 1, { ...battery, ...resolved })
    }
    expect(await shownIds('shown')).toEqual(['a-1'])
    expect((await alert('a-1')).group).toMatchObject({ by: 'flapping', changes: 4, members: 2 })
    expect((await alert('a-1')).attention).toMatchObject({ shown: true, by: 'flapping' })
    await open(await at.reopen())
    await happens('a-3', 1, battery)
    expect((await alert('a-3')).attention).toMatchObject({ shown: false, by: 'flapping' })
    expect((await alert('a-1')).group).toMatchObject({ changes: 5, members: 3, until: new Date(now + 10 * MINUTE).toISOString() })
    await waitUntil(now + 10 * MINUTE)
    expect(await shownIds('shown')).toEqual(['a-1', 'a-3'])
    expect((await alert('a-1')).attention.by).toBeNull()
    expect((await lines('a-1')).slice(-2)).toEqual(['flapping 4 changes', 'calm 5 changes'])
  })

  it('what a silent gateway explains is quiet, by the gateway of its device', async () => {
    await happens('a-1', 0)
    await happens('a-2', 1, { rule: 'gateway-silent' as RuleId, asset: 'c-3' as AssetId })
    expect((await alert('a-1')).attention).toEqual({ shown: false, by: 'inhibited', ref: 'a-2', until: null })
    expect((await lines('a-1')).at(-1)).toBe('quiet inhibited by gateway-silent a-2')
    await alerts.judge('a-2', { verdict: 'false_alarm', reason: '' }, DISPATCHER)
    expect((await alert('a-1')).attention.shown).toBe(true)
    expect((await lines('a-1')).at(-1)).toBe('shown no longer inhibited a-2')
  })
})

describe('review and condition stay apart (S11)', () => {
  it('to clear is not to acknowledge, and what comes again must be acknowledged again', async () => {
    await happens('a-1', 0)
    await alerts.acknowledge('a-1', DISPATCHER)
    await happens('a-1', 1, { ...resolved })
    expect(await alert('a-1')).toMatchObject({ condition: 'resolved', review: 'acknowledged' })
    await happens('a-2', 1)
    await happens('a-2', 1, { ...resolved })
    expect(await alert('a-2')).toMatchObject({ condition: 'resolved', review: 'open' })
  })

  it('severity says from what to what, and when', async () => {
    await happens('a-1', 0)
    await happens('a-1', 5, { what: 'severity', severity: 'minor' })
    expect((await alerts.get('a-1', DISPATCHER)).timeline.at(-1)).toMatchObject({ what: 'severity', note: 'critical → minor', at: '2026-11-21T09:05:00.000Z' })
  })
})

it('a book that is built anew from the journal decides the same, though nobody wakes it at the times that were due (S1)', async () => {
  const battery = { rule: 'battery' as RuleId }
  await silences.create(order({ to: now + 5 * MINUTE }), DISPATCHER)
  await happens('a-0', 1, { rule: 'cover-displaced' as RuleId })
  for (const id of ['a-1', 'a-2', 'a-3']) {
    await happens(id, 1, battery)
    await happens(id, 1, { ...battery, ...resolved })
  }
  await waitUntil(now + 20 * MINUTE)
  await happens('a-4', 1, battery)
  const everything = async (book: Book) => ({
    events: (await book.events.after(0, await book.events.head(), { limit: 1000 }, '')).map(({ seq: _seq, ...event }) => event),
    alerts: await Promise.all(['a-0', 'a-1', 'a-2', 'a-3', 'a-4'].map(async (id) => [await book.alerts.find(id), await book.alerts.timeline(id)])),
    silences: await book.silences.list({ limit: 10 }, ''),
  })
  const first = await everything(at.book)
  expect(first.silences).toMatchObject([{ state: 'expired' }])
  const other = await temporaryBook()
  try {
    const past = entries
    await open(other.book)
    for (const entry of past) await projector.apply({ through: entry.offset, entries: [entry] })
    expect(await everything(other.book)).toEqual(first)
  } finally {
    await other.remove()
  }
})

it('while a backlog is worked off nothing ends before what was received before its end', async () => {
  await silences.create(order(), DISPATCHER)
  const changed = vi.fn()
  const looks: Instant[] = []
  now = NINE + 2 * HOUR
  const behind = openReductionClock({
    ...{ book: at.book, commit: (work) => projector.commit(work), changed, now: () => now, failed: expect.unreachable },
    clock: () => {
      looks.push(now)
      return NINE + MINUTE
    },
  })
  await vi.waitUntil(() => looks.length > 0)
  await behind.close()
  expect(changed).not.toHaveBeenCalled()
  expect((await silences.list({ limit: 10 }, DISPATCHER)).items).toMatchObject([{ state: 'active' }])
})
