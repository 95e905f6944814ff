import type { Alert, AlertDetail } from '../domain/alert.ts'
import { CodedError } from '../domain/errors.ts'
import type { Offset } from '../domain/ids.ts'
import type { Alerts } from '../domain/ports/alerts.ts'
import type { ControlAppender } from '../domain/ports/journal.ts'
import type { Control } from '../domain/record.ts'
import type { Principal } from '../domain/role.ts'
import { type AlertRecord, toAlert } from '../store/book/alerts.ts'
import type { Book } from '../store/book/book.ts'
import { alertOf } from '../store/book/changes.ts'
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

  async function write(id: string, control: Control, who: Principal): Promise<Alert> {
    const { first } = await journal.append([control])
    await reached(first)
    return alertOf(book, await visible(id, who))
  }

  return {
    async list(query, who) {
      const page = pageOf(
        await book.alerts.list(query, who.area),
        query.limit,
        (record) => record,
        (record) => [record.raisedAt, record.id],
      )
      const evidence = await book.evidence.ofAll(page.items.map((record) => record.id))
      return { items: page.items.map((record) => toAlert(record, evidence.get(record.id) ?? [])), next: page.next }
    },

    async get(id, who) {
      return detailOf(book, await visible(id, who))
    },

    async acknowledge(id, who) {
      const record = await visible(id, who)
      if (record.review !== 'open') return alertOf(book, record)
      return write(id, { type: 'acknowledge', by: who.name, alert: id }, who)
    },

    async judge(id, { verdict, reason }, who) {
      const { rule, key } = await visible(id, who)
      return write(id, { type: 'verdict', by: who.name, alert: id, rule, key, verdict, reason }, who)
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
    candidates: [],
  }
}
