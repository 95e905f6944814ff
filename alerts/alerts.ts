import type { Alert, AlertDetail } from '../domain/alert.ts'
import type { Candidate } from '../domain/attribution.ts'
import { CodedError } from '../domain/errors.ts'
import type { Offset } from '../domain/ids.ts'
import type { Alerts } from '../domain/ports/alerts.ts'
import type { ControlAppender } from '../domain/ports/journal.ts'
import type { Control } from '../domain/record.ts'
import type { Principal } from '../domain/role.ts'
import type { AlertRecord } from '../store/book/alerts.ts'
import type { Book } from '../store/book/book.ts'
import { alertOf, alertsOf } from '../store/book/changes.ts'
import { pageOf } from '../store/book/cursor.ts'

export interface AlertsDeps {
  book: Book
  journal: ControlAppender
  /** Resolves once the record at this offset shows in the book. */
  reached(offset: Offset): Promise<void>
}

/** The book of alerts as people use it (domain/ports/alerts.ts). */
export function createAlerts({ book, journal, reached }: AlertsDeps): Alerts {
  async function visible(id: string, who: Principal): Promise<AlertRecord> {
    const record = await book.alerts.find(id, who.area)
    if (!record) throw new CodedError('not_found')
    return record
  }

  /** All or none of them are kept, and all show when it returns. */
  async function write(id: string, controls: readonly Control[], who: Principal): Promise<Alert> {
    const { first } = await journal.append(controls)
    await reached(first + controls.length - 1)
    return alertOf(book, await visible(id, who))
  }

  /** The alert and those that are shown as one with it, and with `members` the others of its group, as far as the caller may see them. */
  async function withMembers(record: AlertRecord, members: boolean | undefined, who: Principal): Promise<AlertRecord[]> {
    const one = [record, ...(await book.attention.fusedWith(record.id, who.area))]
    if (!members || record.group === null) return one
    return [...one, ...(await book.attention.members(record.group, who.area)).filter(({ id }) => one.every((each) => each.id !== id))]
  }

  return {
    async list(query, who) {
      const page = pageOf(
        await book.alerts.list(query, who.area),
        query.limit,
        (record) => record,
        (record) => [record.raisedAt, record.id],
      )
      return { items: await alertsOf(book, page.items), next: page.next }
    },

    async get(id, who) {
      return detailOf(book, await visible(id, who))
    },

    async acknowledge(id, who, members) {
      const record = await visible(id, who)
      const open = (await withMembers(record, members, who)).filter(({ review }) => review === 'open')
      if (open.length === 0) return alertOf(book, record)
      return write(
        id,
        open.map((each) => ({ type: 'acknowledge', by: who.name, alert: each.id })),
        who,
      )
    },

    async judge(id, { verdict, reason, members }, who) {
      const its = await withMembers(await visible(id, who), members, who)
      // A member that somebody has judged by itself keeps that verdict; the one that is asked for is judged anew. Who calls a
      // source wrong says nothing of the other one that told the same: that one stands by itself then.
      const judged = its.filter((each) => each.id === id || (each.review !== 'judged' && !(verdict === 'false_alarm' && each.attention.by === 'fused')))
      return write(
        id,
        judged.map(({ id: alert, rule, key }) => ({ type: 'verdict', by: who.name, alert, rule, key, verdict, reason })),
        who,
      )
    },
  }
}

async function detailOf(book: Book, record: AlertRecord): Promise<AlertDetail> {
  const { rule, ruleVersion, params, observations, model, offset, matter, dispatch } = record
  return {
    ...(await alertOf(book, record)),
    timeline: await book.alerts.timeline(record.id),
    provenance: { rule, ruleVersion, params, observations, model, offset },
    matter,
    dispatch,
    candidates: ((await book.questions.answerOf(record.id, 'vehicle')) as Candidate[] | undefined) ?? [],
  }
}
