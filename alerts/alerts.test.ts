import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Alert, Transition } from '../domain/alert.ts'
import { CodedError } from '../domain/errors.ts'
import type { AlertId, AssetId } from '../domain/ids.ts'
import type { Alerts } from '../domain/ports/alerts.ts'
import type { Change, Digest, Projected } from '../domain/projection.ts'
import { RuleFileSchema } from '../domain/rule.ts'
import { collect } from '../fixtures/collect.ts'
import { createLoopbackJournal, type LoopbackJournal } from '../fixtures/loopback-journal.ts'
import { assetOf, DISPATCHER, NINE, recordOf, transitionOf } from '../fixtures/records.ts'
import type { Book } from '../store/book/book.ts'
import { openPlaces } from '../store/book/places.ts'
import { createProjector, type Projector } from '../store/book/projector.ts'
import { registerApplier } from '../store/book/register-applier.ts'
import { type TemporaryBook, temporaryBook } from '../store/book/temporary-book.ts'
import { createAlerts } from './alerts.ts'
import { alertsApplier } from './applier.ts'
import { alertPublications, standingAlerts } from './view.ts'

const TITLE = { zh: '井盖位移', en: 'Manhole cover displaced' }
const SOURCE = JSON.stringify({
  rule: 'cover-displaced',
  title: TITLE,
  on: 'cover',
  when: 'displaced',
  severity: 'critical',
  matter: { system: 'GB/T 47678.5', kind: 'component', code: '01002' },
})
const RULE = recordOf(1, { type: 'rule', by: 'zhao', id: 'cover-displaced', version: 1, state: 'live', source: SOURCE, note: '' })
const COVER = recordOf(2, { type: 'asset', by: 'zhao', asset: assetOf({ id: 'cover-0001', area: '120116001', grid: '120116001002003', department: 'Water' }) })

let at: TemporaryBook
let projector: Projector
let journal: LoopbackJournal
let alerts: Alerts

async function open(book: Book): Promise<void> {
  const places = await openPlaces(book)
  projector = await createProjector(book, [registerApplier(places, (source) => RuleFileSchema.parse(JSON.parse(source))), alertsApplier(places)], async () => undefined)
  journal = createLoopbackJournal(projector.apply, () => NINE + 60_000, 100)
  alerts = createAlerts({ book, journal, reached: projector.reached })
}

beforeEach(async () => {
  at = await temporaryBook()
  await open(at.book)
})
afterEach(() => at.remove())

function digest(...entries: Projected[]): Digest {
  return { through: Math.max(...entries.map((entry) => entry.offset)), entries }
}

const LIFE: Projected[] = [
  RULE,
  COVER,
  transitionOf(10),
  transitionOf(11, { what: 'severity', severity: 'major' }),
  recordOf(12, { type: 'acknowledge', by: 'lin', alert: 'a-1' }),
  transitionOf(13, { what: 'recovering', severity: 'major', condition: 'recovering' }),
  transitionOf(13, { n: 1, what: 'refired', severity: 'major' }),
  recordOf(14, { type: 'verdict', by: 'lin', alert: 'a-1', rule: 'cover-displaced', key: 'cover-0001', verdict: 'confirmed', reason: 'seen on the still' }),
  transitionOf(15, { what: 'resolved', severity: 'major', condition: 'resolved', resolvedAt: NINE + 90_000 }),
  transitionOf(16, { alert: 'a-2' as AlertId, openedAt: NINE + 99_000, shadow: true }),
]

/** Everything that people can see of a book. */
async function seen(book: Book): Promise<unknown> {
  const events = await book.events.after(0, await book.events.head(), { limit: 1000 }, '')
  const all = await createAlerts({ book, journal, reached: projector.reached }).list({ limit: 100 }, DISPATCHER)
  const details = await Promise.all(all.items.map(({ id }) => alerts.get(id, DISPATCHER)))
  return { events, details, offset: await book.bookOffset(), recorded: await collect(book.recorded(0, 1000)) }
}

