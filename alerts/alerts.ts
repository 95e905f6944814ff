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

  /** All or none of them are kept, and all show when it returns. */
  async function write(id: string, controls: readonly Control[], who: Principal): Promise<Alert> {
    const { first } = await journal.append(controls)
    await reached(first + controls.length - 1)
    return alertOf(book, await visible(id, who))
  }

  /** The alert, and with `members` the others of its group that the caller may see. */
  async function withMembers(record: AlertRecord, members: boolean | undefined, who: Principal): Promise<AlertRecord[]> {
    if (!members || record.group === null) return [record]
    return [record, ...(await book.attention.members(record.group, who.area)).filter(({ id }) => id !== record.id)]
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
      const groups = await book.groups.ofAll([...new Set(page.items.flatMap(({ group }) => group ?? []))])
      return { items: page.items.map((record) => toAlert(record, evidence.get(record.id) ?? [], groups.get(record.group ?? ''))), next: page.next }
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
      // A member that somebody has judged by itself keeps that verdict; the one that is asked for is judged anew.
      const judged = (await withMembers(await visible(id, who), members, who)).filter((each) => each.id === id || each.review !== 'judged')
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
    candidates: await book.attributions.candidatesOf(record.id),
  }
}
