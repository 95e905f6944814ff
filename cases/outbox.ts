import { CodedError, messageOf } from '../domain/errors.ts'
import type { OutEvent } from '../domain/event.ts'
import type { Desk, DeskOutcome, Desks } from '../domain/ports/desk.ts'
import { type Instant, SECOND } from '../domain/time.ts'
import type { Book } from '../store/book/book.ts'
import type { Delivery } from '../store/book/deliveries.ts'
import { whenDue } from '../store/book/due.ts'
import { NO_DESK, REMINDER_EVENT, type Reminder, reminderIn, sendBefore } from './reminders.ts'
import { settle } from './retry.ts'

export interface OutboxDeps {
  book: Book
  desks: readonly Desk[]
  /** At most this many deliveries under way per desk. */
  concurrency: number
  now(): Instant
  /** In [0, 1), for jitter. */
  random(): number
  failed(error: unknown): void
  /** Journals what became of a reminder: when it was sent, or null. Called again when the process died before it was noted. */
  reminded(reminder: Reminder, sentAt: Instant | null): Promise<void>
}

export interface Outbox extends Desks {
  /** Deliveries may have been queued. */
  kick(): void
  close(): Promise<void>
}

/**
 * Sends what the book has queued. The book is the queue: a delivery that was under way when the process died is still
 * pending and goes out again with the same id (S16). Deliveries of one lane go one after another, so a desk never hears
 * of a case's second state before its first; desks and lanes do not wait for each other.
 */
export function openOutbox(deps: OutboxDeps): Outbox {
  const senders = deps.desks.map((desk) => openSender(deps, desk))
  const kick = (): void => {
    for (const sender of senders) sender.kick()
  }
  const check = (desk: string): void => {
    if (desk === NO_DESK || !deps.desks.some(({ name }) => name === desk)) throw new CodedError('desk.unknown', `No desk is named ${desk}.`)
  }
  return {
    kick,
    async replay(desk, seq) {
      check(desk)
      const revived = await deps.book.deliveries.revive(desk, seq)
      kick()
      return revived
    },
    async enable(desk) {
      check(desk)
      await deps.book.deliveries.setDisabled(desk, null, '')
      kick()
    },
    status: () => deps.book.deliveries.status(deps.desks.map(({ name }) => name).filter((name) => name !== NO_DESK)),
    async close() {
      await Promise.all(senders.map((sender) => sender.close()))
    },
  }
}

/** After the book itself failed; a delivery whose end could not be written must not be repeated in a tight loop. */
const AFTER_FAILURE_MS = 5 * SECOND
/** How often reminders are looked through that wait for a desk which takes nothing. */
const GIVE_UP_MS = 30 * SECOND

function openSender({ book, concurrency, now, random, failed, reminded }: OutboxDeps, desk: Desk): { kick(): void; close(): Promise<void> } {
  const underWay = new Map<string, Promise<void>>()
  let pausedUntil = 0
  let lookAt = 0
  let closed = false

  async function start(at: Instant): Promise<Instant | undefined> {
    if (await book.deliveries.disabled(desk.name)) return giveUp(at)
    if (at < pausedUntil) return Math.min(pausedUntil, await giveUp(at))
    const free = concurrency - underWay.size
    if (free > 0) for (const delivery of await book.deliveries.due(desk.name, at, free, [...underWay.keys()])) underWay.set(delivery.lane, send(delivery))
    // A full house needs no clock: whoever leaves kicks.
    return underWay.size < concurrency ? book.deliveries.nextDue(desk.name, [...underWay.keys()]) : undefined
  }

  /** Alerts wait for what becomes of reminders: those that a desk which takes nothing would hear too late end here. Answers when to look again. */
  async function giveUp(at: Instant): Promise<Instant> {
    if (at < lookAt) return lookAt
    for (const delivery of await book.deliveries.pendingOf(desk.name, REMINDER_EVENT)) {
      const event = underWay.has(delivery.lane) ? undefined : await book.events.get(delivery.seq)
      if (event && at >= sendBefore(event)) underWay.set(delivery.lane, send(delivery))
    }
    lookAt = at + GIVE_UP_MS
    return lookAt
  }

  async function send(delivery: Delivery): Promise<void> {
    try {
      const event = await book.events.get(delivery.seq)
      const outcome = event && now() >= sendBefore(event) ? TOO_LATE : await attempt(event, desk, delivery)
      if (closed && outcome.outcome === 'failed') return
      if (outcome.outcome === 'failed' && outcome.retry && outcome.afterMs !== undefined) pausedUntil = Math.max(pausedUntil, now() + outcome.afterMs)
      const settled = settle(delivery, outcome, now(), random(), event ? sendBefore(event) : Infinity)
      const reminder = event && reminderFor(event, desk)
      if (reminder && settled.state !== 'pending') await reminded(reminder, settled.state === 'delivered' ? now() : null)
      await book.transaction(async (tables) => {
        await tables.deliveries.update(delivery, settled)
        if (outcome.outcome === 'failed' && !outcome.retry && outcome.disable) await tables.deliveries.setDisabled(desk.name, now(), outcome.why)
      })
    } catch (error) {
      failed(error)
      pausedUntil = now() + AFTER_FAILURE_MS
    } finally {
      underWay.delete(delivery.lane)
      loop.kick()
    }
  }

  const loop = whenDue(start, now, failed)
  return {
    kick: loop.kick,
    async close() {
      closed = true
      await loop.close()
      desk.close?.()
      await Promise.all(underWay.values())
    },
  }
}

const TOO_LATE: DeskOutcome = { outcome: 'failed', retry: false, why: 'it is too late for a reminder' }

/** A reminder that this desk is to send on; others may hear of it. */
function reminderFor(event: OutEvent, desk: Desk): Reminder | undefined {
  const reminder = reminderIn(event)
  return reminder && (desk.name === reminder.to || desk.name === NO_DESK) ? reminder : undefined
}

async function attempt(event: OutEvent | undefined, desk: Desk, delivery: Delivery): Promise<DeskOutcome> {
  if (!event) return { outcome: 'failed', retry: false, why: `event ${delivery.seq} is no longer kept` }
  return desk.deliver(event).catch((error: unknown) => ({ outcome: 'failed', retry: true, why: messageOf(error) }))
}
