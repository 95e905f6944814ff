import { CodedError } from '../domain/errors.ts'
import { openJournalReader } from '../store/journal/reader.ts'
import type { ForgetfulDesk } from './kill-desk.ts'
import type { Sender } from './kill-load.ts'
import { RULE, type Script, type ScriptAlert } from './kill-script.ts'

/** The platform as a client sees it. */
export interface Client {
  http: string
  token: string
}

/** JSON of an answer. Throws when it is none or says no. */
export async function ask<T>({ http, token }: Client, path: string, body?: unknown): Promise<T> {
  const response = await fetch(`${http}${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { authorization: `Bearer ${token}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(60_000),
  })
  if (!response.ok) throw new CodedError(response.status === 404 ? 'not_found' : 'internal', `${path} answered ${response.status}: ${await response.text()}`)
  return (await response.json()) as T
}

/** Every item of a list, page by page. */
export async function all<T>(client: Client, path: string): Promise<T[]> {
  const items: T[] = []
  for (let cursor: string | null = ''; cursor !== null; ) {
    const page: { items: T[]; next: string | null } = await ask(client, `/api/v1/${path}?limit=10000${cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`}`)
    items.push(...page.items)
    cursor = page.next
  }
  return items
}

/** Looks until it holds or the deadline is over; says whether it does. */
export async function until(holds: () => Promise<boolean> | boolean, deadlineMs: number): Promise<boolean> {
  const end = performance.now() + deadlineMs
  for (;;) {
    if (await holds()) return true
    if (performance.now() > end) return false
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

/** Acknowledged messages that the journal does not have, and messages that it has more than once. */
export function checkJournal(folder: string, script: Script, senders: readonly Sender[]): { acknowledged: number; lost: number; doubled: number } {
  const found = new Map<string, number>()
  const reader = openJournalReader(folder)
  for (let next = 1, batches = reader.read(next, 5000); batches.length > 0; batches = reader.read(next, 5000)) {
    for (const record of batches.flatMap(({ records }) => records)) {
      next = record.offset + 1
      if (record.type !== 'observation') continue
      const key = `${record.device} ${record.payload.seq}`
      found.set(key, (found.get(key) ?? 0) + 1)
    }
  }
  reader.close()
  let lost = 0
  for (const sender of senders) {
    for (const [index, { device, seq }] of (script.messages.get(sender.gateway) ?? []).entries()) if (sender.wasAcknowledged(index) && !found.has(`${device} ${seq}`)) lost++
  }
  const acknowledged = senders.reduce((sum, sender) => sum + sender.acknowledged, 0)
  return { acknowledged, lost, doubled: [...found.values()].filter((times) => times > 1).length }
}

interface ShownAlert {
  id: string
  asset: string
  rule: string
  openedAt: string
  resolvedAt: string | null
  condition: string
  case: string | null
}

/** What is wrong with the alerts that are there, one line each. */
export function checkAlerts(shown: readonly ShownAlert[], expected: readonly ScriptAlert[]): string[] {
  const wrong: string[] = []
  const left = new Map(expected.map((alert) => [`${alert.asset} ${alert.openedAt}`, alert]))
  // The script knows what it implies for one rule; the rest of the book is another test's business.
  for (const alert of shown.filter(({ rule }) => rule === RULE)) {
    const key = `${alert.asset} ${Date.parse(alert.openedAt)}`
    const wanted = left.get(key)
    left.delete(key)
    if (!wanted) wrong.push(`nobody implied ${JSON.stringify(alert)}`)
    else if (alert.condition !== 'resolved' || Date.parse(alert.resolvedAt ?? '') !== wanted.resolvedAt || alert.id !== wanted.id)
      wrong.push(`${JSON.stringify(alert)} should be ${wanted.id}, resolved at ${new Date(wanted.resolvedAt).toISOString()}`)
  }
  for (const { asset, openedAt } of left.values()) wrong.push(`${asset} has no alert of ${new Date(openedAt).toISOString()}`)
  return wrong
}

/** What is wrong with the cases of the alerts that were dispatched, one line each. */
export function checkCases(
  cases: readonly { id: string; alerts: readonly string[] }[],
  dispatched: ReadonlyMap<string, string>,
  alerts: readonly ShownAlert[],
  desk: ForgetfulDesk,
): string[] {
  const wrong: string[] = []
  const caseOf = new Map(alerts.map((alert) => [alert.id, alert.case]))
  const reported = desk.reported()
  for (const [alert, answered] of dispatched) {
    const its = cases.filter((each) => each.alerts.includes(alert)).map(({ id }) => id)
    if (its.length !== 1 || its[0] !== answered || caseOf.get(alert) !== answered)
      wrong.push(`alert ${alert} was answered ${answered}, has ${JSON.stringify(its)} and names ${caseOf.get(alert)}`)
    if (reported.get(answered)?.size !== 1) wrong.push(`the desk heard ${reported.get(answered)?.size ?? 0} reports of ${answered}`)
  }
  const known = new Set(dispatched.values())
  for (const { id } of cases) if (!known.has(id)) wrong.push(`nobody asked for ${id}`)
  for (const [id, bodies] of desk.bodies()) if (bodies.size > 1) wrong.push(`event ${id} came with ${bodies.size} different bodies`)
  if (desk.unsigned() > 0) wrong.push(`${desk.unsigned()} requests bore no good signature`)
  return wrong
}
