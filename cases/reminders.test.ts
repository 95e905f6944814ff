import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Projected } from '../domain/projection.ts'
import { Hand, START } from '../rules/hand.fixture.ts'
import { ruleText } from '../rules/rule.fixture.ts'
import { createProjector, type Projector } from '../store/book/projector.ts'
import { type TemporaryBook, temporaryBook } from '../store/book/temporary-book.ts'
import { type Outbox, openOutbox } from './outbox.ts'
import { openReceiver, type Receiver, SECRET } from './receiver.ts'
import { createNoDesk, NO_DESK, REMINDER_EVENT, reminderRecord, remindersApplier } from './reminders.ts'
import { type Route, routeTo } from './routes.ts'
import { createSigner } from './signature.ts'
import { readAllowList } from './target.ts'
import { createWebhook } from './webhook.ts'

/** The whole way of a reminder: engine, book, outbox and a desk on loopback; only the clock is the test's. */
let at: TemporaryBook
let receiver: Receiver
let outbox: Outbox | undefined
let projector: Projector
let hand: Hand
let clock: number
let said: number
let answers: (() => void)[]
/** What goes wrong with the noting of an answer, in turn. */
let failures: Error[]

const RULE = ruleText({ id: 'cover-open', on: 'cover', when: 'displaced', more: 'for: 1m\nremind: { to: owner, wait: 10m }' })

beforeEach(async () => {
  at = await temporaryBook()
  receiver = await openReceiver()
  hand = new Hand()
  ;[clock, said, answers, failures] = [0, 0, [], []]
  hand.rule('cover-open', RULE)
})
afterEach(async () => {
  await outbox?.close()
  await receiver.close()
  await at.remove()
})

async function open(...routes: Route[]): Promise<void> {
  projector = await createProjector(at.book, [remindersApplier], routeTo(routes))
  const desks = routes.map(({ desk: name }) =>
    createWebhook({ name, url: receiver.url, target: readAllowList(['127.0.0.0/8']), sign: createSigner([SECRET]), site: 'binhai', now: () => Date.now() }),
  )
  outbox = openOutbox({
    book: at.book,
    desks: [...desks, createNoDesk()],
    concurrency: 4,
    now: () => START + clock * 1000,
    random: () => 0,
    failed: () => undefined,
    reminded: async (reminder, sentAt) => {
      const failure = failures.shift()
      if (failure) throw failure
      hand.feed(clock, reminderRecord(reminder, sentAt))
      for (const answered of answers.splice(0)) answered()
    },
  })
}

/** Time comes to `second`, and what the engine says comes into the book and out to the desks. */
async function passTo(second: number): Promise<Projected[]> {
  clock = second
  hand.tick(second)
  const entries = hand.said.slice(said)
  said = hand.said.length
  await projector.apply({ through: hand.engine.state.offset, entries })
  outbox?.kick()
  return entries
}

const answered = (): Promise<void> => new Promise((resolve) => answers.push(resolve))
const raised = (): [string, number][] => hand.transitions.map(({ what, at: when }) => [what, hand.seconds(when)])
const OWNER: Route = { desk: 'owner', events: [], receives: 'dispatched' }

