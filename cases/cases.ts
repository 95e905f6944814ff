import { createHash } from 'node:crypto'
import type { Case, CaseState } from '../domain/case.ts'
import { CodedError } from '../domain/errors.ts'
import type { Offset } from '../domain/ids.ts'
import type { Cases } from '../domain/ports/cases.ts'
import type { ControlAppender } from '../domain/ports/journal.ts'
import type { Control } from '../domain/record.ts'
import type { Principal } from '../domain/role.ts'
import type { AlertRecord } from '../store/book/alerts.ts'
import type { Book } from '../store/book/book.ts'
import { type CaseRecord, toCase } from '../store/book/cases.ts'
import { caseOf } from '../store/book/changes.ts'
import { pageOf } from '../store/book/cursor.ts'
import { oneAtATime } from '../store/book/turns.ts'
import { checkMove, firstState, isOpen } from './workflow.ts'

export interface CasesDeps {
  book: Book
  journal: ControlAppender
  /** Resolves once the record at this offset shows in the book. */
  reached(offset: Offset): Promise<void>
  /** Names of the configured desks; the first is where a case goes if nobody says. */
  desks: readonly string[]
  /** A new id for a case made by hand. */
  newId(): string
}

type CaseControl = Extract<Control, { type: 'case' }>

/** The case of an alert: the same id whoever asks and however often, so that two who ask at once mean one case. */
export function caseIdOf(alert: string): string {
  return `case-${createHash('sha256').update(alert).digest('hex').slice(0, 32)}`
}

/** Cases as people move them (domain/ports/cases.ts). */
export function createCases(deps: CasesDeps): Cases {
  const { book } = deps
  const turns = oneAtATime()

  async function write(control: CaseControl): Promise<Case> {
    const { first } = await deps.journal.append([control])
    await deps.reached(first)
    const record = await book.cases.find(control.id)
    if (!record) throw new CodedError('internal', `case ${control.id} was recorded at offset ${first} and is not in the book`)
    return caseOf(book, record)
  }

  async function visible(id: string, who: Principal): Promise<CaseRecord> {
    const record = await book.cases.find(id, who.area)
    if (!record) throw new CodedError('not_found')
    return record
  }

  async function dispatch(alertId: string, order: { desk?: string; note: string; members?: boolean | undefined }, who: Principal): Promise<Case> {
    const alert = await book.alerts.find(alertId, who.area)
    if (!alert) throw new CodedError('not_found')
    const existing = await book.cases.find(alert.case ?? caseIdOf(alertId))
    if (existing) return caseOf(book, existing)
    if (alert.amended === 'disproved') throw new CodedError('alert.disproved')
    const desk = deskFor(deps.desks, order.desk)
    const group = order.members && alert.group !== null ? await book.attention.members(alert.group, who.area) : []
    const fused = await book.attention.fusedWith(alertId, who.area)
    const members = [...fused, ...group.filter(({ id }) => fused.every((each) => each.id !== id))].filter((each) => each.id !== alertId && isWork(each))
    const control = controlOf(caseIdOf(alertId), who, { case: 'incident', asset: alert.asset, alert: alertId, desk, note: order.note })
    return write(members.length === 0 ? control : { ...control, members: members.map(({ id }) => id) })
  }

  async function move(id: string, { to, note, photos }: { to: CaseState; note: string; photos: readonly string[] }, who: Principal): Promise<Case> {
    const before = await visible(id, who)
    checkMove(before.state, to)
    const { type, alert, asset, from, desk } = before
    return write({ type: 'case', by: who.name, id, case: type, asset, alert, state: to, open: isOpen(to), from, to: before.to, desk, note, photos: [...photos] })
  }

  return {
    async list(query, who) {
      const page = pageOf(
        await book.cases.list(query, who.area),
        query.limit,
        (record) => record,
        (record) => [record.offset],
      )
      const moves = await book.cases.moves(page.items.map((record) => record.id))
      const alerts = await book.cases.alerts(page.items)
      return { items: page.items.map((record) => toCase(record, moves.get(record.id) ?? [], alerts.get(record.id) ?? [])), next: page.next }
    },
    get: async (id, who) => caseOf(book, await visible(id, who)),
    async open({ type, asset, from, to, note }, who) {
      if (!(await book.assets.find(asset, who.area))) throw new CodedError('not_found')
      if (from !== null && to !== null && from >= to)
        throw new CodedError('request.invalid', 'An order ends after it begins.', { details: [{ where: 'to', why: 'must be later than from' }] })
      return write({ ...controlOf(deps.newId(), who, { case: type, asset, alert: null, desk: null, note }), from, to })
    },
    dispatch: (alert, order, who) => turns(caseIdOf(alert), () => dispatch(alert, order, who)),
    move: (id, order, who) => turns(id, () => move(id, order, who)),
  }
}

/** A member that has a case of its own, or that was judged to be nothing, is no part of the work. */
function isWork(alert: AlertRecord): boolean {
  return alert.case === null && alert.amended !== 'disproved' && alert.verdict !== 'false_alarm' && alert.verdict !== 'benign'
}

function deskFor(desks: readonly string[], named: string | undefined): string | null {
  if (named === undefined) return desks[0] ?? null
  if (!desks.includes(named)) throw new CodedError('desk.unknown')
  return named
}

function controlOf(id: string, who: Principal, order: Pick<CaseControl, 'case' | 'asset' | 'alert' | 'desk' | 'note'>): CaseControl {
  const state = firstState(order.case)
  return { type: 'case', by: who.name, id, ...order, state, open: isOpen(state), from: null, to: null, photos: [] }
}
