import type { CaseState } from '../domain/case.ts'
import type { Change } from '../domain/projection.ts'
import type { ControlRecord } from '../domain/record.ts'
import type { AlertRecord } from '../store/book/alerts.ts'
import type { Tables } from '../store/book/book.ts'
import type { CaseRecord } from '../store/book/cases.ts'
import { alertChanged, type Cause, caseChanged, closesAlerts } from '../store/book/changes.ts'
import type { Applier } from '../store/book/projector.ts'
import { placeCode } from '../store/book/scope.ts'
import { dueAt } from './clock.ts'
import { departmentFor, levelFor } from './responsibility.ts'
import { isOpen, mayMove } from './workflow.ts'

type CaseEntry = Extract<ControlRecord, { type: 'case' }>

/**
 * Projects `case` records: the first one of an id makes the case, the others move it. A record that asks for an illegal
 * move (two people at once, on two machines) is passed over here as it is everywhere: the case stays as it was.
 */
export const casesApplier: Applier = async (tables, entry) => {
  if (entry.type !== 'case') return []
  const before = await tables.cases.find(entry.id)
  if (!before) return create(tables, entry)
  return mayMove(before.state, entry.state) ? move(tables, before, entry) : []
}

async function create(tables: Tables, entry: CaseEntry): Promise<Change[]> {
  const record = await born(tables, entry)
  await tables.cases.save(record)
  await addMove(tables, entry, null)
  const linked: AlertRecord[] = []
  for (const id of [entry.alert, ...(entry.members ?? [])]) linked.push(...(await link(tables, entry, id)))
  return [await caseChanged(tables, record, causeOf(entry)), ...(await alertsChanged(tables, linked, entry))]
}

async function born(tables: Tables, entry: CaseEntry): Promise<CaseRecord> {
  const alert = entry.alert === null ? undefined : await tables.alerts.find(entry.alert)
  const asset = entry.asset === null ? undefined : await tables.assets.find(entry.asset)
  const { area, grid } = alert ?? asset ?? { area: null, grid: null }
  return {
    id: entry.id,
    type: entry.case,
    alert: entry.alert,
    state: entry.state,
    open: isOpen(entry.state),
    matter: alert?.matter ?? asset?.matter ?? null,
    asset: entry.asset,
    department: departmentFor(alert?.dispatch ?? null, asset),
    level: levelFor(area, grid),
    dueAt: alert ? dueAt(alert.openedAt, alert.dispatch) : entry.to,
    from: entry.from,
    to: entry.to,
    desk: entry.desk,
    place: placeCode(area, grid),
    offset: entry.offset,
  }
}

/** The alert learns of its case, once; another case for it changes nothing. */
async function link(tables: Tables, entry: CaseEntry, id: string | null): Promise<AlertRecord[]> {
  const alert = id === null ? undefined : await tables.alerts.find(id)
  if (!alert || alert.case !== null) return []
  const linked = { ...alert, case: entry.id }
  await tables.alerts.save(linked)
  await tables.alerts.addLine(alert.id, { at: entry.receivedAt, by: entry.by, what: 'dispatched', note: entry.note === '' ? entry.id : `${entry.id}: ${entry.note}` })
  return [linked]
}

async function alertsChanged(tables: Tables, alerts: readonly AlertRecord[], entry: CaseEntry): Promise<Change[]> {
  const { id, at } = causeOf(entry)
  const changes: Change[] = []
  for (const [index, alert] of alerts.entries()) changes.push(await alertChanged(tables, alert, 'updated', { id: index === 0 ? id : `${id}-${alert.id}`, at }))
  return changes
}

async function move(tables: Tables, before: CaseRecord, entry: CaseEntry): Promise<Change[]> {
  const record: CaseRecord = { ...before, state: entry.state, open: isOpen(entry.state), desk: entry.desk ?? before.desk }
  await tables.cases.save(record)
  await addMove(tables, entry, before.state)
  const change = await caseChanged(tables, record, causeOf(entry))
  if (!closesAlerts(record.state) || closesAlerts(before.state)) return [change]
  const alerts: AlertRecord[] = []
  for (const id of (await tables.cases.alerts([record])).get(record.id) ?? []) {
    const alert = await tables.alerts.find(id)
    if (alert?.case === record.id) alerts.push(alert)
  }
  return [change, ...(await alertsChanged(tables, alerts, entry))]
}

async function addMove(tables: Tables, entry: CaseEntry, from: CaseState | null): Promise<void> {
  const { offset, receivedAt: at, by, state: to, note, photos } = entry
  await tables.cases.addMove(entry.id, { offset, at, by, from, to, note, photos })
}

function causeOf(entry: CaseEntry): Cause {
  return { id: `e${entry.offset}`, at: entry.receivedAt }
}