describe('a reminder', () => {
  it('goes to the desk that the rule names, and the wait runs from when it was sent, not from when the thing was seen', async () => {
    await open(OWNER)
    receiver.onRequest((_id, response) => response.writeHead(503).end())
    hand.cover('c', 0, { displaced: true })
    await passTo(70)
    await receiver.until(() => receiver.requests.length === 1)
    receiver.onRequest((_id, response, take) => {
      take()
      response.writeHead(204).end()
    })
    await expect.poll(async () => (await at.book.deliveries.list('owner', 'pending', 9))[0]?.attempts).toBe(1)
    const sent = answered()
    await passTo(200)
    await sent
    const event = JSON.parse(receiver.requests.at(-1)?.body ?? '')
    expect(event).toMatchObject({ type: REMINDER_EVENT, data: { rule: 'cover-open', key: 'c', asset: 'c', to: 'owner', openedAt: new Date(START).toISOString() } })
    // Ten minutes after it was seen nothing, ten minutes after it was sent the alert.
    await passTo(790)
    expect(raised()).toEqual([])
    await passTo(810)
    expect(raised()).toEqual([['raised', 800]])
    expect(hand.transitions[0]).toMatchObject({ alert: event.data.id, openedAt: START, values: { reminder: new Date(START + 200_000).toISOString() } })
    expect(hand.engine.state.reminders.get('cover-open' as never)).toEqual({ sent: 1, left: 0, stayed: 1 })
  })

  it('to a desk that nobody configured could not be sent, and the book keeps that', async () => {
    await open()
    hand.cover('c', 0, { displaced: true })
    const noted = answered()
    await passTo(70)
    await noted
    await passTo(665)
    expect(raised()).toEqual([['raised', 660]])
    expect(hand.transitions[0]?.values.reminder).toBe('not sent')
    await expect.poll(() => at.book.deliveries.list(NO_DESK, 'dead', 9)).toMatchObject([{ lastError: 'there is no desk owner' }])
  })

  it('is not tried for longer than a quarter of an hour', async () => {
    await open(OWNER)
    receiver.onRequest((_id, response) => response.writeHead(503).end())
    hand.cover('c', 0, { displaced: true })
    for (const [index, second] of [70, 80].entries()) {
      await passTo(second)
      await expect.poll(async () => (await at.book.deliveries.list('owner', 'pending', 9))[0]?.attempts).toBe(index + 1)
    }
    const noted = answered()
    await passTo(400)
    await noted
    expect(hand.said.at(-1)).toMatchObject({ type: 'reminder', sentAt: null })
    await expect.poll(() => at.book.deliveries.list('owner', 'dead', 9)).toHaveLength(1)
  })

  it('to a desk that takes nothing is given up then too, so that the alert comes', async () => {
    await open(OWNER)
    await at.book.deliveries.setDisabled('owner', START, 'gone')
    hand.cover('c', 0, { displaced: true })
    await passTo(70)
    await passTo(900)
    expect(raised()).toEqual([])
    const noted = answered()
    await passTo(970)
    await noted
    await passTo(971)
    expect(raised()).toEqual([['raised', 660]])
    expect(hand.transitions[0]?.values.reminder).toBe('not sent')
    expect(receiver.requests).toEqual([])
    await expect.poll(() => at.book.deliveries.list('owner', 'dead', 9)).toMatchObject([{ lastError: 'it is too late for a reminder' }])
  })

  it('that waited while the platform was down reminds nobody hours later', async () => {
    await open(OWNER)
    await outbox?.close()
    hand.cover('c', 0, { displaced: true })
    await passTo(70)
    clock = 7200
    const noted = answered()
    await open(OWNER)
    await noted
    expect(hand.said.at(-1)).toMatchObject({ type: 'reminder', sentAt: null })
    expect(receiver.requests).toEqual([])
  })

  it('that was sent when the process died before noting it is sent once more under the same id, and counts once', async () => {
    await open(OWNER)
    failures.push(new Error('the journal is closed'))
    hand.cover('c', 0, { displaced: true })
    await passTo(70)
    await expect.poll(() => failures).toEqual([])
    await outbox?.close()
    await open(OWNER)
    const noted = answered()
    await passTo(100)
    await noted
    expect(receiver.requests).toHaveLength(2)
    expect(receiver.effects).toHaveLength(1)
    expect(hand.engine.state.reminders.get('cover-open' as never)).toMatchObject({ sent: 1 })
  })

  it('may be heard by consumers of everything, whose answers are not the owner’s', async () => {
    await open(OWNER, { desk: 'analysis', events: ['city.wanglou.*'], receives: 'everything' })
    hand.cover('c', 0, { displaced: true })
    await passTo(70)
    await receiver.until(() => receiver.requests.length === 2)
    await expect.poll(() => at.book.deliveries.counts(['delivered'])).toHaveLength(2)
    expect(hand.said.filter(({ type }) => type === 'reminder')).toHaveLength(1)
  })
})
