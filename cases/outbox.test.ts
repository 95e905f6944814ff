import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { OutEvent } from '../domain/event.ts'
import type { Desk, DeskOutcome } from '../domain/ports/desk.ts'
import { DAY, HOUR, type Instant, MINUTE } from '../domain/time.ts'
import { NINE } from '../fixtures/records.ts'
import { type TemporaryBook, temporaryBook } from '../store/book/temporary-book.ts'
import { createMemoryDesk } from './memory-desk.ts'
import { type Outbox, type OutboxDeps, openOutbox } from './outbox.ts'
import { openReceiver, type Receiver, SECRET } from './receiver.ts'
import { RETRY_MS, settle } from './retry.ts'
import { CASE_EVENTS, desksFor, routeTo } from './routes.ts'
import { createSigner } from './signature.ts'
import { readAllowList } from './target.ts'
import { createWebhook } from './webhook.ts'

let at: TemporaryBook
let now: Instant
let outbox: Outbox | undefined
let failures: unknown[]

beforeEach(async () => {
  at = await temporaryBook()
  ;[now, failures] = [NINE, []]
})
afterEach(async () => {
  await outbox?.close()
  outbox = undefined
  await at.remove()
  expect(failures).toEqual([])
})

function open(desks: Desk[], given: Partial<OutboxDeps> = {}): Outbox {
  outbox = openOutbox({ book: at.book, desks, concurrency: 4, now: () => now, random: () => 0, failed: (error) => failures.push(error), reminded: async () => undefined, ...given })
  return outbox
}

/** Queues events, one per lane named, in order. */
async function queue(desk: string, ...lanes: string[]): Promise<string[]> {
  const ids: string[] = []
  await at.book.transaction(async (tables) => {
    for (const lane of lanes) {
      const id = `e-${(await tables.events.head()) + 1}`
      const event = await tables.events.add({ id, type: 'city.wanglou.case.reported.v1', time: new Date(now).toISOString(), subject: lane, area: null, data: { id: lane } })
      await tables.deliveries.add(desk, event, lane)
      ids.push(id)
    }
  })
  return ids
}

async function stateOf(desk: string) {
  const status = await outbox?.status()
  const delivered = (await at.book.deliveries.counts(['delivered'])).find((one) => one.desk === desk)?.count ?? 0
  return { ...status?.find((one) => one.desk === desk), delivered }
}

/** Moves the clock to when the next delivery is due and lets the outbox look. */
async function forward(desk: string): Promise<void> {
  now = (await at.book.deliveries.nextDue(desk, [])) ?? now
  outbox?.kick()
}

/** A desk that a test answers by hand. */
function handDesk(name: string) {
  const asked: { event: OutEvent; answer(outcome: DeskOutcome): void }[] = []
  const desk: Desk = { name, deliver: (event) => new Promise((answer) => asked.push({ event, answer })) }
  return { desk, asked, ids: () => asked.map(({ event }) => event.id) }
}

const TAKEN: DeskOutcome = { outcome: 'delivered' }
const LATER: DeskOutcome = { outcome: 'failed', retry: true, why: 'busy' }

describe('the schedule', () => {
  it.each(RETRY_MS.map((wait, index) => [index + 1, wait] as const))('after attempt %d waits %d ms, with jitter up to a fifth more', (attempts, wait) => {
    const before = { attempts: attempts - 1, nextAt: NINE }
    expect(settle(before, LATER, NINE, 0)).toMatchObject({ state: 'pending', attempts, nextAt: NINE + wait })
    expect(settle(before, LATER, NINE, 0.5)).toMatchObject({ nextAt: NINE + wait * 1.1 })
  })
  it.each<[string, number, DeskOutcome, object]>([
    ['the last attempt failed', RETRY_MS.length, LATER, { state: 'dead', attempts: RETRY_MS.length + 1, lastError: 'busy' }],
    ['the desk refuses it', 0, { outcome: 'failed', retry: false, why: 'no' }, { state: 'dead', lastError: 'no' }],
    ['the desk asks for longer than we would wait', 0, { ...LATER, afterMs: HOUR } as DeskOutcome, { state: 'pending', nextAt: NINE + HOUR }],
    ['the desk asks for less than we would wait', 2, { ...LATER, afterMs: 1 } as DeskOutcome, { state: 'pending', nextAt: NINE + 30 * MINUTE }],
    ['it is taken', 3, { ...TAKEN, reference: 'R-1' } as DeskOutcome, { state: 'delivered', attempts: 4, reference: 'R-1', lastError: null }],
  ])('%s', (_why, attempts, outcome, expected) => {
    expect(settle({ attempts, nextAt: NINE }, outcome, NINE, 0)).toMatchObject(expected)
  })
  it('is that of Standard Webhooks: about three days and a half', () => {
    expect(RETRY_MS.reduce((sum, wait) => sum + wait, 0)).toBeGreaterThan(3 * DAY)
  })
})