describe('projection of alerts', () => {
  it('gives the alert of the contract, with the title and matter of its rule and the area of its asset', async () => {
    await projector.apply(digest(RULE, COVER, transitionOf(10)))
    const { timeline, provenance, matter, dispatch, candidates, ...alert } = await alerts.get('a-1', DISPATCHER)
    expect(alert).toEqual({
      id: 'a-1',
      rule: 'cover-displaced',
      ruleVersion: 1,
      key: 'cover-0001',
      asset: 'cover-0001',
      devices: ['cover-0001'],
      severity: 'critical',
      title: TITLE,
      condition: 'firing',
      review: 'open',
      verdict: null,
      openedAt: '2026-11-21T09:00:00.000Z',
      raisedAt: '2026-11-21T09:00:02.000Z',
      resolvedAt: null,
      late: false,
      amended: null,
      lon: null,
      lat: null,
      area: '120116001',
      grid: '120116001002003',
      values: { tiltDeg: 32.5 },
      observations: [1],
      evidence: [],
      case: null,
      attention: { shown: true, by: null, ref: null, until: null },
      group: null,
      vehicle: null,
      attributedAt: null,
      certainty: 'single',
      fused: [],
      doubt: null,
    })
    expect({ timeline: timeline.map(({ by, what }) => ({ by, what })), provenance, matter, dispatch, candidates }).toEqual({
      timeline: [{ by: 'platform', what: 'raised' }],
      provenance: { rule: 'cover-displaced', ruleVersion: 1, params: { tiltDeg: 15 }, observations: [1], model: null, offset: 10 },
      matter: { system: 'GB/T 47678.5', kind: 'component', code: '01002' },
      dispatch: { to: 'department', within: '15m' },
      candidates: [],
    })
  })

  it('tells the whole life in events and in the timeline; shadow stays out of both', async () => {
    const changes = await projector.apply(digest(...LIFE))
    expect(changes.map(({ event, closed }) => [event.type, (event.data as Alert).condition, (event.data as Alert).review, closed])).toEqual([
      ['city.wanglou.alert.opened.v1', 'firing', 'open', false],
      ['city.wanglou.alert.updated.v1', 'firing', 'open', false],
      ['city.wanglou.alert.updated.v1', 'firing', 'acknowledged', false],
      ['city.wanglou.alert.updated.v1', 'recovering', 'acknowledged', false],
      ['city.wanglou.alert.updated.v1', 'firing', 'acknowledged', false],
      ['city.wanglou.alert.verdict.v1', 'firing', 'judged', false],
      ['city.wanglou.alert.resolved.v1', 'resolved', 'judged', true],
    ])
    expect((await alerts.get('a-1', DISPATCHER)).timeline.map(({ by, what, note }) => [by, what, note])).toEqual([
      ['platform', 'raised', 'critical'],
      ['platform', 'severity', 'critical → major'],
      ['lin', 'acknowledged', ''],
      ['platform', 'recovering', ''],
      ['platform', 'refired', ''],
      ['lin', 'verdict', 'confirmed: seen on the still'],
      ['platform', 'resolved', ''],
    ])
    await expect(alerts.get('a-2', DISPATCHER)).rejects.toMatchObject({ code: 'not_found' })
    expect(await collect(at.book.recorded(16, 16))).toHaveLength(1)
  })

  it('comes out the same however the journal is cut into digests, and whatever is projected again (S1)', async () => {
    await projector.apply(digest(...LIFE))
    const whole = await seen(at.book)
    const offsets = [...new Set(LIFE.map(({ offset }) => offset))]
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(fc.nat(offsets.length), fc.nat(offsets.length)), { maxLength: 6 }), async (ranges) => {
        const other = await temporaryBook()
        const [first, ...before] = [at, projector, journal, alerts] as const
        try {
          await open(other.book)
          let reached = 0
          for (const [a, b] of [...ranges, [0, offsets.length] as const]) {
            const [from, to] = [Math.min(a, b, reached), Math.max(a, b)]
            const stretch = offsets.slice(from, to)
            if (stretch.length === 0) continue
            await projector.apply(digest(...LIFE.filter(({ offset }) => stretch.includes(offset))))
            reached = Math.max(reached, to)
          }
          expect(await seen(other.book)).toEqual(whole)
        } finally {
          await other.remove()
          at = first
          ;[projector, journal, alerts] = before
        }
      }),
      { numRuns: 15 },
    )
  })

  it('goes on after a restart where it was', async () => {
    await projector.apply(digest(...LIFE.slice(0, 5)))
    await open(await at.reopen())
    expect(await projector.apply(digest(...LIFE.slice(0, 5)))).toEqual([])
    expect(await projector.apply(digest(...LIFE))).toHaveLength(4)
    expect((await alerts.get('a-1', DISPATCHER)).timeline).toHaveLength(7)
  })

  it('sends a disproved alert back to review once, and keeps what was judged before in the timeline (S6, S11)', async () => {
    await projector.apply(digest(...LIFE.slice(0, 9)))
    const gone: Partial<Transition> = { condition: 'resolved', resolvedAt: NINE, amended: 'disproved', severity: 'major' }
    await projector.apply(digest(transitionOf(20, { what: 'amended', ...gone })))
    expect(await alerts.get('a-1', DISPATCHER)).toMatchObject({ review: 'open', verdict: null, amended: 'disproved' })
    await alerts.judge('a-1', { verdict: 'false_alarm', reason: '' }, DISPATCHER)
    await projector.apply(digest(transitionOf(120, { what: 'severity', ...gone, severity: 'info' })))
    const { review, verdict, timeline } = await alerts.get('a-1', DISPATCHER)
    expect({ review, verdict }).toEqual({ review: 'judged', verdict: 'false_alarm' })
    expect(timeline.map(({ what, note }) => `${what} ${note}`).slice(-5)).toEqual([
      'resolved ',
      'amended disproved',
      'reopened disproved by later data',
      'verdict false_alarm',
      'severity major → info',
    ])
    expect(timeline.filter(({ what }) => what === 'verdict').map(({ note }) => note)).toEqual(['confirmed: seen on the still', 'false_alarm'])
  })
})

