import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Alert } from '../domain/alert.ts'
import type { SilenceOrder } from '../domain/ports/silences.ts'
import type { Principal } from '../domain/role.ts'
import { DAY, HOUR, MINUTE } from '../domain/time.ts'
import { DISPATCHER, NINE } from '../fixtures/records.ts'
import { QuietCity, RESOLVED } from './quiet-city.fixture.ts'
import { alertPublications } from './view.ts'

let city: QuietCity
beforeEach(async () => {
  city = await QuietCity.build()
})
afterEach(() => city.at.remove())

describe('a silence', () => {
  it('says by whom, until when and why, and how many alerts it keeps quiet', async () => {
    await city.happens('a-1', 0)
    expect(await city.silences.create(city.order(), DISPATCHER)).toEqual({
      ...{ id: 's-1', kind: 'silence', matchers: { asset: 'c-1' }, by: 'lin', reason: 'roadworks', state: 'active', removedBy: null, endedAt: null, quiet: 1 },
      ...{ from: '2026-11-21T09:00:00.000Z', to: '2026-11-21T10:00:00.000Z', at: '2026-11-21T09:00:00.000Z' },
    })
    await city.happens('a-2', 1, { asset: 'c-1', rule: 'water' })
    await city.happens('a-3', 1, { asset: 'c-2' })
    expect((await city.silences.list({ limit: 10 }, DISPATCHER)).items).toMatchObject([{ id: 's-1', quiet: 2 }])
    expect((await city.alert('a-1')).attention).toEqual({ shown: false, by: 'silence', ref: 's-1', until: '2026-11-21T10:00:00.000Z' })
    expect([await city.ids('shown'), await city.ids('quiet'), await city.ids('silence'), await city.ids('all')]).toEqual([
      ['a-3'],
      ['a-1', 'a-2'],
      ['a-1', 'a-2'],
      ['a-1', 'a-2', 'a-3'],
    ])
  })

  it('changes nothing else: the alert is raised, kept, told and published (S11)', async () => {
    await city.silences.create(city.order(), DISPATCHER)
    await city.happens('a-1', 1)
    expect(city.told.map(({ event }) => [event.type, (event.data as Alert).condition, (event.data as Alert).review, (event.data as Alert).attention.by])).toEqual([
      ['city.wanglou.alert.opened.v1', 'firing', 'open', 'silence'],
    ])
    expect(city.told.flatMap(alertPublications).map(({ payload, retain }) => [(JSON.parse(payload) as Alert).attention.shown, retain])).toEqual([[false, true]])
  })

  it('an alert that still goes on at its end is shown then, and says so; one that was over is not', async () => {
    await city.silences.create(city.order(), DISPATCHER)
    await city.happens('a-1', 1)
    await city.happens('a-2', 1, { rule: 'water' })
    await city.happens('a-2', 1, { rule: 'water', ...RESOLVED })
    await city.waitUntil(NINE + HOUR - 1)
    expect(await city.ids('shown')).toEqual([])
    await city.waitUntil(NINE + HOUR + 5 * MINUTE)
    expect(await city.ids('shown')).toEqual(['a-1'])
    expect(await city.lines('a-1')).toEqual(['raised critical', 'quiet silence s-1 by lin: roadworks', 'shown silence s-1 is over'])
    const [last] = (await city.alerts.get('a-1', DISPATCHER)).timeline.slice(-1)
    expect(last).toMatchObject({ at: '2026-11-21T10:00:00.000Z', by: 'platform' })
    expect((await city.silences.list({ limit: 10 }, DISPATCHER)).items).toMatchObject([{ state: 'expired', endedAt: '2026-11-21T10:00:00.000Z', quiet: 0 }])
    expect(city.told.at(-1)?.event).toMatchObject({ type: 'city.wanglou.alert.updated.v1', subject: 'a-1', time: '2026-11-21T10:00:00.000Z' })
  })

  it('somebody may end it before; it stays in the history, and cannot be ended twice', async () => {
    await city.silences.create(city.order(), DISPATCHER)
    await city.happens('a-1', 1)
    city.now += MINUTE
    expect(await city.silences.end('s-1', { ...DISPATCHER, name: 'wang' })).toMatchObject({
      state: 'removed',
      removedBy: 'wang',
      by: 'lin',
      endedAt: '2026-11-21T09:02:00.000Z',
      quiet: 0,
    })
    expect(await city.lines('a-1')).toContain('shown silence s-1 was ended by wang')
    await expect(city.silences.end('s-1', DISPATCHER)).rejects.toMatchObject({ code: 'silence.over' })
    expect((await city.silences.list({ limit: 10, state: ['active'] }, DISPATCHER)).items).toEqual([])
    expect(city.written.filter(({ type }) => type === 'silence')).toMatchObject([
      { removed: false, by: 'lin' },
      { removed: true, by: 'wang' },
    ])
  })

  it('may begin later, for planned work', async () => {
    await city.happens('a-1', 0)
    await city.silences.create(city.order({ kind: 'maintenance', from: city.now + 10 * MINUTE }), DISPATCHER)
    expect(await city.ids('shown')).toEqual(['a-1'])
    await city.waitUntil(NINE + 10 * MINUTE)
    expect((await city.alert('a-1')).attention).toMatchObject({ shown: false, by: 'maintenance', ref: 's-1' })
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
    const answer = await city.silences.create(city.order(part), who).catch((error: unknown) => error)
    expect(answer).toMatchObject(expected)
    expect(city.written).toHaveLength('code' in expected ? 0 : 1)
  })

  it('who sees an area sees what touches it and ends only what lies within it', async () => {
    for (const matchers of [{ rule: 'water' }, { area: '3706' }, { area: '370602001' }, { asset: 'far' }]) await city.silences.create(city.order({ matchers }), DISPATCHER)
    const mine = { ...DISPATCHER, area: '370602' }
    expect((await city.silences.list({ limit: 10 }, mine)).items.map(({ id }) => id)).toEqual(['s-3', 's-2', 's-1'])
    await expect(city.silences.end('s-1', mine)).rejects.toMatchObject({ code: 'auth.forbidden' })
    await expect(city.silences.end('s-2', mine)).rejects.toMatchObject({ code: 'auth.forbidden' })
    await expect(city.silences.end('s-4', mine)).rejects.toMatchObject({ code: 'not_found' })
    expect(await city.silences.end('s-3', mine)).toMatchObject({ state: 'removed' })
  })

  it('who sees an area is told how many of its alerts it keeps quiet', async () => {
    await city.silences.create(city.order({ matchers: { rule: 'cover-displaced' } }), DISPATCHER)
    await city.happens('a-1', 1)
    await city.happens('a-2', 1, { asset: 'far' })
    const [alert] = (await city.alerts.list({ limit: 10, attention: ['all'] }, DISPATCHER)).items.filter(({ id }) => id === 'a-1')
    const quiet = async (area: string) => (await city.silences.list({ limit: 10 }, { ...DISPATCHER, area })).items[0]?.quiet
    expect([await quiet(''), await quiet(alert?.area ?? ''), await quiet('110101')]).toEqual([2, 1, 0])
  })

  it('pages, newest first', async () => {
    for (let n = 0; n < 5; n++) await city.silences.create(city.order(), DISPATCHER)
    const first = await city.silences.list({ limit: 3 }, DISPATCHER)
    const rest = await city.silences.list({ limit: 3, cursor: first.next ?? '' }, DISPATCHER)
    expect([...first.items, ...rest.items].map(({ id }) => id)).toEqual(['s-5', 's-4', 's-3', 's-2', 's-1'])
    expect(rest.next).toBeNull()
  })
})