describe('the outbox', () => {
  it('delivers what is queued, and what was queued before it opened', async () => {
    const desk = createMemoryDesk('city')
    const before = await queue('city', 'case-1')
    open([desk])
    const after = await queue('city', 'case-2')
    outbox?.kick()
    await vi.waitFor(async () => expect(await stateOf('city')).toEqual({ desk: 'city', pending: 0, delivered: 2, dead: 0, disabled: null, why: null }))
    expect(desk.taken.map(({ id }) => id)).toEqual([...before, ...after])
  })

  it('keeps the order of a lane, lets lanes overtake each other, and has a bounded number under way', async () => {
    const { desk, asked, ids } = handDesk('city')
    const [a1, a2, b1, c1] = await queue('city', 'a', 'a', 'b', 'c')
    open([desk], { concurrency: 2 })
    await vi.waitFor(() => expect(ids()).toEqual([a1, b1]))
    asked[1]?.answer(TAKEN)
    await vi.waitFor(() => expect(ids()).toEqual([a1, b1, c1]))
    asked[2]?.answer(TAKEN)
    await vi.waitFor(async () => expect(await stateOf('city')).toMatchObject({ delivered: 2 }))
    expect(ids()).toEqual([a1, b1, c1])
    asked[0]?.answer(TAKEN)
    await vi.waitFor(() => expect(ids()).toEqual([a1, b1, c1, a2]))
    asked[3]?.answer(TAKEN)
  })

  it('holds a lane back while its first delivery waits for another attempt', async () => {
    const { desk, asked, ids } = handDesk('city')
    const [a1, a2, b1] = await queue('city', 'a', 'a', 'b')
    open([desk])
    await vi.waitFor(() => expect(ids()).toEqual([a1, b1]))
    asked[0]?.answer(LATER)
    asked[1]?.answer(TAKEN)
    await vi.waitFor(async () => expect((await at.book.deliveries.list('city', 'pending', 10)).map(({ attempts }) => attempts)).toEqual([1, 0]))
    await forward('city')
    await vi.waitFor(() => expect(ids()).toEqual([a1, b1, a1]))
    asked[2]?.answer(TAKEN)
    await vi.waitFor(() => expect(ids()).toEqual([a1, b1, a1, a2]))
    asked[3]?.answer(TAKEN)
  })

  it('does not let a desk that hangs stop another', async () => {
    const hanging = handDesk('slow')
    const quick = createMemoryDesk('quick')
    await queue('slow', 'a')
    const wanted = await queue('quick', 'a', 'b')
    open([hanging.desk, quick])
    await vi.waitFor(() => expect(quick.taken.map(({ id }) => id)).toEqual(wanted))
    hanging.asked[0]?.answer(LATER)
  })

  it('gives up after the last attempt; the dead letter does not block its lane, and goes out again when asked', async () => {
    const { desk, asked, ids } = handDesk('city')
    const [first, second] = await queue('city', 'a', 'a')
    open([desk])
    for (let attempt = 0; attempt <= RETRY_MS.length; attempt++) {
      await vi.waitFor(() => expect(asked).toHaveLength(attempt + 1))
      asked[attempt]?.answer(LATER)
      await vi.waitFor(async () => expect((await at.book.deliveries.list('city', attempt < RETRY_MS.length ? 'pending' : 'dead', 1))[0]?.attempts).toBe(attempt + 1))
      if (attempt < RETRY_MS.length) await forward('city')
    }
    expect(now - NINE).toBe(RETRY_MS.reduce((sum, wait) => sum + wait, 0))
    await vi.waitFor(() => expect(ids().at(-1)).toBe(second))
    asked.at(-1)?.answer(TAKEN)
    await vi.waitFor(async () => expect(await stateOf('city')).toMatchObject({ pending: 0, dead: 1 }))
    expect(new Set(ids().slice(0, -1))).toEqual(new Set([first]))
    expect(await outbox?.replay('city')).toBe(1)
    await vi.waitFor(() => expect(ids().at(-1)).toBe(first))
    asked.at(-1)?.answer(TAKEN)
    await vi.waitFor(async () => expect(await stateOf('city')).toMatchObject({ pending: 0, dead: 0, delivered: 2 }))
  })

  it('sends nothing to a desk that is gone until somebody enables it, even over a restart', async () => {
    const desk = createMemoryDesk('city')
    desk.answer({ outcome: 'failed', retry: false, why: 'HTTP 410', disable: true })
    await queue('city', 'a')
    open([desk])
    await vi.waitFor(async () => expect(await stateOf('city')).toMatchObject({ dead: 1, disabled: { at: NINE, why: 'HTTP 410' } }))
    desk.answer(TAKEN)
    const waiting = await queue('city', 'a', 'b')
    await outbox?.close()
    await at.reopen()
    open([desk])
    await outbox?.close()
    expect(desk.taken).toEqual([])
    open([desk])
    await outbox?.enable('city')
    await vi.waitFor(() => expect(desk.taken.map(({ id }) => id)).toEqual(waiting))
  })

  it('leaves a desk alone for as long as it asks', async () => {
    const { desk, asked, ids } = handDesk('city')
    const [a1, b1] = await queue('city', 'a', 'b')
    open([desk], { concurrency: 1 })
    await vi.waitFor(() => expect(ids()).toEqual([a1]))
    asked[0]?.answer({ ...LATER, afterMs: HOUR } as DeskOutcome)
    await vi.waitFor(async () => expect((await at.book.deliveries.list('city', 'pending', 1))[0]?.attempts).toBe(1))
    now += HOUR - 1
    outbox?.kick()
    await outbox?.status()
    expect(ids()).toEqual([a1])
    now += 1
    outbox?.kick()
    await vi.waitFor(() => expect(ids()[1]).toBe(a1))
    asked[1]?.answer(TAKEN)
    await vi.waitFor(() => expect(ids()[2]).toBe(b1))
    asked[2]?.answer(TAKEN)
  })

  it('knows only the desks that were configured', async () => {
    open([createMemoryDesk('city')])
    await expect(outbox?.replay('moon')).rejects.toMatchObject({ code: 'desk.unknown' })
    await expect(outbox?.enable('moon')).rejects.toMatchObject({ code: 'desk.unknown' })
  })
})