describe('what people do with alerts', () => {
  beforeEach(async () => {
    await projector.apply(digest(RULE, COVER, transitionOf(10)))
  })

  it('goes through the journal and shows when the call returns', async () => {
    expect(await alerts.acknowledge('a-1', DISPATCHER)).toMatchObject({ review: 'acknowledged' })
    expect(await alerts.judge('a-1', { verdict: 'benign', reason: 'roadworks' }, DISPATCHER)).toMatchObject({ review: 'judged', verdict: 'benign', condition: 'firing' })
    expect(journal.records.map(({ type }) => type)).toEqual(['acknowledge', 'verdict'])
    expect(journal.records[1]).toMatchObject({ by: 'lin', alert: 'a-1', rule: 'cover-displaced', key: 'cover-0001' })
  })

  it('does not write an acknowledgement that says nothing new', async () => {
    await alerts.acknowledge('a-1', DISPATCHER)
    await alerts.acknowledge('a-1', DISPATCHER)
    expect(journal.records).toHaveLength(1)
  })

  it('fails with a code when the platform goes down in between', async () => {
    const stuck = createAlerts({ book: at.book, journal: { append: async () => ({ first: 999, receivedAt: NINE }) }, reached: projector.reached })
    const waiting = stuck.acknowledge('a-1', DISPATCHER)
    const told = expect(waiting).rejects.toMatchObject({ code: 'not_ready' })
    await at.book.bookOffset()
    await new Promise((resolve) => setImmediate(resolve))
    projector.refuse('going down')
    await told
  })

  it.each([
    ['list', async (who: typeof DISPATCHER) => expect((await alerts.list({ limit: 10 }, who)).items).toEqual([])],
    ['get', async (who: typeof DISPATCHER) => expect(alerts.get('a-1', who)).rejects.toEqual(new CodedError('not_found'))],
    ['acknowledge', async (who: typeof DISPATCHER) => expect(alerts.acknowledge('a-1', who)).rejects.toEqual(new CodedError('not_found'))],
    ['judge', async (who: typeof DISPATCHER) => expect(alerts.judge('a-1', { verdict: 'benign', reason: '' }, who)).rejects.toEqual(new CodedError('not_found'))],
  ])('%s: an alert outside of the area is not there', async (_what, check) => {
    await check({ ...DISPATCHER, area: '120117' })
    expect(journal.records).toEqual([])
    for (const area of ['', '120116', '120116001', '120116001002003']) expect(await alerts.get('a-1', { ...DISPATCHER, area })).toMatchObject({ id: 'a-1' })
  })
})

describe('the view on MQTT', () => {
  const topic = 'city/v1/alert/120116/a-1'
  const sent = (changes: readonly Change[]) =>
    changes.flatMap(alertPublications).map(({ topic: to, payload, retain }) => [to, payload === '' ? '' : JSON.parse(payload).condition, retain])

  it('is retained until the alert is resolved and judged, then a last message and an empty one end it', async () => {
    const changes = await projector.apply(digest(...LIFE.slice(0, 9)))
    expect(sent(changes.slice(0, 1))).toEqual([[topic, 'firing', true]])
    expect(sent(changes.slice(-2))).toEqual([
      [topic, 'firing', true],
      [topic, 'resolved', true],
      [topic, '', true],
    ])
  })

  it('shows after a restart what is not closed, and only that', async () => {
    await projector.apply(digest(...LIFE, ...[21, 22].map((offset) => transitionOf(offset, { alert: `a-${offset}` as AlertId }))))
    const standing = await collect(standingAlerts(at.book))
    expect(standing.map((publication) => publication.topic)).toEqual(['city/v1/alert/120116/a-21', 'city/v1/alert/120116/a-22'])
    const shown = (await alerts.list({ limit: 10, condition: ['firing'] }, DISPATCHER)).items
    expect(standing.map(({ payload }) => JSON.parse(payload))).toEqual(shown.toReversed())
  })

  it('bears district 000000 where nobody knows the place', async () => {
    const changes = await projector.apply(digest(transitionOf(10, { asset: 'nowhere' as AssetId })))
    expect(sent(changes)).toEqual([['city/v1/alert/000000/a-1', 'firing', true]])
  })
})