describe('a receiver on the other side of HTTP', () => {
  let receiver: Receiver
  const webhook = () =>
    createWebhook({ name: 'city', url: receiver.url, target: readAllowList(['127.0.0.1']), sign: createSigner([SECRET]), site: 'binhai', now: () => Date.now() })

  beforeEach(async () => {
    receiver = await openReceiver()
  })
  afterEach(() => receiver.close())

  it('that loses its answer to everything once has one effect per webhook-id (S16)', async () => {
    receiver.onRequest((id, response, take) => {
      take()
      const first = receiver.requests.filter((request) => request.id === id).length === 1
      if (first) response.destroy()
      else response.writeHead(204).end()
    })
    const ids = await queue('city', ...Array.from({ length: 12 }, (_, index) => `case-${index % 5}`))
    open([webhook()])
    await vi.waitFor(async () => {
      await forward('city')
      expect(await stateOf('city')).toMatchObject({ pending: 0, delivered: ids.length })
    })
    expect(receiver.requests).toHaveLength(ids.length * 2)
    expect(receiver.requests.every(({ valid }) => valid)).toBe(true)
    expect([...receiver.effects].sort()).toEqual([...ids].sort())
    for (const lane of [0, 1, 2, 3, 4]) expect(receiver.effects.filter((id) => ids.indexOf(id) % 5 === lane)).toEqual(ids.filter((_, index) => index % 5 === lane))
  })

  it('sees one effect of each when the platform goes down half-way and comes up again', async () => {
    const ids = await queue('city', 'a', 'b', 'c', 'd', 'e', 'f')
    receiver.onRequest((_id, response, take) => {
      take()
      // The first three are answered; of the others the platform never hears.
      if (receiver.effects.length <= 3) response.writeHead(204).end()
    })
    open([webhook()])
    await receiver.until(() => receiver.requests.length >= 3)
    await vi.waitFor(() => expect(receiver.effects.length).toBeGreaterThan(3))
    await outbox?.close()
    await at.reopen()
    receiver.onRequest((_id, response, take) => {
      take()
      response.writeHead(204).end()
    })
    open([webhook()])
    await vi.waitFor(async () => expect(await stateOf('city')).toMatchObject({ pending: 0, delivered: ids.length }))
    expect([...receiver.effects].sort()).toEqual([...ids].sort())
    expect(receiver.requests.length).toBeGreaterThan(ids.length)
    expect((await at.book.deliveries.list('city', 'delivered', 10)).map(({ attempts }) => attempts)).toEqual(ids.map(() => 1))
  })
})

describe('routes', () => {
  const follows = { desk: 'city', events: CASE_EVENTS, receives: 'dispatched' } as const
  const consumer = { desk: 'all', events: ['city.wanglou.alert.*'], receives: 'everything' } as const
  it.each([
    ['city.wanglou.case.closed.v1', 'city', ['city']],
    ['city.wanglou.case.closed.v1', 'water', []],
    ['city.wanglou.case.closed.v1', null, []],
    ['city.wanglou.alert.verdict.v1', 'city', ['city', 'all']],
    ['city.wanglou.alert.updated.v1', 'city', ['all']],
    ['city.wanglou.alert.opened.v1', null, ['all']],
  ] as const)('%s of a case at %s goes to %j', (type, dispatchedTo, desks) => {
    expect(desksFor({ type }, dispatchedTo, [follows, consumer])).toEqual(desks)
  })

  it('queue nothing where no desk is configured', async () => {
    await at.book.transaction(async (tables) => {
      const event = await tables.events.add({ id: 'e', type: 'city.wanglou.case.closed.v1', time: '', subject: 'case-1', area: null, data: {} })
      await routeTo([])(tables, [{ event, closed: false }])
    })
    expect(await at.book.deliveries.counts(['pending', 'delivered', 'dead'])).toEqual([])
  })
})
